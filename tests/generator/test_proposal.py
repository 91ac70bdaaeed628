"""The command that makes pull requests: what it edits, what waits, what it says, and what it refuses."""

from __future__ import annotations

import argparse
import datetime
import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from published_api import as_yaml
from small_api import REVISION, small_description

from generator import __main__, proposal
from generator.contracts import lockfile
from generator.errors import PipelineError
from generator.layout import Layout
from generator.upstream import reconcile
from generator.writing import regenerate, verify

Json = dict[str, Any]
NOW = datetime.datetime(2026, 3, 4, 5, 6, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
SEARCH = "/files/v3/things/search"


def added(document: Json) -> None:
    document["components"]["schemas"]["Thing"]["properties"]["weight"] = {"type": "integer"}


def broken(document: Json) -> None:
    document["paths"][SEARCH]["get"]["parameters"][0]["name"] = "title"


def reordered(document: Json) -> None:
    thing = document["components"]["schemas"]["Thing"]
    thing["properties"] = dict(reversed(thing["properties"].items()))


@pytest.fixture
def layout(checkout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """A checkout that follows the small description, with a regeneration that takes no time."""
    shutil.copytree(checkout.root, tmp_path / "checkout")
    layout = Layout(tmp_path / "checkout")
    layout.description.write_text(as_yaml(small_description()), encoding="utf-8")
    monkeypatch.setattr(regenerate, "run", lambda _layout, **_options: 0)
    return layout


def written(folder: Path, *edits: Callable[[Json], object], name: str = "v3.json") -> Path:
    """Write the small description after some changes, as HubSpot would publish it."""
    document = small_description()
    for edit in edits:
        edit(document)
    path = folder / name
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


class Result:
    """The exit status of a run, and the texts that it wrote."""

    def __init__(self, layout: Layout, *sources: object, previous: str | None = None, now: datetime.datetime = NOW):
        out = layout.root.parent / "out"
        arguments = [*map(str, sources), "--out", str(out)]
        if previous is not None:
            (layout.root.parent / "previous.md").write_text(previous, encoding="utf-8")
            arguments += ["--previous", str(layout.root.parent / "previous.md")]
        parser = argparse.ArgumentParser()
        proposal.add_command(parser.add_subparsers())
        self.output: list[str] = []
        options = parser.parse_args(["propose", *arguments])
        self.status = proposal.run(options, layout, echo=self.output.append, now=now)
        self.texts = {path.name: path.read_text(encoding="utf-8") for path in out.glob("*")} if out.exists() else {}
        self.request = self.texts.get(proposal.PULL_REQUEST, "")


def everything(layout: Layout) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in layout.root.rglob("*") if path.is_file()}


def test_what_is_locked_proposes_nothing(layout: Layout, tmp_path: Path) -> None:
    path = written(tmp_path)
    assert Result(layout, path).status == 0
    before = everything(layout)
    second = Result(layout, path)
    assert second.status == 0
    assert second.texts == {}
    assert second.output == ["Nothing to propose."]
    assert everything(layout) == before


def test_noise_locks_itself(layout: Layout, tmp_path: Path) -> None:
    result = Result(layout, written(tmp_path, reordered))
    assert result.status == 0
    assert "## v3: noise" in result.request
    assert "`reconcile` passes" in result.request
    locked = lockfile.read(layout.lock("v3"))
    assert locked.revision == "2026-03-04"
    # The next run from a fresh checkout proposes the same, whatever day it is.
    lock = layout.lock("v3").read_bytes()
    lockfile.write(layout.lock("v3"), lockfile.LockedContract(REVISION, "0" * 64, locked.contract))
    again = Result(layout, tmp_path / "v3.json", previous=result.request, now=NOW + 30 * HOUR)
    assert layout.lock("v3").read_bytes() == lock
    assert again.request.partition("\n")[2] == result.request.partition("\n")[2]


def test_an_addition_is_written_locked_regenerated_and_reconciled(
    checkout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the real commands, from the file to the text; only the verification of the client is left to its own tests."""
    monkeypatch.setattr(verify, "verify", lambda _package: None)
    shutil.copytree(checkout.root, tmp_path / "checkout")
    layout = Layout(tmp_path / "checkout")
    layout.description.write_text(as_yaml(small_description()), encoding="utf-8")
    result = Result(layout, written(tmp_path, added, name="v3-2026-02-03.json"))
    assert result.status == 0, capsys.readouterr().err
    assert "```text\n2 additive\n" in result.request
    assert "property `weight` is new" in result.request
    assert "Written into `files-v3.yaml`:" in result.request
    assert "by hand" not in result.request
    assert "It is regenerated, and `reconcile` passes." in result.request
    assert "weight" in (layout.target / "hubspot_files_api" / "models" / "thing.py").read_text()
    assert lockfile.read(layout.lock("v3")).revision == "2026-02-03"
    assert reconcile.run(layout) == 0


def test_a_breaking_change_waits_a_day(layout: Layout, tmp_path: Path) -> None:
    fresh = everything(layout)
    lock = layout.lock("v3").read_bytes()
    description = layout.description.read_bytes()

    def next_run(previous: Result, hours: float, *edits: Callable[[Json], object]) -> Result:
        layout.lock("v3").write_bytes(lock)
        layout.description.write_bytes(description)
        assert everything(layout) == fresh
        return Result(layout, written(tmp_path, *edits), previous=previous.request, now=NOW + hours * HOUR)

    first = Result(layout, written(tmp_path, broken, added))
    assert first.status == 0
    assert "**Waits until 2026-03-05 05:06 UTC.**" in first.request
    assert "  1. breaking" not in first.request
    assert "1. breaking: GET /files/v3/things/search: query parameter `name` is gone" in first.request
    # What is added is there already; the lock is not.
    assert b"weight" in layout.description.read_bytes()
    assert layout.lock("v3").read_bytes() == lock
    assert "`reconcile` fails as long as something waits." in first.request
    assert "add a divergence" not in first.request

    # A description in another order has the same breaking changes.
    second = next_run(first, 23.9, broken, added, reordered)
    assert "**Waits until 2026-03-05 05:06 UTC.**" in second.request
    third = next_run(second, 24, broken, added)
    assert "have stood since 2026-03-04 05:06 UTC. They are locked." in third.request
    assert layout.lock("v3").read_bytes() != lock
    assert "1. breaking" in third.request
    assert "`reconcile` fails until these are put right:" in third.request

    # Another breaking change waits from its own sight, and so does one that was taken back.
    def more(document: Json) -> None:
        document["paths"][SEARCH]["get"]["parameters"][1]["name"] = "maximum"

    assert "**Waits until 2026-03-06 05:06 UTC.**" in next_run(third, 24, broken, more).request
    back = next_run(first, 3, added)
    assert "Waits" not in back.request
    assert "**Waits until 2026-03-05 09:06 UTC.**" in next_run(back, 4, broken).request


def test_a_state_that_is_damaged_or_forged_starts_the_wait_anew(layout: Layout, tmp_path: Path) -> None:
    path = written(tmp_path, broken)
    first = Result(layout, path).request
    line, _, rest = first.partition("\n")
    old = line.replace("2026-03-04T05:06", "2026-03-01T05:06")
    # GitHub ends the lines of what was edited in its form with two characters.
    [seen] = proposal.read_state(f"{old}\r\n{rest}", NOW).values()
    assert (seen.revision, seen.since) == ("2026-03-04", datetime.datetime(2026, 3, 1, 5, 6, tzinfo=datetime.UTC))
    for state in (
        "",
        f"Looked at it.\n{old}",
        line.replace("2026-03-04T05:06", "2026-03-09T05:06"),
        old.replace("+00:00", ""),
        old.replace('"revision": "2026', '"revision": "x'),
        re.sub('"sha256": "[0-9a-f]{64}', '"sha256": "', old),
        re.sub(r"\{.*\}", "{]}", old),
        re.sub(r"\{.*\}", "{" * 5_000 + "}", old),
        re.sub(r"\{.*\}", '{"v3": []}', old),
        re.sub(r"\{.*\}", '{"v3": {"since": 5}}', old),
    ):
        assert proposal.read_state(state, NOW) == {}, state
    assert "They are locked" in Result(layout, path, previous=f"{old}\n{rest}").request


def test_a_version_without_a_lock_is_an_alarm(layout: Layout, tmp_path: Path) -> None:
    before = everything(layout)
    new = tmp_path / "new.json"
    new.write_text(written(tmp_path, added).read_text().replace("/files/v3/", "/files/2027-03/"))
    other = tmp_path / "other.json"
    other.write_text(written(tmp_path).read_text().replace("/files/v3/", "/files/2027-03/"))
    written(tmp_path, reordered)
    result = Result(layout, new, other)
    assert result.status == 0
    assert list(result.texts) == ["issue-2027-03.md"]
    text = result.texts["issue-2027-03.md"]
    assert "2027-03 is not followed yet. Compared with v3" in text
    assert "property `weight` is new" in text
    assert str(other) in text
    assert everything(layout) == before


def test_one_that_is_unusable_does_not_stop_the_others(
    layout: Layout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty.json"
    empty.touch()

    def half(document: Json) -> None:
        for path in list(document["paths"])[2:]:
            del document["paths"][path]

    def weird(document: Json) -> None:
        document["paths"] = {"/files/latest/things": document["paths"]["/files/v3/things"]}

    sources = {
        empty: "it is empty",
        tmp_path / "nothing.json": "No such file",
        "http://127.0.0.1:1/v3.json": "it cannot be fetched",
        written(tmp_path, half, name="half.json"): "v3 is incomplete: it has 2 operations",
        written(tmp_path, weird, name="weird.json"): "cannot be used",
        written(tmp_path, broken, name="twice.json"): "v3 is published twice, in different ways",
    }
    result = Result(layout, written(tmp_path, added), *sources)
    assert result.status == 2
    error = capsys.readouterr().err
    for source, reason in sources.items():
        assert re.search(f"{re.escape(str(source))}: .*{reason}", error)
        assert re.search(f"{re.escape(str(source))}: .*{reason}", result.request)
    assert "weight" in layout.description.read_text()
    alone = Result(layout, empty)
    assert alone.status == 2
    assert alone.texts == {}


def test_a_failed_regeneration_is_told(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_options: object) -> int:
        sys.stderr.write("It failed:\n  @everyone ```\n")
        return 1

    monkeypatch.setattr(regenerate, "run", fail)
    result = Result(layout, written(tmp_path, added))
    assert result.status == 0
    assert "`regenerate` stopped. Do what it says, and run it again:\n\n````text\nIt failed:" in result.request


HOSTILE = [
    "@octocat #1 <img src=x onerror=alert(1)> ![](https://example.com/x) [a](javascript:b)",
    "````\n# Approved\n```",
    "--> <!-- published {} -->\u202e\x1b[31m\u2028$(id) ${{ github.token }}",
    "~~~ " + "`" * 30,
]


def outside_of_blocks(text: str) -> str:
    """Return the Markdown of a text without its blocks, as CommonMark finds them."""
    kept, fence = [], ""
    for line in text.splitlines():
        if not fence:
            match = re.match("`{3,}", line)
            fence = match[0] if match else ""
            if not fence:
                kept.append(line)
        elif re.fullmatch(f"{fence}`* *", line):
            fence = ""
    assert not fence
    return "\n".join(kept)


def test_nothing_that_is_published_is_interpreted(layout: Layout, tmp_path: Path) -> None:
    def hostile(document: Json) -> None:
        thing = document["components"]["schemas"]["Thing"]
        thing["properties"] |= {text: {"type": "string"} for text in HOSTILE}
        document["components"]["schemas"]["Color"]["enum"] += HOSTILE
        document["paths"][SEARCH]["get"]["parameters"][0]["name"] = HOSTILE[1]
        document["paths"]["/files/v3/things/{thingId}"]["get"]["responses"][HOSTILE[0]] = {"description": ""}

    def hostile_without_a_status(document: Json) -> None:
        hostile(document)
        del document["paths"]["/files/v3/things/{thingId}"]["get"]["responses"][HOSTILE[0]]

    other = tmp_path / "other.json"
    other.write_text(written(tmp_path, hostile_without_a_status).read_text().replace("/files/v3/", "/files/2027-03/"))
    refused = written(tmp_path, hostile, name="refused.json")
    result = Result(layout, written(tmp_path, hostile_without_a_status), other, refused)
    assert result.status == 2
    assert "octocat" in result.request
    for text in result.texts.values():
        plain = outside_of_blocks(text.removeprefix(text.partition("\n")[0]) if text is result.request else text)
        for word in ("octocat", "<", "Approved", "javascript", "github.token", "published {"):
            assert word not in plain
        assert all(character == "\n" or character.isprintable() for character in text)
    state = proposal.read_state(result.request, NOW)
    assert list(state) == ["v3"]


def test_a_text_stays_below_the_limit_of_github(layout: Layout, tmp_path: Path) -> None:
    def many(document: Json) -> None:
        parameters = document["paths"][SEARCH]["get"]["parameters"]
        del parameters[0]
        parameters += [
            {"name": f"{'x' * 500}{number}", "in": "query", "required": True, "schema": {"type": "string"}}
            for number in range(300)
        ]

    request = Result(layout, written(tmp_path, many)).request
    assert len(request) <= 60_000
    assert "more lines, which the command prints" in request
    assert request.startswith("<!-- published ")
    text = proposal.Text()
    for number in range(2_000):
        text.add([f"line {number}"] * 50)
    with pytest.raises(PipelineError, match="too much to propose at once"):
        text.rendered()


def test_texts_of_an_earlier_run_are_removed(layout: Layout, tmp_path: Path) -> None:
    assert list(Result(layout, written(tmp_path, added)).texts) == ["pull-request.md"]
    (tmp_path / "out" / "issue-2025-03.md").touch()
    (tmp_path / "out" / "notes.md").touch()
    assert list(Result(layout, tmp_path / "v3.json").texts) == ["notes.md"]


def test_what_cannot_be_read_or_written_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, nothing = written(tmp_path), tmp_path / "nothing"
    assert __main__.main(["propose", str(path), "--out", str(tmp_path), "--previous", str(nothing)]) == 1
    assert "No such file" in capsys.readouterr().err
