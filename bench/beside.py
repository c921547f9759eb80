"""The same rows in DuckDB, and how long anybody takes over a question."""

import gc
import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import duckdb
from sqlalchemy import Engine


def drawn_id(what: str) -> UUID:
    """The id that drawn facts have for this."""
    return UUID(hashlib.md5(what.encode()).hexdigest())


def took(ask: Callable[[], object], times: int) -> list[float]:
    """Milliseconds."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        found.append((time.perf_counter() - began) * 1000)
    return found


def p95(ask: Callable[[], object], times: int) -> float:
    """Milliseconds."""
    gc.freeze()  # what the benchmark itself keeps is not looked through for garbage of what is asked
    return sorted(took(ask, times))[int(times * 0.95) - 1]


def copied(engine: Engine, at: Path, tables: dict[str, str]) -> duckdb.DuckDBPyConnection:
    """The rows of each query of `tables` in a file of DuckDB; what is there already is not copied again."""
    other = duckdb.connect(str(at))
    there = {row[0] for row in other.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    for table in tables.keys() - there:
        rows = at.with_suffix(f".{table}.csv")
        _write(engine, tables[table], rows)
        other.execute(f"CREATE TABLE {table} AS SELECT * FROM read_csv('{rows}', header = true)")
        rows.unlink()
    return other


def _write(engine: Engine, query: str, to: Path) -> None:
    raw = engine.raw_connection()
    try:
        copying = raw.cursor().copy(f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)")
        with to.open("wb") as file, copying as blocks:
            for block in blocks:
                file.write(block)
    finally:
        raw.close()
