"""The written tree: what is in it, how two differ, and how a new one takes the place of the old."""

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


@dataclass(frozen=True)
class Difference:
    """How the files that should be there differ from those that are."""

    missing: tuple[str, ...]
    stale: tuple[str, ...]
    extra: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.stale or self.extra)


def contents(folder: Path) -> dict[str, bytes]:
    """Return what the pipeline owns below `folder`, the package's files and the lock, by relative name.

    Compiled modules are left out: whoever imports the package makes them.
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
    """Write the lock of the package in `folder`: what it was made from and the digest of each file."""
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in contents(folder).items() if name != LOCK}
    text = json.dumps({**inputs, "files": digests}, indent=2, sort_keys=True) + "\n"
    (folder / LOCK).write_text(text, encoding="utf-8", newline="\n")


def swap(new: Path, target: Path) -> None:
    """Put the package and the lock from `new` in the place of those in `target`.

    Both folders have to be on one file system. Whatever fails, the old tree is back where it was before the
    error goes on.
    """
    package, lock = target / PACKAGE, target / LOCK
    # Beside the target and not in `new`, which its owner empties even when the old package could not be
    # moved back.
    aside = target / f".{PACKAGE}.replaced"
    if aside.exists():
        shutil.rmtree(aside)
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
