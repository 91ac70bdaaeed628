"""Size of the built wheel, and of its largest parts."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from pathlib import Path

from .side_by_side import ROOT, table


def main(arguments: list[str]) -> None:
    """Build, measure and print."""
    argparse.ArgumentParser(prog="python -m benchmarks wheel", description=__doc__).parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, str(ROOT)]
        subprocess.run(command, check=True)
        [wheel] = Path(folder).glob("*.whl")
        size = wheel.stat().st_size
        parts: Counter[str] = Counter()
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.infolist():
                top, _, rest = member.filename.partition("/")
                parts[f"{top}/{rest.partition('/')[0]}" if "/" in rest else top] += member.compress_size
    rows = {name: (f"{packed / 1000:.1f}",) for name, packed in parts.most_common()}
    table(f"wheel: {size / 1000:.1f} kB", ("kB packed",), rows)
