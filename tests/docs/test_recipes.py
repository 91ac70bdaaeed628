"""The recipes of the documentation, run as they stand there, against the emulator."""

from __future__ import annotations

import os
import re
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import nbclient
import nbformat
import pytest
from moto import mock_aws

from hubspot_files.testing import Emulator, serve

ROOT = Path(__file__).parents[2]
RECIPES = ROOT / "docs/recipes"
DJANGO = """
import django
from django.conf import settings

settings.configure(ROOT_URLCONF="urls", ALLOWED_HOSTS=["testserver"])
django.setup()
"""


def blocks(page: Path) -> list[str]:
    """Return the blocks of Python of a page."""
    return re.findall(r"^```python\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory for the programs and for the journals of transfers."""
    for name in ("XDG_STATE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "state"))
    (tmp_path / "state").mkdir()
    (tmp_path / "programs").mkdir()
    monkeypatch.chdir(tmp_path / "programs")
    return tmp_path / "programs"


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """An emulator that other processes reach."""
    with serve() as emulator:
        monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", emulator.token)
        monkeypatch.setenv("HUBSPOT_BASE_URL", emulator.base_url)
        yield emulator


def write(recipe: str) -> list[str]:
    """Write the programs of a recipe, each under the name in its first line, and return the names."""
    names = []
    for block in blocks(RECIPES / f"{recipe}.md"):
        name = re.match(r"# (\w+\.py)\n", block)
        assert name is not None, f"{recipe}.md has a block that does not begin with the name of its file:\n{block}"
        Path(name[1]).write_text(block, encoding="utf-8")
        names.append(name[1])
    return names


def run(program: str, *arguments: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a program in this process, on the emulator of the fixture."""
    monkeypatch.setattr(sys, "argv", [program, *arguments])
    runpy.run_path(program, run_name="__main__")


def contents(emulator: Emulator, state: str = "live") -> dict[str, bytes | None]:
    return {file.path: file.content for file in emulator.files if file.state == state}


@pytest.mark.parametrize("recipe", ["crm", "django", "fastapi", "oauth"])
def test_recipes_with_tests(recipe: str) -> None:
    """Each has a test, which is run as a reader would run it."""
    names = write(recipe)
    assert any(name.startswith("test_") for name in names)
    if recipe == "django":
        Path("conftest.py").write_text(DJANGO, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_celery(served: Emulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The worker is a process of its own, which forks others. One of these is killed when it has stored a file."""
    assert write("celery") == ["tasks.py", "send.py"]
    # Messages are files. The folder that Celery writes to is the one that its workers read.
    Path("data_in").mkdir()
    Path("data_out").symlink_to("data_in")
    Path("results").mkdir()
    monkeypatch.setenv("CELERY_BROKER_URL", "filesystem://")
    monkeypatch.setenv("CELERY_RESULT_BACKEND", Path("results").absolute().as_uri())
    monkeypatch.syspath_prepend(".")
    Path("a.csv").write_bytes(b"a,b\n1,2\n")
    served.fail("delay", operation="uploadFile")
    served.fail(status=503, operation="uploadFile", after_effect=True)
    options = ["--pool", "prefork", "--concurrency", "1", "--without-gossip", "--without-mingle", "--loglevel", "error"]
    command = [sys.executable, "-m", "celery", "-A", "tasks", "worker", *options]
    worker = subprocess.Popen(command, start_new_session=True)
    try:
        with ThreadPoolExecutor() as executor:
            killed = executor.submit(kill_when_stored, served, worker.pid)
            run("send.py", "a.csv", monkeypatch=monkeypatch)
            killed.result()
    finally:
        # With the processes that it has forked. It would take seconds to end by itself.
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    [file] = [file for file in served.files if file.state == "live"]
    assert capsys.readouterr().out.split() == [file.id]
    assert (file.path, file.content) == ("/reports/a.csv", b"a,b\n1,2\n")
    assert [request.operation for request in served.requests].count("uploadFile") == 2


def kill_when_stored(emulator: Emulator, parent: int) -> None:
    """Kill the processes that another has forked, as soon as the emulator has a file."""
    while not emulator.files:
        time.sleep(0.05)
    for child in Path(f"/proc/{parent}/task/{parent}/children").read_text("ascii").split():
        os.kill(int(child), signal.SIGKILL)


def test_scripts(
    hubspot_emulator: Emulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert write("scripts") == ["nightly.py", "share.py"]
    Path("reports/old").mkdir(parents=True)
    for name in ("a.csv", "old/b.csv", "c.tmp"):
        Path("reports", name).write_bytes(name.encode())
    for _ in range(2):
        with pytest.raises(SystemExit, match=r"^0$"):
            run("nightly.py", "reports", "/reports", monkeypatch=monkeypatch)
    assert contents(hubspot_emulator) == {"/reports/a.csv": b"a.csv", "/reports/old/b.csv": b"old/b.csv"}

    Path("reports/d.csv").write_bytes(b"d")
    fault = hubspot_emulator.fail(status=403, operation="uploadFile", count=None)
    with pytest.raises(SystemExit, match=r"^1$"):
        run("nightly.py", "reports", "/reports", monkeypatch=monkeypatch)
    fault.cancel()
    assert "403" in capsys.readouterr().err

    run("share.py", "reports/d.csv", monkeypatch=monkeypatch)
    assert capsys.readouterr().out.startswith(hubspot_emulator.storage_url)
    assert contents(hubspot_emulator)["/shared/d.csv"] == b"d"


def test_jupyter(served: Emulator) -> None:
    cells = blocks(RECIPES / "jupyter.md")
    served.add_file("/library/cat.png", b"\x89PNG\r\n\x1a\n a cat")
    for name in ("a.txt", "b.txt"):
        served.add_file(f"/library/{name}", name.encode())
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in [*cells, "sorted(texts)"]])
    nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()

    def shown(cell: int) -> dict[str, Any]:
        return {kind: value for output in notebook.cells[cell].outputs for kind, value in output.data.items()}

    assert "/library/cat.png" in shown(1)["text/html"]
    assert "PRIVATE" in shown(2)["text/html"]
    assert "image/png" in shown(3)
    assert shown(5)["text/plain"] == "[b'a.txt', b'b.txt']"


def test_pandas(hubspot_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    assert write("pandas") == ["frames.py", "rows.py"]
    frames = runpy.run_path("frames.py")
    hubspot_emulator.add_file("/reports/2026/orders.csv", b"number,total\n1,20.50\n2,1000.01\n")
    with hubspot_emulator.client() as hubspot:
        orders = frames["read"](hubspot, "/reports/2026/orders.csv")
        assert orders["number"].sum() == 3
        assert len(frames["read"](hubspot, "/reports/2026/orders.csv", 1)) == 1
        with pytest.raises(IsADirectoryError):
            frames["read"](hubspot, "/reports/2026")
        assert [len(part) for part in frames["read_in_parts"](hubspot, "/reports/2026/orders.csv", 1)] == [1, 1]
        assert frames["read_all"](hubspot, "/reports")["path"].tolist() == ["/reports/2026/orders.csv"] * 2
        for _ in range(2):
            frames["store"](hubspot, orders[["number"]], "/reports/numbers.csv")
    run("rows.py", monkeypatch=monkeypatch)
    assert contents(hubspot_emulator) == {
        "/reports/2026/orders.csv": b"number,total\n1,20.50\n2,1000.01\n",
        "/reports/numbers.csv": b"number\n1\n2\n",
        "/reports/2026/large.csv": b"number,total\r\n2,1000.01\r\n",
    }


def test_s3(hubspot_emulator: Emulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert write("s3") == ["s3_to_hubspot.py"]
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="cats")
        for key in ("a.txt", "deep/b.txt", "folder/"):
            s3.put_object(Bucket="cats", Key=key, Body=key.encode() if not key.endswith("/") else b"")
        for expected in ("/copy/a.txt\n/copy/deep/b.txt\n", ""):
            hubspot_emulator.clock.advance(10)
            run("s3_to_hubspot.py", "cats", "/copy", monkeypatch=monkeypatch)
            assert capsys.readouterr().out == expected
        ids = {file.path: file.id for file in hubspot_emulator.files}

        s3.put_object(Bucket="cats", Key="a.txt", Body=b"another content")
        run("s3_to_hubspot.py", "cats", "/copy", monkeypatch=monkeypatch)
    assert contents(hubspot_emulator) == {"/copy/a.txt": b"another content", "/copy/deep/b.txt": b"deep/b.txt"}
    assert {file.path: file.id for file in hubspot_emulator.files} == ids


@pytest.mark.hubspot_emulator(start=datetime(2020, 1, 1, tzinfo=UTC))
def test_gdpr(hubspot_emulator: Emulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert write("gdpr") == ["plan_erasure.py", "apply_erasure.py", "retention.py"]
    person = {"/customers/7/id.pdf", "/customers/7/letters/a.pdf", "/forms/customer-7-form.pdf"}
    for path in (*person, "/customers/8/id.pdf", "/applications/old.pdf"):
        hubspot_emulator.add_file(path, path.encode())
    run("plan_erasure.py", "7", monkeypatch=monkeypatch)
    assert "<ChangePlan erase 3>" in capsys.readouterr().out
    assert contents(hubspot_emulator, "gdpr") == {}

    [changed] = [file for file in hubspot_emulator.files if file.path == "/customers/7/id.pdf"]
    hubspot_emulator.clock.advance(10)
    with hubspot_emulator.client() as hubspot:
        hubspot.files.update(changed.id, is_usable_in_content=True)
    run("apply_erasure.py", monkeypatch=monkeypatch)
    assert "changed since the plan, not erased: /customers/7/id.pdf" in capsys.readouterr().out
    assert set(contents(hubspot_emulator, "gdpr")) == person - {"/customers/7/id.pdf"}

    hubspot_emulator.clock.advance(datetime.now(UTC) - hubspot_emulator.clock.now())
    hubspot_emulator.add_file("/applications/new.pdf", b"new")
    run("retention.py", monkeypatch=monkeypatch)
    assert capsys.readouterr().out == "erased /applications/old.pdf\n"
    assert "/applications/new.pdf" in contents(hubspot_emulator)


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_the_first_lines_that_a_reader_sees(
    page: str, hubspot_emulator: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("cat.png").write_bytes(b"a cat")
    [program] = blocks(ROOT / page)
    exec(compile(program, page, "exec", dont_inherit=True), {})
    assert capsys.readouterr().out.startswith(hubspot_emulator.storage_url)
    assert contents(hubspot_emulator) == {"/library/cats/cat.png": b"a cat"}
    assert Path("copy.png").read_bytes() == b"a cat"


def test_every_recipe_is_tested() -> None:
    tested = {"celery", "crm", "django", "fastapi", "gdpr", "jupyter", "oauth", "pandas", "s3", "scripts"}
    assert {path.stem for path in RECIPES.glob("*.md")} - {"index"} == tested
