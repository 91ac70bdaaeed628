"""The requests and bytes that reading parts of large files takes."""

from __future__ import annotations

from typing import Any

import fsspec
import numpy
import pandas
import pyarrow
import pyarrow.parquet

from hubspot_files.testing import Emulator


def test_two_columns_cost_three_calls_and_their_bytes(served: Emulator) -> None:
    used = two_columns(served, columns=16, rows=100_000, groups=2)
    assert used["calls"] <= 3
    assert used["bytes"] <= 1.01 * used["size"] * 2 / 16 + 100_000


def two_columns(served: Emulator, *, columns: int, rows: int, groups: int) -> dict[str, Any]:
    """Store a Parquet file, read two of its columns, and return what that took."""
    random = numpy.random.default_rng(0)
    table = pyarrow.table({f"c{number}": random.random(rows) for number in range(columns)})
    fs: Any = fsspec.filesystem("hubspot")
    with fs.open("/large.parquet", "wb") as file:
        pyarrow.parquet.write_table(
            table, file, row_group_size=rows // groups, compression="none", use_dictionary=False
        )
    served.forget_requests()
    with fs.open("/large.parquet", cache_type="none") as file:
        frame = pandas.read_parquet(file, columns=["c1", "c5"])
    assert len(frame) == rows
    calls = [request.operation for request in served.requests if request.operation != "fetchContent"]
    fetched = [request for request in served.requests if request.operation == "fetchContent"]
    ranges = [request.headers["range"].removeprefix("bytes=").split("-") for request in fetched]
    return {
        "size": fs.size("/large.parquet"),
        "calls": len(calls),
        "ranges": len(ranges),
        "bytes": sum(int(end) - int(start) + 1 for start, end in ranges),
    }
