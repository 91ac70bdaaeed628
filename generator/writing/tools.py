"""Checks the versions of the pinned tools, and runs them in isolation from the environment."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ..errors import PipelineError
from ..layout import INSTALL, PINS

_PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[A-Za-z0-9.]+)")
# The failures of a disk, which tools report in their own words, with the system's in them.
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]+")


def pins(requirements: Path = PINS) -> dict[str, str]:
    """Return the exact version of each tool that `requirements` names."""
    lines = requirements.read_text(encoding="utf-8").splitlines()
    found = (_PIN.fullmatch(line.strip()) for line in lines)
    return {match["name"]: match["version"] for match in found if match}


def check(expected: Mapping[str, str]) -> None:
    """Make sure that every tool is installed at its pinned version.

    Raises:
        PipelineError: A tool is missing or has another version.
    """
    lines = []
    for name, wanted in expected.items():
        try:
            installed = version(name)
        except PackageNotFoundError:
            lines.append(f"{name} is not installed, {wanted} is needed")
            continue
        if installed != wanted:
            lines.append(f"{name} is {installed}, {wanted} is needed")
    if lines:
        raise PipelineError(f"The tools are not the pinned ones. Install them with: {INSTALL}", lines)


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a Python tool of this environment in the folder `cwd` and capture its output.

    Variables that configure Python, ruff or mypy are not passed on, so that two machines get the same result. The
    hash seed is, because the result must not depend on it.

    Raises:
        OSError: The tool failed because the disk is full or read-only.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        if name == "PYTHONHASHSEED" or not name.startswith(("PYTHON", "RUFF", "MYPY", "FORCE_COLOR"))
    }
    environment |= {"NO_COLOR": "1", "TERM": "dumb", "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-P", "-s", *arguments]
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    for code in _DISK:
        if done.returncode and os.strerror(code) in f"{done.stderr}{done.stdout}":
            raise OSError(code, os.strerror(code), str(cwd))
    return done


def output_lines(text: str) -> list[str]:
    """Return the lines of a tool's output, without blank ones and without addresses of objects."""
    return [_ADDRESS.sub("at an address", line.rstrip()) for line in text.splitlines() if line.strip()]
