"""Where tests keep for a moment what they make: databases, keys, whole installations."""

import shutil
from pathlib import Path


def roomy() -> Path:
    """Memory where there is enough: a disk takes seconds to copy and drop a database, and to make sure of a key."""
    memory, room = Path("/dev/shm"), 4 * 2**30
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > room else Path("/tmp")
