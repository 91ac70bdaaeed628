"""Upload one file from disk to a server in another process: MB/s, and growth of resident memory."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from .side_by_side import fresh, need, server, table
from .transfer import DOWNLOADS, UPLOADS

_MIB = 2**20


def main(arguments: list[str], *, what: str = "upload") -> None:
    """Measure and print.

    Args:
        arguments: the command line arguments.
        what: `upload` or `download`.
    """
    need("hubspot", "hubspot_sdk", "psutil")
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks {what}", description=__doc__)
    parser.add_argument("--mib", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(arguments)
    contenders = UPLOADS if what == "upload" else DOWNLOADS
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    growth: dict[str, list[int]] = {name: [] for name in contenders}
    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder) / "large"
        _fill(large, options.mib)
        path = large if what == "upload" else Path(folder) / "copy"
        with server("bulk", "--large", str(large)) as url:
            for _ in range(options.rounds):
                for name in contenders:
                    measured = fresh(["-m", "benchmarks.transfer", what, name, url, str(path)])
                    seconds[name].append(measured["seconds"])
                    growth[name].append(measured["growth"])
                    if what == "download":
                        assert path.stat().st_size == options.mib * _MIB, f"{name} wrote another size"
                        path.unlink()
    speed = {name: options.mib * _MIB / 1e6 / min(times) for name, times in seconds.items()}
    rows = {
        name: (
            f"{speed[name]:.0f}",
            f"{min(growth[name]) / _MIB:.1f} to {max(growth[name]) / _MIB:.1f}",
            *(f"{speed[name] / speed[peer]:.2f}" for peer in contenders if not peer.startswith("ours")),
        )
        for name in contenders
    }
    peers = tuple(f"of {peer}" for peer in contenders if not peer.startswith("ours"))
    title = f"{what} of {options.mib} MiB, best of {options.rounds} rounds, each in a fresh process"
    table(title, ("MB/s", "memory MiB", *peers), rows)


def _fill(path: Path, mib: int) -> None:
    with path.open("wb") as stream:
        for number in range(mib):
            stream.write(bytes([number % 251]) * _MIB)
