"""`hubspot-files audit` and `apply`, with the plan between them, on the served emulator."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hubspot_files.testing import Emulator, serve

from .command_line import Ran, Run, on_terminal

FILES = (
    ("/contracts/offer.pdf", b"%PDF-1.7 offer", "PUBLIC_INDEXABLE", None),
    ("/site/a.txt", b"same", "PUBLIC_NOT_INDEXABLE", None),
    ("/site/b.txt", b"same", "PRIVATE", None),
    ("/site/big.bin", b"0" * 5000, "PRIVATE", None),
    ("/site/empty.txt", b"", "PRIVATE", None),
    ("/site/soon.txt", b"soon", "PRIVATE", timedelta(days=3)),
)


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    with serve(start=datetime.now(UTC) - timedelta(days=1000)) as served, served.client() as hubspot:
        monkeypatch.setenv("HUBSPOT_BASE_URL", served.base_url)
        monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", served.token)
        hubspot.files.upload(b"old", name="old.txt", folder_path="/site")
        served.clock.advance(timedelta(days=1000))
        for path, content, access, ttl in FILES:
            folder, _, name = path.rpartition("/")
            hubspot.files.upload(content, name=name, folder_path=folder, access=access, ttl=ttl)
        served.forget_requests()
        yield served


@pytest.fixture
def run(emulator: Emulator, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


def levels(emulator: Emulator) -> dict[str, str]:
    return {file.path: file.access for file in emulator.files if file.state == "live"}


class TestAudit:
    def test_reports_each_kind(self, run: Run, emulator: Emulator) -> None:
        ran = run("audit", "--large", "5kB")
        assert (ran.status, ran.err) == (0, "")
        today = datetime.now(UTC)
        assert ran.out == "\n".join(
            [
                "7 files, 5.0 kB in hubspot:/",
                "",
                "Public, and sensitive by name (1)",
                "       14 B  /contracts/offer.pdf  public, and its name contains 'contracts'",
                "",
                "Public (2)",
                "       14 B  /contracts/offer.pdf  anyone can fetch it (PUBLIC_INDEXABLE)",
                "        4 B  /site/a.txt           anyone can fetch it (PUBLIC_NOT_INDEXABLE)",
                "",
                "Duplicates (1)",
                "        4 B  /site/b.txt  same content as /site/a.txt",
                "",
                "Large (1)",
                "     5.0 kB  /site/big.bin",
                "",
                "Expiring (1)",
                f"        4 B  /site/soon.txt  HubSpot deletes it on {today + timedelta(days=3):%Y-%m-%d}",
                "",
                "Empty (1)",
                "        0 B  /site/empty.txt",
                "",
                "Unchanged for long (1)",
                f"        3 B  /site/old.txt  unchanged since {today - timedelta(days=1000):%Y-%m-%d}",
                "",
                "Folders (2)",
                "     5.0 kB  /site       6 files, 1 public",
                "       14 B  /contracts  1 file, 1 public",
                "",
                "Sources (1)",
                "     5.0 kB  CONTENT  7 files, 2 public",
                "",
            ]
        )
        # It walks once.
        assert [request.operation for request in emulator.requests] == ["searchFiles"] * 2

    def test_shows_ten_of_each_kind(self, run: Run, emulator: Emulator) -> None:
        with emulator.client() as hubspot:
            for number in range(11):
                hubspot.files.upload(b"", name=f"{number}.txt", folder_path="/empty")
        assert "\n  and 2 more: see them with --all, --csv or --json\n" in run("audit").out
        assert "more: see them" not in run("audit", "--all").out

    def test_of_an_empty_folder(self, run: Run, emulator: Emulator) -> None:
        with emulator.client() as hubspot:
            hubspot.folders.create("empty")
        assert run("audit", "hubspot:/empty") == Ran(0, "0 files, 0 B in hubspot:/empty\n", "")

    def test_a_folder_of_it(self, run: Run) -> None:
        assert run("audit", "hubspot:/contracts").out.startswith("1 file, 14 B in hubspot:/contracts\n")

    def test_json_lines(self, run: Run) -> None:
        records = run("audit", "--json").records
        duplicate = next(record for record in records if record.get("finding") == "duplicate")
        assert list(duplicate) == [
            *(
                "kind",
                "finding",
                "path",
                "id",
                "size",
                "access",
                "md5",
                "updated_at",
                "expires_at",
                "detail",
                "original",
            )
        ]
        assert [record for record in records if record["kind"] == "folder"] == [
            {"kind": "folder", "name": "/site", "files": 6, "size": 5015, "public": 1},
            {"kind": "folder", "name": "/contracts", "files": 1, "size": 14, "public": 1},
        ]
        assert [record for record in records if record["kind"] == "source"] == [
            {"kind": "source", "name": "CONTENT", "files": 7, "size": 5029, "public": 2}
        ]
        assert records[-1] == {
            "kind": "summary",
            "files": 7,
            "public_sensitive": 1,
            "public": 2,
            "access_unknown": 0,
            "duplicate": 1,
            "large": 0,
            "expiring": 1,
            "empty": 1,
            "unused": 1,
        }

    def test_csv(self, run: Run) -> None:
        rows = list(csv.DictReader(run("audit", "--csv").lines))
        assert [row["finding"] for row in rows] == [
            *("public_sensitive", "public", "public", "duplicate", "expiring", "empty", "unused"),
            *("folder", "folder", "source"),
        ]
        assert (rows[0]["path"], rows[0]["access"], rows[0]["size"]) == (
            "/contracts/offer.pdf",
            "PUBLIC_INDEXABLE",
            "14",
        )
        assert (rows[-1]["path"], rows[-1]["files"], rows[-1]["public"]) == ("CONTENT", "7", "2")

    @pytest.mark.parametrize("columns", [80, 40])
    def test_is_readable_on_a_terminal(self, emulator: Emulator, columns: int) -> None:
        ran = on_terminal("audit", columns=columns)
        assert ran.status == 0
        assert "Public, and sensitive by name (1)" in ran.lines
        assert "  same content as /site/a.txt" in ran.out
        assert "\n        0 B  /site/empty.txt\n" in ran.out
        if columns == 80:
            assert max(len(line) for line in ran.lines) <= columns

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["--csv", "--json"], "pass one of --csv and --json"),
            (["--sensitive-name", "("], "sensitive_names: '(' is not a regular expression"),
            (["--propose", "expiring"], "'expiring' is not one of"),
        ],
    )
    def test_explains_mistakes(self, run: Run, arguments: list[str], words: str) -> None:
        ran = run("audit", *arguments)
        assert (ran.status, ran.out) == (2, "")
        assert words in ran.err


class TestPlan:
    def test_is_written_looked_at_and_applied(self, run: Run, emulator: Emulator, tmp_path: Path) -> None:
        plan = tmp_path / "plan.jsonl"
        ran = run("audit", "--plan", plan)
        assert ran.err == f"{plan} has 2 changes. Look at it, remove lines, and run: hubspot-files apply {plan}\n"
        assert [json.loads(line)["action"] for line in plan.read_text().splitlines()] == ["set_access", "delete"]
        ran = run("apply", plan, "--dry-run")
        assert ran.lines == [
            "would change hubspot:/contracts/offer.pdf to private (public, and its name contains 'contracts')",
            "would delete hubspot:/site/empty.txt (it has no content)",
        ]
        ran = run("apply", plan)
        assert ran.status == 2
        assert (
            "Change the access of 1 file (hubspot:/contracts/offer.pdf), delete 1 file (hubspot:/site/empty.txt)? "
            "There is no terminal to ask on" in ran.err
        )
        before = levels(emulator)
        ran = run("apply", plan, "--yes")
        assert ran.status == 0
        assert sorted(ran.lines) == [
            "changed hubspot:/contracts/offer.pdf to private",
            "deleted hubspot:/site/empty.txt",
        ]
        del before["/site/empty.txt"]
        assert levels(emulator) == {**before, "/contracts/offer.pdf": "PRIVATE"}
        # The same command again has nothing to do.
        ran = run("apply", plan, "--yes")
        assert (ran.status, ran.err) == (0, "2 left alone\n")

    def test_proposals(self, run: Run, tmp_path: Path) -> None:
        plan = tmp_path / "plan.jsonl"
        run("audit", "--plan", plan, "--propose", "duplicate", "--propose", "unused")
        assert [json.loads(line)["path"] for line in plan.read_text().splitlines()] == ["/site/b.txt", "/site/old.txt"]

    def test_a_file_that_changed_since_is_left_alone(self, run: Run, emulator: Emulator, tmp_path: Path) -> None:
        plan = tmp_path / "plan.jsonl"
        run("audit", "--plan", plan)
        emulator.clock.advance(timedelta(minutes=1))
        with emulator.client() as hubspot:
            stat = hubspot.files.stat("/site/empty.txt")
            assert stat.file is not None
            hubspot.files.replace(stat.file.id, b"not empty", name="empty.txt", access="PRIVATE")
        ran = run("apply", plan, "--yes")
        assert ran.status == 1
        assert "failed: hubspot:/site/empty.txt: file " in ran.err
        assert "after the plan was made. Look at it, and make a new plan." in ran.err
        assert "/site/empty.txt" in levels(emulator)

    def test_a_plan_that_erases_needs_its_digest(self, run: Run, emulator: Emulator, tmp_path: Path) -> None:
        plan = tmp_path / "plan.jsonl"
        run("audit", "--plan", plan, "--propose", "empty")
        plan.write_text(plan.read_text().replace('"delete"', '"erase"'))
        ran = run("apply", plan, "--yes")
        assert (ran.status, ran.out) == (2, "")
        assert "this plan erases files: pass the --digest that --dry-run prints" in ran.err
        digest = run("apply", plan, "--dry-run", "--json").records[-1]["digest"]
        assert run("apply", plan, "--yes", "--digest", digest).lines == ["erased hubspot:/site/empty.txt"]
        assert [file.state for file in emulator.files if file.path == "/site/empty.txt"] == ["gdpr"]

    def test_is_not_overwritten(self, run: Run, tmp_path: Path) -> None:
        plan = tmp_path / "plan.jsonl"
        plan.write_text("mine")
        ran = run("audit", "--plan", plan)
        assert ran == Ran(2, "", f"hubspot-files audit: {plan} exists, and is not overwritten. Choose another name.\n")

    def test_without_changes(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "plan.jsonl").write_text("\n")
        assert run("apply", tmp_path / "plan.jsonl") == Ran(0, "", "The plan has no changes.\n")

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("not json", "line 1 of "),
            ("{}", "updated_at is missing"),
            ("[]", "it is not a planned change"),
            ('{"action": "delete", "file_id": "..", "updated_at": "2026-01-01T00:00:00+00:00"}', "must be digits only"),
            ('{"action": "delete", "file_id": "1", "updated_at": "2026-01-01T00:00:00"}', "has no time zone"),
            ('{"action": "burn", "file_id": "1", "updated_at": "2026-01-01T00:00:00Z"}', "action 'burn' is not valid"),
            ('{"action": "set_access", "file_id": "1", "updated_at": "2026-01-01T00:00:00Z"}', "access is required"),
        ],
    )
    def test_that_is_damaged_is_refused(self, run: Run, tmp_path: Path, text: str, words: str) -> None:
        (tmp_path / "plan.jsonl").write_text(text)
        ran = run("apply", tmp_path / "plan.jsonl", "--yes")
        assert (ran.status, ran.out) == (2, "")
        assert words in ran.err
