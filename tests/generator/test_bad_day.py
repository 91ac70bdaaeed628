"""A full or read-only disk, killed runs and hostile texts: one line says what to do, and nothing is half written."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from published_api import as_yaml, changed, published, query, schema, search
from small_api import small_description, write_description
from test_apply import checkout, shared_access
from test_upstream_command import run, written

from generator import __main__, saving
from generator.contracts import lockfile
from generator.contracts.extraction import contract
from generator.contracts.lockfile import LockedContract
from generator.descriptions import checks, description
from generator.errors import PipelineError, complain, printable, say
from generator.layout import HERE, PACKAGE, Layout
from generator.upstream import locations
from generator.upstream.apply import apply
from generator.writing import output_tree, regenerate, tools

FULL, READ_ONLY = errno.ENOSPC, errno.EROFS
ADVICE = {FULL: "No space left on device; free some space", READ_ONLY: "Read-only file system; make it writable"}


def failing(code: int) -> Callable[..., NoReturn]:
    def fail(*_arguments: object, **_options: object) -> NoReturn:
        raise OSError(code, os.strerror(code), "/checkout/file")

    return fail


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    [line] = capsys.readouterr().err.splitlines()
    return line


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return checkout(tmp_path / "checkout", published())


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    return written(tmp_path, changed(lambda d: schema(d, "File")["properties"].update(md5={"type": "string"})))


@pytest.mark.parametrize("code", [FULL, READ_ONLY])
@pytest.mark.parametrize("option", ["--accept", "--apply"])
def test_upstream_leaves_the_old_file(
    layout: Layout,
    newer: Path,
    code: int,
    option: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = (layout.lock("v3"), layout.description)
    before = [path.read_bytes() for path in files]
    monkeypatch.setattr(os, "fsync", failing(code))
    assert run(layout, newer, option)[0] == 1
    assert ADVICE[code] in one_line(capsys)
    assert [path.read_bytes() for path in files] == before
    assert not list(layout.root.rglob(".*.new"))


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("code", [FULL, READ_ONLY])
def test_regenerate_says_it_in_one_line(
    tmp_path: Path, check: bool, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    layout = write_description(tmp_path, small_description())
    monkeypatch.setattr(tempfile, "mkdtemp", failing(code))
    assert regenerate.run(layout, check=check) == 1
    assert one_line(capsys).startswith(f"/checkout/file: {ADVICE[code]}")


def test_a_failure_of_writing_names_what_was_written(
    layout: Layout, newer: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_descriptor: int) -> NoReturn:
        raise OSError(FULL, os.strerror(FULL))

    monkeypatch.setattr(os, "fsync", fail)
    run(layout, newer, "--accept")
    assert one_line(capsys).startswith(f"{layout.lock('v3')}: {ADVICE[FULL]}")
    with pytest.raises(OSError, match=str(layout.root)), saving.workspace(layout.target, ".regenerate-"):
        fail(0)


def test_a_tool_that_meets_a_full_disk_is_no_fault_of_the_description(tmp_path: Path) -> None:
    script = "import os, sys; sys.exit('Traceback: ' + os.strerror(28))"
    with pytest.raises(OSError, match="No space left on device") as caught:
        tools.run("-c", script, cwd=tmp_path)
    assert caught.value.errno == FULL
    assert tools.run("-c", script.replace("28", "2"), cwd=tmp_path).returncode == 1


def test_output_that_cannot_be_written(tmp_path: Path) -> None:
    path = written(tmp_path, published())
    command = [sys.executable, "-m", "generator", "upstream", str(path), "--against", str(path)]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, cwd=HERE.parent, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["the output: No space left on device; free some space, and run it again"]


@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_accept_that_is_killed_leaves_the_old_lock(layout: Layout, newer: Path, moment: str) -> None:
    before = layout.lock("v3").read_bytes()
    child = os.fork()
    if child == 0:
        # Nothing of the tests' own process is to run in this one.
        setattr(os, moment, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        run(layout, newer, "--accept")
        os._exit(0)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    assert layout.lock("v3").read_bytes() == before
    assert sorted(lockfile.read_all(layout.locks)) == ["v3"]
    assert run(layout, newer, "--accept")[0] == 0
    assert lockfile.read(layout.lock("v3")).contract.operations
    assert os.listdir(layout.locks) == ["v3.json"]


def test_folders_of_killed_runs_are_removed(tmp_path: Path) -> None:
    left = tmp_path / ".regenerate-killed"
    (left / PACKAGE).mkdir(parents=True)
    (left / PACKAGE / "module.py").touch()
    with saving.workspace(tmp_path, ".regenerate-") as folder:
        assert os.listdir(tmp_path) == [folder.name]
    assert os.listdir(tmp_path) == []


def test_a_run_waits_for_another_and_leaves_its_folder_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    order: list[str] = []

    def second() -> None:
        with saving.workspace(tmp_path, ".regenerate-"):
            order.append("second")

    with saving.workspace(tmp_path, ".regenerate-") as folder:
        thread = threading.Thread(target=second)
        thread.start()
        deadline = time.monotonic() + 10
        # The line may be read in two parts.
        printed = ""
        while "waiting for its end" not in (printed := printed + capsys.readouterr().out):
            assert time.monotonic() < deadline
        assert folder.is_dir()
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
    assert os.listdir(tmp_path) == []


def test_a_package_that_was_moved_aside_is_put_back(tmp_path: Path) -> None:
    package, aside = tmp_path / PACKAGE, tmp_path / f".{PACKAGE}.replaced"
    aside.mkdir()
    output_tree.restore(tmp_path)
    assert os.listdir(tmp_path) == [PACKAGE]
    shutil.copytree(package, aside)
    output_tree.restore(tmp_path)
    assert os.listdir(tmp_path) == [PACKAGE]


ESCAPES = "\x1b[31m\x9b\u202e\x07\r"


def escaped(document: dict[str, Any]) -> None:
    """Put characters that a terminal acts upon into every kind of name and text."""
    query(document, "name")["name"] = f"name{ESCAPES}"
    schema(document, "File")["properties"][ESCAPES] = {"type": "string", "pattern": ESCAPES, "default": ESCAPES}
    schema(document, "FileUpdate")["properties"]["access"]["enum"].append(ESCAPES)
    document["components"]["schemas"][ESCAPES] = schema(document, "FileUpdate")
    schema(document, "File")["properties"]["held"] = {"$ref": f"#/components/schemas/{ESCAPES}"}
    search(document)["responses"]["299"] = {"description": ESCAPES, "headers": {ESCAPES: {}}, "content": {ESCAPES: {}}}
    search(document)["summary"] = search(document)["operationId"] = f"TODO {ESCAPES}"
    search(document)[ESCAPES] = ESCAPES
    document["servers"].append({"url": f"https://{ESCAPES}"})
    document["paths"][f"/files/v3/{ESCAPES}"] = {"get": {"summary": ESCAPES, "responses": {}}}


def test_nothing_raw_reaches_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = changed(escaped)
    layout = checkout(tmp_path / "checkout", published())
    new, old = written(tmp_path, hostile), written(tmp_path, published(), "old.json")
    for arguments in ([new, "--against", old], [old, "--against", new]):
        assert __main__.main(["upstream", *map(str, arguments)]) == 1
    layout.description.write_text(as_yaml(hostile))
    done, left = apply(layout, contract(published()))
    for line in (*done, *left):
        say(line)
    refused = {
        "reference": changed(lambda d: schema(d, "File")["properties"].update(a={"$ref": f"#/{ESCAPES}"})),
        "version": {"openapi": ESCAPES, "paths": {}},
        "swagger": {"swagger": ESCAPES},
        "status": changed(lambda d: search(d)["responses"].update({ESCAPES: {}})),
    }
    for document in refused.values():
        assert __main__.main(["upstream", str(written(tmp_path, document, "refused.json"))]) == 2
    with pytest.raises(PipelineError) as problem:
        checks.check(hostile, "files-v3.yaml")
    complain(problem.value)
    output = "".join(capsys.readouterr())
    assert "\\x1b[31m" in output
    assert not [mark for mark in output if mark != "\n" and not mark.isprintable()]
    assert len(printable("a" * 10_000)) < 3_000


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+$", "(a|a)*b", "((a|b))+", "((a?){100}){100}", "(a*)*", ".*.*.*.*=", "a" * 300, "(a", "a{99999999999}"],
)
def test_a_pattern_that_may_take_for_ever_is_refused(pattern: str) -> None:
    document = small_description()
    document["components"]["schemas"]["Thing"]["properties"]["note"] = {
        "type": "string",
        "pattern": pattern,
        "example": "a" * 40,
    }
    started = time.process_time()
    with pytest.raises(PipelineError, match="/components/schemas/Thing/properties/note/pattern: '"):
        checks.check(document, "files-v3.yaml")
    assert time.process_time() - started < 5


def test_patterns_that_take_no_time_are_kept() -> None:
    document = small_description()
    for number, pattern in enumerate((r"\d+", "^[a-z]+(-[a-z]+)?$", "(?:ab)+", "[(|)]+", r"\(+\)*", "(a{1,3})")):
        properties = document["components"]["schemas"]["Thing"]["properties"]
        properties[f"note{number}"] = {"type": "string", "pattern": pattern}
    checks.check(document, "files-v3.yaml")


def doubled(document: dict[str, Any], levels: int, keyword: str) -> None:
    """Have each of many schemas hold the next one several times."""
    schemas = document["components"]["schemas"]
    for number in range(levels):
        following = {"$ref": f"#/components/schemas/L{number + 1}"}
        held = {"type": "object", "properties": {"a": following, "b": following}}
        schemas[f"L{number}"] = {keyword: [following, held, {"title": "again", "maxProperties": number + 1, **held}]}
    schemas[f"L{levels}"] = {"type": "object", "properties": {"z": {"type": "string"}}}
    schemas["File"]["properties"]["deep"] = {"$ref": "#/components/schemas/L0"}


def test_schemas_that_double_are_bounded(layout: Layout) -> None:
    started = time.process_time()
    before = layout.description.read_bytes()
    done, [left] = apply(layout, contract(changed(lambda d: doubled(d, 30, "allOf"))))
    assert done == []
    assert "it holds more than 1,000 schemas, written out; give some of them names" in left
    assert layout.description.read_bytes() == before
    # Choices that have names are referred to.
    done, left_of_choices = apply(layout, contract(changed(lambda d: doubled(d, 30, "oneOf"))))
    assert (len(done), left_of_choices) == (1, [])
    assert time.process_time() - started < 30


def test_many_values_of_a_shared_schema_are_written_in_seconds(tmp_path: Path) -> None:
    layout = checkout(tmp_path, shared_access(published()))
    new = shared_access(published())
    schema(new, "Access")["enum"] += [f"VALUE_{number}" for number in range(200)]
    started = time.process_time()
    done, left = apply(layout, contract(new))
    assert (len(done), left) == (2, [])
    assert len(schema(description.read(layout.description), "Access")["enum"]) == 202
    assert time.process_time() - started < 10


def test_a_description_with_more_ways_than_can_be_followed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locations, "_MAX_USES", 500)
    ours = published()
    for number in range(30):
        following = {"$ref": f"#/components/schemas/L{number + 1}"}
        ours["components"]["schemas"][f"L{number}"] = {"type": "object", "properties": {"a": following, "b": following}}
    ours["components"]["schemas"]["L30"] = {"type": "string"}
    ours["components"]["schemas"]["File"]["properties"]["deep"] = {"$ref": "#/components/schemas/L0"}
    layout = Layout(tmp_path)
    layout.locks.mkdir(parents=True)
    layout.description.write_text(as_yaml(ours))
    layout.divergences.write_text('{"divergences": []}')
    lockfile.write(layout.lock("v3"), LockedContract("2026-01-02", "0" * 64, contract(ours)))
    with pytest.raises(PipelineError, match="more than 500 ways lead to its schemas"):
        apply(layout, contract(published()))
