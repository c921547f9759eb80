"""Everything held about a person as files: a PDF to read, and an archive with what was uploaded."""

from gateway.export.archive import archive
from gateway.export.pdf import document
from gateway.route import Format

FORMATS = {
    "pdf": Format("application/pdf", "client.pdf", document),
    "zip": Format("application/zip", "client.zip", archive, needs=("clients.read", "client_files.read")),
}

__all__ = ["FORMATS"]
