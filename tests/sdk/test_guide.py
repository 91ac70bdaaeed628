"""The guide, run from top to bottom on the served emulator in each version, with a check of each section's effect."""

from __future__ import annotations

import ast
import logging
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hubspot_files import InvalidGrantError, UnsupportedOperationError
from hubspot_files.testing import Emulator, serve
from hubspot_files_api.versions import DEFAULT, VERSIONS

GUIDE = Path(__file__).parents[2] / "docs/guide.md"
CAT = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x10\x00\x00\x00\x10\x08\x02\x00\x00\x00\x90\x91h6"
PDF = b"%PDF-1.7 a cat"


class Block(NamedTuple):
    """A block of Python: its heading, its first line in the guide, and its code."""

    section: str
    line: int
    code: str


def blocks(text: str) -> list[Block]:
    """Return the blocks of Python of a page."""
    found = []
    for match in re.finditer(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        section = re.findall(r"^## (.+)$", text[: match.start()], re.MULTILINE)[-1]
        found.append(Block(section, text.count("\n", 0, match.start(1)), match[1]))
    return found


@pytest.mark.versions(DEFAULT, reason="it names its versions itself")
@pytest.mark.parametrize("version", VERSIONS)
def test_the_guide(
    version: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Operations that a version lacks are refused, and done by the way that the error names. All else is the same."""
    monkeypatch.chdir(tmp_path)
    # caplog records what passes the logger's level, and restores it at the end; the guide lowers it.
    caplog.set_level(logging.DEBUG, logger="hubspot_files")
    logging.getLogger("hubspot_files").setLevel(logging.WARNING)
    Path("cat.png").write_bytes(CAT)
    Path("report.csv").write_bytes(b"name,age\ntom,3\n")
    Path("downloads").mkdir()
    for name in ("XDG_STATE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "state"))
    named: dict[str, Any] = {"__name__": "guide"}
    left = blocks(GUIDE.read_text(encoding="utf-8"))
    refused: list[str] = []

    def run(section: str) -> str:
        """Run the next section, and return its output."""
        assert left[0].section == section
        while left and left[0].section == section:
            block = left.pop(0)
            for statement in ast.increment_lineno(ast.parse(block.code), block.line).body:
                try:
                    exec(compile(ast.Module([statement], []), str(GUIDE), "exec", dont_inherit=True), named)
                except UnsupportedOperationError as error:
                    refused.append(error.operation)
                    other_way(named, error)
        return capsys.readouterr().out

    reading, writing = os.pipe()
    with open(writing, "wb") as pipe:
        pipe.write(b"piped")
    with open(reading, encoding="utf-8") as stdin, serve() as emulator:
        monkeypatch.setattr(sys, "stdin", stdin)
        monkeypatch.setenv("HUBSPOT_BASE_URL", emulator.base_url)
        monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", emulator.token)
        monkeypatch.setenv("HUBSPOT_API_VERSION", version)
        Path("token.txt").write_text(f"{emulator.token}\n", encoding="utf-8")
        emulator.publish_url("https://example.com/cat.pdf", PDF)
        app = emulator.add_oauth_app()
        monkeypatch.setenv("HUBSPOT_CLIENT_ID", app.client_id)
        monkeypatch.setenv("HUBSPOT_CLIENT_SECRET", app.client_secret)
        named["code"] = emulator.authorize(app.client_id)
        check(run, named, emulator, caplog)
        paths = {request.path.split("/")[2] for request in emulator.requests if request.path.startswith("/files/")}
    assert left == []
    assert paths == {version}
    # The guide downloads no sensitive content. It looks a folder task up only in a comment.
    assert {*refused} == VERSIONS[version].missing - {"downloadFile", "getFolderUpdateTask"}


def other_way(named: dict[str, Any], error: UnsupportedOperationError) -> None:
    """Do what the advice of an error says."""
    assert "folders.update renames or moves a folder without a task" in str(error)
    named["hubspot"].folders.update(named["archive"].id, name="attic")


def check(
    run: Callable[[str], str], named: dict[str, Any], emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    """Run each section, and check its effect."""

    def live(folder: str) -> dict[str, bytes | None]:
        return {
            file.path: file.content
            for file in emulator.files
            if file.state == "live" and file.path.rpartition("/")[0] == folder
        }

    out = run("Install and connect")
    assert live("/library") == {"/library/cat.png": CAT}
    assert "path='/library/cat.png'" in out
    settings = [named[name]._settings for name in ("hubspot", "patient", "hurried")]
    assert [(each.max_retries, each.deadline, each.pace) for each in settings] == [
        (6, None, False),
        (6, None, True),
        (1, 20, False),
    ]

    out = run("Upload")
    assert live("/library/cats") == {"/library/cats/cat.png": CAT, "/library/cats/note.txt": b"Feed the cat."}
    assert live("/reports") == {"/reports/report.csv": b"tom,3\n", "/reports/dump.csv": b"piped"}
    [logo] = [file for file in emulator.files if file.path == "/site/logo.png"]
    assert (logo.access, logo.expires_at is None) == ("PUBLIC_NOT_INDEXABLE", False)
    assert out.splitlines()[-1] == f"{len(CAT)} of {len(CAT)} bytes"
    assert list(live("/once")) == ["/once/cat.png"]

    out = run("Look up, change, replace, delete")
    assert out.startswith(f"/library/cats/cat.png {len(CAT)} PRIVATE 20")
    assert live("/library/cats") == {}
    assert live("/archive") == {"/archive/tom.png": b"a better cat"}
    assert emulator.file(named["file"].id).expires_at is None
    assert emulator.file(named["note"].id).state == "archived"
    assert emulator.file(named["body"].id).state == "gdpr"

    out = run("Search")
    *pictures, pages = out.splitlines()
    assert sorted(pictures) == ["/archive/tom.png", "/library/cat.png", "/once/cat.png", "/site/logo.png"]
    assert pages == "4 None"
    assert named["total"] == sum(file.size for file in emulator.files if file.state == "live")

    out = run("Signed URLs")
    assert "<SignedUrl of 'tom.png', expires " in out
    assert named["signed"].url not in out
    assert (named["small"].name, named["avatar"].url == named["small"].url) == ("cat", False)
    assert 9 * 60 < named["signed"].remaining().total_seconds() <= 10 * 60

    out = run("Download")
    assert [Path(name).read_bytes() for name in ("copy.png", "downloads/cat.png", "stream.png")] == [CAT] * 3
    assert (named["content"], named["where"], out) == (CAT, Path("downloads/cat.png"), f"cat {len(CAT)}\n")
    assert (named["again"], named["again"].read_bytes()) == (Path("downloads/cat (1).png"), CAT)

    out = run("Files as files")
    archive = Path("bundle.zip").read_bytes()
    assert emulator.file(named["out"].file.id).content == archive
    assert out.splitlines()[:2] == ["/library/bundle.zip PRIVATE", "['report.csv']"]
    assert out.splitlines()[-1] == f"{len(archive)} of {len(archive)}"
    assert named["rows"] == [{"name": "tom", "age": "3"}]

    out = run("Many files")
    assert live("/website") == {"/website/index.html": b"<h1>More cats</h1>"}
    assert live("/website/images") == {}
    assert Path("backup/index.html").read_text() == "<h1>Cats</h1>"
    assert Path("backup/images/cat.png").read_bytes() == CAT
    assert set(live("/inbox")) == {"/inbox/cat.png", "/inbox/report.csv"}
    lines = out.splitlines()
    assert lines[0] == "{'done': 3, 'skipped': 0, 'failed': 0, 'unknown': 0}"
    assert {"cat.png done ", "report.csv done "} <= {line[: line.rfind(" ") + 1] for line in lines}
    assert lines[-2:] == ["replace index.html done", "delete images/cat.png done"]

    out = run("Import from a URL")
    assert live("/in") == {"/in/cat.pdf": PDF}
    assert (named["imported"].path, out) == ("/in/cat.pdf", "COMPLETE\n")

    out = run("Folders")
    assert out == "/attic/felines\n"
    assert [folder.path for folder in emulator.folders if folder.archived] == ["/attic/felines"]
    assert live("/attic") == {"/attic/tom.png": b"a better cat"}

    noted, found, record = run("Limits, headers, and other endpoints").splitlines()
    assert re.fullmatch(r"getFile 200 [\d.e-]+ \d+", noted)
    assert re.fullmatch(r"200 application/json\S* /library/cat\.png", found)
    assert record.startswith("File(id=")
    assert f"id='{named['file'].id}'" in record

    out = run("Logging")
    assert out.startswith("404 ")
    assert any(record.name == "hubspot_files" and ": 404 after " in record.getMessage() for record in caplog.records)

    out = run("OAuth")
    assert out == f"{emulator.portal_id} /library/cat.png\ncat\n"
    assert [request.operation for request in emulator.requests if "/oauth/" in request.path] == [
        "createToken",
        "introspectToken",
        "revokeToken",
    ]
    with pytest.raises(InvalidGrantError):
        named["credentials"]()

    run("Async")
    assert named["contents"] == [b"0", b"1", b"2", b"3", b"4"]
    assert live("/async")["/async/cat.pdf"] == PDF
