"""Names of downloaded files: HubSpot's names made safe for every system, and numbered names."""

from __future__ import annotations

import os
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hubspot_files_api import models


PARTIAL_PREFIX = ".hubspot-files-"
"""Prefix of the names of partial files. A complete file never gets such a name from HubSpot."""
MAX_NAME_BYTES = 255
# A name that is too long is cut before its extension. A longer extension counts as part of the name.
_MAX_EXTENSION_BYTES = 31
# See https://learn.microsoft.com/windows/win32/fileio/naming-a-file and ntpath.isreserved. Windows treats ¹, ² and ³ as
# digits. The names are also reserved with an extension, and with spaces before it.
_RESERVED = frozenset(
    [
        "CON",
        "PRN",
        "AUX",
        "NUL",
        "CONIN$",
        "CONOUT$",
        *(f"{port}{n}" for port in ("COM", "LPT") for n in "0123456789¹²³"),
    ]
)


def safe_name(file: models.File) -> str:
    """Return HubSpot's name of a file as a single path segment that is valid on every system."""
    name = str(file.name or "")
    extension = str(file.extension or "")
    if not name:
        name = str(file.path or "").rpartition("/")[2]
    elif extension and not name.lower().endswith(f".{extension.lower()}"):
        name = f"{name}.{extension}"
    return safe_segment(name, f"file-{file.id}")


def safe_segment(name: str, fallback: str) -> str:
    """Return a name as a single path segment that is valid on every system, or the fallback if nothing is left."""
    return _safe(name) or _safe(fallback)


def _safe(name: str) -> str:
    kept = "".join(
        "_" if character in '/\\:*?"<>|' else character
        for character in name
        # Remove control characters, characters that change the reading direction, and those that cannot be encoded.
        if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
    )
    # macOS decomposes names, keyboards compose them. Names that look equal must be equal.
    kept = _unreserved(unicodedata.normalize("NFC", kept).strip().rstrip(". "))
    if len(kept.encode()) <= MAX_NAME_BYTES:
        return kept
    stem, dot, extension = kept.rpartition(".")
    if not stem or len(extension.encode()) > _MAX_EXTENSION_BYTES:
        stem, dot, extension = kept, "", ""
    # Cutting can turn a name into a reserved one.
    return _unreserved(_cut(stem, dot + extension).rstrip(". ") + dot + extension)


def _unreserved(name: str) -> str:
    reserved = name.partition(".")[0].rstrip(" ").upper() in _RESERVED
    return f"_{name}" if reserved or name.lower().startswith(PARTIAL_PREFIX) else name


def numbered(name: str, number: int) -> str:
    """Return a name with a number before its extension, such as `invoice (1).pdf` or `backup (1).tar.gz`.

    Args:
        name: the name that is taken, in any form that the file system allows.
        number: 1 or more.
    """
    stem, extension = os.path.splitext(name)
    inner, dot_tar = os.path.splitext(stem)
    if dot_tar.lower() == ".tar":
        stem, extension = inner, dot_tar + extension
    if len(os.fsencode(extension)) > 2 * _MAX_EXTENSION_BYTES:
        stem, extension = name, ""
    tail = f" ({number}){extension}"
    return _cut(stem, tail) + tail


def _cut(stem: str, tail: str) -> str:
    """Return the start of a name, cut to leave room for its tail."""
    while len(os.fsencode(stem + tail)) > MAX_NAME_BYTES:
        stem = stem[:-1]
    return stem
