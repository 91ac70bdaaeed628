"""The sdist holds what git tracks and nothing else of a checkout, and its wheel is that of the checkout."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What a checkout holds when somebody works in it.
DIRT = [
    ".venv/pyvenv.cfg",
    ".venv-generator/lib/python3.11/site-packages/six.py",
    "venv/lib/python3.11/site-packages/six.py",
    ".nox/tests-3-11/pyvenv.cfg",
    ".tox/py311/pyvenv.cfg",
    ".coverage",
    ".coverage.host.1.X",
    ".env",
    ".hypothesis/examples/a",
    ".idea/workspace.xml",
    ".mypy_cache/a.json",
    ".pytest_cache/README.md",
    ".ruff_cache/a",
    "benchmarks/results/2026-12-01-120000.json",
    "build/lib/hubspot_files/__init__.py",
    "dist/hubspot_files-0.0.1.tar.gz",
    "generated_client/.regenerate-x/hubspot_files_api/__init__.py",
    "generated_client/hubspot_files_api/__pycache__/client.cpython-311.pyc",
    "hand_written/hubspot_files.egg-info/PKG-INFO",
    "hand_written/hubspot_files/__pycache__/_client.cpython-311.pyc",
    "hand_written/hubspot_files/.mypy_cache/a.json",
    "notes.txt",
    "tests/.hypothesis/unicode_data/a",
    "tests/__pycache__/conftest.cpython-311.pyc",
    "tests/generator/.coverage.host.2.Y",
]


def build(folder: Path, target: str, out: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(out)]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    [path] = out.glob("*.whl" if target == "wheel" else "*.tar.gz")
    return path


def test_it_holds_what_git_tracks(tmp_path: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("only a checkout knows what is tracked")
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    tracked = {name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()}
    # Below a folder that .gitignore names, hatchling does not read that file.
    dirty = tmp_path / "build" / "dirty"
    for name in tracked:
        (dirty / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, dirty / name)
    for name in DIRT:
        (dirty / name).parent.mkdir(parents=True, exist_ok=True)
        (dirty / name).touch()
    with tarfile.open(build(dirty, "sdist", tmp_path / "sdist")) as archive:
        names = {member.name.partition("/")[2] for member in archive if not member.isdir()}
        archive.extractall(tmp_path, filter="data")
    # An entry of the checkout that is missing has to be named in `only-include` of pyproject.toml.
    assert names == tracked | {"PKG-INFO"}

    [unpacked] = tmp_path.glob("hubspot_files-*")
    wheel = build(unpacked, "wheel", tmp_path / "of the sdist")
    assert wheel.read_bytes() == build(dirty, "wheel", tmp_path / "of the checkout").read_bytes()
