"""The parts of transfers: patterns, names of systems, and what is left to a type checker."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hubspot_files.transfers.globs import Globs
from hubspot_files.transfers.local_tree import folds_case


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("*.png", ["a.png", "x/y/a.png"], ["a.png.txt", "apng"]),
        ("/*.png", ["a.png"], ["x/a.png"]),
        ("x/*.png", ["x/a.png"], ["a.png", "x/y/a.png", "y/x/a.png"]),
        ("**/x/*", ["x/a", "y/x/a", "x/y/b"], ["a"]),
        ("x/**", ["x/a", "x/y/b"], ["a", "y/x/b"]),
        ("x/**/z", ["x/z", "x/y/z", "x/y/y/z"], ["xz", "y/z"]),
        ("x", ["x", "x/a", "y/x/b"], ["xx", "a"]),
        ("x/", ["x/a", "y/x/b"], ["x", "y/x"]),
        ("?.t", ["a.t"], ["ab.t", ".t"]),
        ("[ab]c", ["ac", "bc"], ["cc", "abc"]),
        ("[!ab]c", ["cc"], ["ac", "c", "x/ac"]),
        ("[a-c]", ["b"], ["d"]),
        ("a[", ["a["], ["a"]),
        ("a.b", ["a.b"], ["axb", "A.B"]),
        ("e\u0301", ["\u00e9", "e\u0301"], ["e"]),
    ],
)
def test_patterns(pattern: str, matching: list[str], others: list[str]) -> None:
    include, exclude = Globs([pattern], ()), Globs((), [pattern])

    def left_out(path: str) -> bool:
        parents = ["/".join(path.split("/")[:count]) for count in range(1, path.count("/") + 1)]
        return not all(map(exclude.takes_folder, parents)) or not exclude.selects_file(path)

    for path in matching:
        assert include.selects_file(path), path
        assert left_out(path), path
    for path in others:
        assert not include.selects_file(path), path
        assert not left_out(path), path


def test_without_patterns_all_is_selected() -> None:
    everything = Globs((), ())
    assert everything.selects_file("a/b")
    assert everything.takes_folder("a")
    assert everything.selects_folder("a")


def test_a_folder_is_selected_by_its_own_name() -> None:
    assert Globs(["a/"], ()).selects_folder("a")
    assert Globs(["a/"], ()).selects_folder("a/b")
    assert not Globs(["a/"], ()).selects_folder("b")


def test_a_directory_without_letters_tells_nothing_about_case(tmp_path: Path) -> None:
    assert not folds_case("/")
    if sys.platform == "linux":
        assert not folds_case(str(tmp_path / "A" / "1"))


@pytest.mark.parametrize(
    ("platform", "environment", "folder"),
    [
        ("linux", {"XDG_STATE_HOME": "/state"}, "/state"),
        ("linux", {"HOME": "/home/me"}, "/home/me/.local/state"),
        ("darwin", {"HOME": "/home/me"}, "/home/me/Library/Application Support"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local"),
        ("win32", {"HOME": "/home/me"}, "/home/me/AppData/Local"),
        ("linux", {"HUBSPOT_FILES_STATE": "/chosen/hubspot-files", "HOME": "/home/me"}, "/chosen"),
    ],
)
def test_the_folder_of_journals(
    monkeypatch: pytest.MonkeyPatch, platform: str, environment: dict[str, str], folder: str
) -> None:
    from hubspot_files.transfers.journal import journal_path

    for name in ("HUBSPOT_FILES_STATE", "XDG_STATE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert str(journal_path(None, "identity").parent) == f"{folder}/hubspot-files/journals"
