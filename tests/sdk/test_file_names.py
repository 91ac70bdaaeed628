"""File names of downloads: any name from HubSpot becomes one path segment that is valid on every system."""

from __future__ import annotations

import ntpath
import os
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hubspot_files._content.file_names import numbered, safe_name
from hubspot_files_api.models import File

from .support import FILE

# Dangerous characters are drawn often, and surrogates as well, since JSON can hold them.
PARTS = st.one_of(
    st.sampled_from(
        [*'/\\:*?"<>|. \t\0$~-', "..", "CON", "con", "aux ", "COM¹", "lpt9", "CONIN$", "\u0301", "e", "가"]
    ),
    st.text(st.characters(), max_size=5),
    st.sampled_from([" " * 260, "." * 260, "n" * 250, "\u00a0" * 130, "\N{CAT FACE}" * 70, ".hubspot-files-"]),
)
TEXTS = st.none() | st.lists(PARTS, max_size=6).map("".join)


def named(**fields: Any) -> str:
    return safe_name(File.from_dict({**FILE, **fields}))


def is_reserved(name: str) -> bool:
    """Return what `ntpath.isreserved` of Python 3.13 returns."""
    if hasattr(ntpath, "isreserved"):
        return ntpath.isreserved(name)
    ports = {f"{port}{digit}" for port in ("COM", "LPT") for digit in "123456789¹²³"}
    return (
        name.endswith((".", " "))
        or any(character < " " or character in '"*:<>?|/\\' for character in name)
        or name.partition(".")[0].rstrip(" ").upper() in {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"} | ports
    )


def check(name: str) -> None:
    assert name not in ("", ".", "..")
    assert os.path.basename(name) == ntpath.basename(name) == name
    assert not is_reserved(name)
    assert len(name.encode()) <= 255
    assert unicodedata.is_normalized("NFC", name)
    assert not name.lower().startswith(".hubspot-files-")


@pytest.mark.promise("A complete download never gets such a name from HubSpot.")
@given(name=TEXTS, extension=TEXTS, path=TEXTS, id=st.text(max_size=300))
@example(name="CON" + " " * 300 + "a", extension=None, path=None, id="1")
@example(name="CON" + " " * 300 + "a", extension="txt", path=None, id="1")
@example(name="CON" + "\u00a0" * 300 + "a", extension=None, path=None, id="1")
@example(name="." * 300, extension="e" * 40, path=None, id="1")
@example(name=None, extension=None, path="/a/..", id="../../etc/passwd")
@example(name=None, extension=None, path="", id="")
def test_every_name_is_one_safe_segment(name: str | None, extension: str | None, path: str | None, id: str) -> None:
    safe = named(name=name, extension=extension, path=path, id=id)
    check(safe)
    for number in (1, 10, 123_456):
        other = numbered(safe, number)
        check(other)
        assert other != safe


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        *(
            ({"name": port, "extension": "txt"}, f"_{port}.txt")
            for port in ("COM¹", "com²", "COM³", "LPT¹", "lpt²", "LPT³")
        ),
        ({"name": "COM0", "extension": None}, "_COM0"),
        ({"name": "conin$", "extension": None}, "_conin$"),
        ({"name": "CONOUT$", "extension": "tar.gz"}, "_CONOUT$.tar.gz"),
        ({"name": "CON  ", "extension": "txt"}, "_CON  .txt"),
        ({"name": "COM⁴", "extension": None}, "COM⁴"),
        ({"name": "e\u0301te\u0301", "extension": "txt"}, "\u00e9t\u00e9.txt"),
        ({"name": "e\N{ZERO WIDTH SPACE}\u0301", "extension": None}, "\u00e9"),
        ({"name": ".hubspot-files-0123456789abcdef", "extension": "part"}, "_.hubspot-files-0123456789abcdef.part"),
        ({"name": None, "path": None, "id": "../1"}, "file-.._1"),
        ({"name": 5, "extension": 7}, "5.7"),
    ],
)
def test_names(fields: dict[str, Any], name: str) -> None:
    assert named(**fields) == name


@pytest.mark.parametrize(
    ("name", "number", "other"),
    [
        ("invoice.pdf", 1, "invoice (1).pdf"),
        ("invoice.pdf", 12, "invoice (12).pdf"),
        ("backup.tar.gz", 1, "backup (1).tar.gz"),
        ("backup.TAR.zst", 1, "backup (1).TAR.zst"),
        ("report.v2.pdf", 1, "report.v2 (1).pdf"),
        (".tar.gz", 1, ".tar (1).gz"),
        ("README", 1, "README (1)"),
        (".bashrc", 1, ".bashrc (1)"),
        ("n" * 251 + ".pdf", 1, "n" * 247 + " (1).pdf"),
        ("\N{CAT FACE}" * 62 + ".png", 10, "\N{CAT FACE}" * 61 + " (10).png"),
        ("a." + "e" * 253, 1, "a." + "e" * 249 + " (1)"),
        (os.fsdecode(b"\xff.txt"), 1, os.fsdecode(b"\xff (1).txt")),
    ],
)
def test_numbers(name: str, number: int, other: str) -> None:
    assert numbered(name, number) == other
