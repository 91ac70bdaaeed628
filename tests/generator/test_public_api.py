"""The report of public names for the changelog, read from two versions without importing either."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from generator.errors import PipelineError
from generator.layout import CHECKOUT, Layout
from generator.writing import public_api
from generator.writing.public_api import Difference, difference

CLIENT = """
from hubspot_files_api.models.thing import Thing
class Operations:
    def get(self, thing_id: str, *, timeout: float | None = None) -> Thing: ...
    def _hidden(self) -> None: ...
class Things(Operations):
    pass
class Client:
    things: Things = make()
    def __init__(self, token: str) -> None:
        raise SystemExit("nothing here may run")
    @staticmethod
    def of(name: str) -> Client: ...
class Internal:
    def anything(self) -> None: ...
raise SystemExit("nothing here may run")
"""
EXPORTS = """
from hubspot_files_api.models.thing import Thing
from ._client import Client
__all__ = ["Client", "Thing"]
"""
MODEL = """
from enum import StrEnum
class Color(StrEnum):
    RED = "RED"
class Thing:
    id: str
    size: int | None = None
"""
OPERATION = """
def _get_kwargs(name: str): ...
def sync(*, client: Client, name: str | None = None) -> Thing | None: ...
def sync_detailed(*, client: Client, name: str | None = None) -> Response[Thing]: ...
async def asyncio(*, client: Client, name: str | None = None) -> Thing | None: ...
"""
FILES = {
    "hand_written/hubspot_files/__init__.py": EXPORTS,
    "hand_written/hubspot_files/_client.py": CLIENT,
    "generated_client/hubspot_files_api/__init__.py": "",
    "generated_client/hubspot_files_api/api/__init__.py": "",
    "generated_client/hubspot_files_api/api/things.py": OPERATION,
    "generated_client/hubspot_files_api/models/__init__.py": "",
    "generated_client/hubspot_files_api/models/thing.py": MODEL,
}


def written(root: Path, *changes: tuple[str, str]) -> Path:
    """Write both packages, with each old text replaced by the new one wherever it stands."""
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        for old, new in changes:
            text = text.replace(old, new)
        path.write_text(text)
    return root


CHANGES: dict[str, tuple[list[tuple[str, str]], Difference]] = {
    "nothing": ([], Difference((), (), ())),
    "private": (
        [("_hidden(self)", "_hidden(self, more)"), ("anything", "something"), ("_get_kwargs(name", "_get_kwargs(n")],
        Difference((), (), ()),
    ),
    "optional parameter": (
        [("timeout: float | None = None", "timeout: float | None = None, raw: bool = False")],
        Difference((), ("`hubspot_files.Things.get(raw: bool = False)`",), ()),
    ),
    "required parameter": (
        [("thing_id: str, ", "thing_id: str, kind: str, ")],
        Difference(
            ("`hubspot_files.Things.get`: parameter was added as required: `kind`",),
            ("`hubspot_files.Things.get(kind: str)`",),
            (),
        ),
    ),
    "parameter of the constructor": (
        [("__init__(self, token: str)", "__init__(self, token: str, *, url: str = '')")],
        Difference((), ("`hubspot_files.Client.__init__(url: str = '')`",), ()),
    ),
    "type of a parameter": (
        [("thing_id: str", "thing_id: str | int"), ("of(name: str)", "of(name: int)")],
        Difference(
            (),
            (),
            (
                "`hubspot_files.Client.of(name: str)` is now `hubspot_files.Client.of(name: int)`",
                "`hubspot_files.Things.get(thing_id: str)` is now `hubspot_files.Things.get(thing_id: str | int)`",
            ),
        ),
    ),
    "export": (
        [
            ('"Client", "Thing"', '"Client", "Color", "Thing"'),
            ("import Thing\nfrom ._client", "import Color, Thing\nfrom ._client"),
        ],
        Difference((), ("`hubspot_files.Color`",), ()),
    ),
    "no export": (
        [('"Client", "Thing"', '"Client"')],
        Difference(("`hubspot_files.Thing` is gone",), (), ()),
    ),
    "operation": (
        [
            (
                "def sync_detailed(*, client: Client, name: str | None = None)",
                "def sync_detailed(*, client: Client, names: str | None = None)",
            )
        ],
        Difference(
            ("`hubspot_files_api.api.things.sync_detailed`: parameter was removed: `name`",),
            ("`hubspot_files_api.api.things.sync_detailed(names: str | None = None)`",),
            (),
        ),
    ),
    "property and value": (
        [('RED = "RED"', 'RED = "RED"\n    BLUE = "BLUE"'), ("id: str\n", "id: str\n    name: str | None = None\n")],
        Difference(
            (),
            (
                "`hubspot_files_api.models.Color.BLUE = 'BLUE'`",
                "`hubspot_files_api.models.Thing.name: str | None`",
            ),
            (),
        ),
    ),
    "type of a property": (
        [("size: int | None", "size: float | None")],
        Difference(
            (),
            (),
            (
                "`hubspot_files_api.models.Thing.size: int | None` is now"
                " `hubspot_files_api.models.Thing.size: float | None`",
            ),
        ),
    ),
}


@pytest.mark.parametrize(("changes", "expected"), CHANGES.values(), ids=CHANGES)
def test_public_names_are_compared(tmp_path: Path, changes: list[tuple[str, str]], expected: Difference) -> None:
    assert difference(written(tmp_path / "old"), written(tmp_path / "new", *changes)) == expected


def test_a_removed_name_is_breaking(tmp_path: Path) -> None:
    found = difference(
        written(tmp_path / "old"), written(tmp_path / "new", ("size: int | None = None", ""), ('RED = "RED"', "pass"))
    )
    assert len(found.breaking) == 2
    assert all("Thing.size" in line or "Color.RED" in line for line in found.breaking)
    assert found.added == found.changed == ()


def git(root: Path, *arguments: str) -> None:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True)


def test_the_last_release_is_the_newest_tag(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = written(tmp_path / "checkout")
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "First")
    output: list[str] = []
    assert public_api.run(None, Layout(root), echo=output.append) == 0
    assert output == ["There is no release to compare with yet: no tag is called like v1.2.0. Name one with --against."]

    git(root, "tag", "v0.9.0")
    written(root, ("thing_id", "id"))
    git(root, "commit", "--quiet", "--all", "-m", "Second")
    git(root, "tag", "v0.10.0")
    git(root, "tag", "v0.11.0rc1")
    git(root, "tag", "vanilla")
    output.clear()
    assert public_api.run(None, Layout(root), echo=output.append) == 0
    assert output == ["# Public names since v0.10.0", "\nNo public name has changed."]

    output.clear()
    assert public_api.run("v0.9.0", Layout(root), echo=output.append) == 1
    assert output == [
        "# Public names since v0.9.0",
        "\n## Breaking\n",
        "- `hubspot_files.Things.get`: parameter was added as required: `id`",
        "- `hubspot_files.Things.get`: parameter was removed: `thing_id`",
        "\n## Added\n",
        "- `hubspot_files.Things.get(id: str)`",
    ]
    assert public_api.run("v0.8.0", Layout(root)) == 2
    assert "'v0.8.0' is neither a folder nor a commit with both packages:" in capsys.readouterr().err
    assert public_api.run("--output=x", Layout(root)) == 2
    assert public_api.run(str(tmp_path), Layout(root)) == 2
    assert "does not hold both packages" in capsys.readouterr().err


def test_a_folder_without_git_has_no_releases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(PipelineError, match="git cannot list the releases"):
        public_api.last_release(tmp_path)


def test_our_own_names_are_all_there() -> None:
    """Every export, each operation as it is called, and what the generated client offers."""
    names = public_api._Names(CHECKOUT.root).texts
    for name in (
        "HubSpotFiles.with_options",
        "Files.upload",
        "AsyncFiles.upload(overwrite)",
        "SignedUrl.url",
        "Access",
    ):
        assert f"hubspot_files.{name}" in names
