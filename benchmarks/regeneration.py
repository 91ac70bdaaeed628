"""From the description to a generated, formatted and verified client: seconds. No file is changed."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import time

from .measurement import Measurement, compared
from .running import ROOT


def measure(*, rounds: int = 2) -> list[Measurement]:
    """Measure the pipeline.

    Raises:
        SystemExit: It is not installed here.
    """
    if importlib.util.find_spec("openapi_python_client") is None:
        raise SystemExit("the pipeline is not installed here: pip install -r generator/requirements.txt")
    seconds = []
    for _ in range(rounds):
        started_at = time.perf_counter()
        command = [sys.executable, "-m", "generator", "regenerate", "--check"]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        seconds.append(time.perf_counter() - started_at)
    return compared("regeneration", "regeneration of the client", "s", "less", {"hubspot-files": seconds})
