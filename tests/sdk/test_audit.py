"""The audit of files by their records: `Audit`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hubspot_files import Access, Audit, File
from hubspot_files.resources.audit import Total
from hubspot_files_api.models.source_group import SourceGroup

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def record(number: int, path: str | None, **fields: Any) -> File:
    """Return the record of a private file of 10 bytes."""
    defaults: dict[str, Any] = {
        "archived": False,
        "created_at": NOW,
        "updated_at": NOW,
        "access": Access.PRIVATE,
        "size": 10,
        "file_md5": f"{number:032x}",
    }
    return File(id=str(number), path=path, **{**defaults, **fields})


def audited(*files: File, **options: Any) -> Audit:
    audit = Audit(now=NOW, **options)
    for file in files:
        audit.add(file)
    return audit


def found(audit: Audit) -> list[tuple[str, str]]:
    return [(finding.kind, finding.file.id) for finding in audit.findings()]


class TestFindings:
    def test_of_a_private_file_are_none(self) -> None:
        audit = audited(record(1, "/passport.pdf"))
        assert (found(audit), len(audit)) == ([], 1)

    @pytest.mark.parametrize(
        ("path", "word"),
        [
            ("/a/Passport.pdf", "Passport"),
            ("/contracts/x.pdf", "contracts"),
            ("/a/CV_Smith.pdf", "CV"),
            ("/a/contract2023.pdf", "contract"),
            ("/a/bank statement.pdf", "bank statement"),
            ("/db/users.sql", ".sql"),
            ("/a/server.KEY", ".KEY"),
            ("/a/cover.png", None),
            ("/a/privateer.png", None),
            ("/a/sqlite.txt", None),
            (None, None),
        ],
    )
    def test_sensitive_names(self, path: str | None, word: str | None) -> None:
        audit = audited(record(1, path, access=Access.PUBLIC_INDEXABLE))
        kinds = [finding.kind for finding in audit.findings()]
        assert kinds == (["public"] if word is None else ["public_sensitive", "public"])
        if word is not None:
            assert next(audit.findings()).detail == f"public, and its name contains {word!r}"

    def test_further_sensitive_names(self) -> None:
        file = record(1, "/a/Vertrag.pdf", access=Access.PUBLIC_NOT_INDEXABLE)
        assert found(audited(file)) == [("public", "1")]
        assert found(audited(file, sensitive_names=["vertrag"]))[0] == ("public_sensitive", "1")
        with pytest.raises(ValueError, match=r"sensitive_names: '\(' is not a regular expression"):
            Audit(sensitive_names=["("])

    def test_duplicates_name_the_file_to_keep(self) -> None:
        same = {"file_md5": "ab" * 16}
        files = (
            record(1, "/old.txt", created_at=NOW - timedelta(days=9), **same),
            record(2, "/public.txt", access=Access.PUBLIC_INDEXABLE, **same),
            record(3, "/new.txt", **same),
            record(4, "/longer.txt", size=11, **same),
            record(5, "/unknown.txt", file_md5=None),
            record(6, "/unknown2.txt", file_md5=None),
        )
        duplicates = [finding for finding in audited(*files).findings() if finding.kind == "duplicate"]
        assert [(finding.file.id, finding.original and finding.original.id) for finding in duplicates] == [
            ("1", "2"),
            ("3", "2"),
        ]
        assert duplicates[0].detail == "same content as /public.txt"

    def test_empty_files_are_no_duplicates(self) -> None:
        files = [record(number, f"/{number}", size=0, file_md5="d4" * 16) for number in (1, 2)]
        assert found(audited(*files)) == [("empty", "1"), ("empty", "2")]

    def test_limits(self) -> None:
        files = (
            record(1, "/1", size=49_999_999),
            record(2, "/2", size=50_000_000),
            record(3, "/3", size=None),
            record(4, "/4", expires_at=int((NOW + timedelta(days=30)).timestamp() * 1000)),
            record(5, "/5", expires_at=int((NOW + timedelta(days=29)).timestamp() * 1000)),
            record(6, "/6", updated_at=NOW - timedelta(days=730)),
            record(7, "/7", updated_at=NOW - timedelta(days=731)),
            record(8, "/8", access=None),
        )
        assert found(audited(*files)) == [("access_unknown", "8"), ("large", "2"), ("expiring", "5"), ("unused", "7")]
        options = {"large": 10, "expiring": timedelta(days=99), "unused": timedelta(days=99)}
        assert [kind for kind, number in found(audited(*files, **options)) if number in "46"] == [
            *("large", "large", "expiring", "unused"),
        ]

    @pytest.mark.parametrize("options", [{"large": -1}, {"now": datetime(2026, 1, 1)}])  # noqa: DTZ001
    def test_invalid_options_are_refused(self, options: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=r"negative|zone"):
            Audit(**options)


class TestTotals:
    def test_by_folder_and_source(self) -> None:
        audit = audited(
            record(1, "/a/1", size=5, source_group=SourceGroup.FORMS),
            record(2, "/a/b/2", access=Access.PUBLIC_INDEXABLE),
            record(3, "/3", size=None),
            record(4, None, source_group=SourceGroup.FORMS),
        )
        assert audit.folders() == [Total("/", 2, 10, 0), Total("/a/b", 1, 10, 1), Total("/a", 1, 5, 0)]
        assert audit.sources() == [Total("FORMS", 2, 15, 0), Total("UNKNOWN", 2, 10, 1)]


class TestPlan:
    FILES = (
        record(1, "/contract.pdf", access=Access.PUBLIC_INDEXABLE),
        record(2, "/public.txt", access=Access.PUBLIC_INDEXABLE, file_md5="a" * 32),
        record(3, "/public-copy.txt", access=Access.PUBLIC_INDEXABLE, file_md5="a" * 32, created_at=NOW + timedelta(1)),
        record(4, "/copy.txt", file_md5="a" * 32),
        record(5, "/empty.txt", size=0),
    )

    def test_by_default_is_careful(self) -> None:
        plan = audited(*self.FILES).plan()
        assert [(change.action, change.file_id, change.access) for change in plan] == [
            ("set_access", "1", Access.PRIVATE),
            ("delete", "5", None),
        ]
        assert plan.changes[0].reason == "public, and its name contains 'contract'"

    def test_deletes_no_public_copy(self) -> None:
        plan = audited(*self.FILES).plan(["duplicate"])
        assert [(change.action, change.file_id) for change in plan] == [("delete", "4")]

    def test_changes_each_file_once(self) -> None:
        plan = audited(*self.FILES).plan(["public", "public_sensitive", "large", "unused"])
        assert [(change.action, change.file_id) for change in plan] == [
            *(("set_access", number) for number in ("1", "3", "2"))
        ]

    def test_of_a_kind_without_a_change_is_refused(self) -> None:
        with pytest.raises(ValueError, match="there is no change to plan for 'expiring'; use some of public_sensitive"):
            audited().plan(["expiring"])
