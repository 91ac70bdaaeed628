"""Size of the built wheel."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from .measurement import Measurement, compared
from .running import ROOT


def measure() -> list[Measurement]:
    """Build the wheel. `nox -s wheel` logs the size of each part."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder]
        subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
        [wheel] = Path(folder).glob("*.whl")
        size = wheel.stat().st_size
    return compared("wheel", "the wheel", "kB", "less", {"hubspot-files": [size / 1000]})
