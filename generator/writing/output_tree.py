"""The files of the generated client: reading, comparing, locking and replacing them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..layout import LOCK, PACKAGE

# The name of the old package while it is replaced. It is beside the target and not in the folder of the run, which is
# emptied even when the old package could not be moved back.
_ASIDE = f".{PACKAGE}.replaced"


@dataclass(frozen=True)
class Difference:
    """The differences between the files that are wanted and those that are present."""

    missing: tuple[str, ...]
    stale: tuple[str, ...]
    extra: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.stale or self.extra)


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of the pipeline below `folder`, those of the package and the lock, by relative name.

    Compiled modules are left out, because every import writes them.
    """
    found: dict[str, bytes] = {}
    for parent, folders, names in os.walk(folder / PACKAGE):
        folders[:] = [name for name in folders if name != "__pycache__"]
        for name in names:
            path = Path(parent, name)
            found[path.relative_to(folder).as_posix()] = path.read_bytes()
    lock = folder / LOCK
    if lock.is_file():
        found[LOCK] = lock.read_bytes()
    return found


def difference(wanted: Mapping[str, bytes], present: Mapping[str, bytes]) -> Difference:
    """Compare two trees byte by byte."""
    return Difference(
        missing=tuple(sorted(wanted.keys() - present.keys())),
        stale=tuple(sorted(name for name in wanted.keys() & present.keys() if wanted[name] != present[name])),
        extra=tuple(sorted(present.keys() - wanted.keys())),
    )


def write_lock(folder: Path, inputs: Mapping[str, Any]) -> None:
    """Write the lock of the package in `folder`: its inputs and the digest of each file."""
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in contents(folder).items() if name != LOCK}
    text = json.dumps({**inputs, "files": digests}, indent=2, sort_keys=True) + "\n"
    (folder / LOCK).write_text(text, encoding="utf-8", newline="\n")


def restore(target: Path) -> None:
    """Put a package back that a killed run has moved aside, or remove it if the new one is in its place."""
    package, aside = target / PACKAGE, target / _ASIDE
    if aside.exists() and package.exists():
        shutil.rmtree(aside)
    elif aside.exists():
        aside.rename(package)


def swap(new: Path, target: Path) -> None:
    """Replace the package and the lock in `target` by those in `new`.

    Both folders have to be on one file system. After any failure, the old files are in their place again.
    """
    package, lock = target / PACKAGE, target / LOCK
    aside = target / _ASIDE
    restore(target)
    had_package = package.exists()
    if had_package:
        package.rename(aside)
    try:
        (new / PACKAGE).rename(package)
        try:
            os.replace(new / LOCK, lock)
        except BaseException:
            package.rename(new / PACKAGE)
            raise
    except BaseException:
        if had_package:
            aside.rename(package)
        raise
    if had_package:
        shutil.rmtree(aside)
