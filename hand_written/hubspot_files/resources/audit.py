"""An audit of the files of an account, by their records alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias, get_args

from .._errors import ArgumentValueError
from .._operations.enums import Access
from .._validation import aware_datetime, non_negative_int, shown
from .changes import ChangePlan, PlannedChange

if TYPE_CHECKING:
    from hubspot_files_api.models import File

FindingKind: TypeAlias = Literal[
    "public_sensitive", "public", "access_unknown", "duplicate", "large", "expiring", "empty", "unused"
]

KINDS: Final[tuple[FindingKind, ...]] = get_args(FindingKind)
PROPOSABLE: Final[tuple[FindingKind, ...]] = ("public_sensitive", "public", "duplicate", "large", "empty", "unused")
_PUBLIC: Final = frozenset({"PUBLIC_INDEXABLE", "PUBLIC_NOT_INDEXABLE"})
_LARGE: Final = 50_000_000
_EXPIRING: Final = timedelta(days=30)
_UNUSED: Final = timedelta(days=730)
# Words in the names of files that are seldom meant for everyone. A digit or a separator may follow, but no letter.
_SENSITIVE: Final = (
    r"passports?|contracts?|nda|invoices?|payslips?|payroll|salar(y|ies)|confidential|secrets?|passwords?|credentials?"
    r"|private|internal|personal|ssn|iban|tax(es)?|cv|resumes?|medical|patients?|signed|signatures?|backups?|dump|leads"
    r"|id[ _-]?cards?|bank[ _-]?statements?|customer[ _-]?(list|data)s?|contacts?[ _-]?export"
)
_SENSITIVE_EXTENSIONS: Final = r"\.(sql|pem|key|p12|pfx|env|kdbx|pst|bak)$"


class AuditedFile(NamedTuple):
    """The properties of a file that an audit uses."""

    id: str
    path: str | None
    size: int | None
    access: str | None
    md5: str | None
    source: str | None
    created_at: datetime | None
    updated_at: datetime | None
    expires_at: datetime | None


class Finding(NamedTuple):
    """A file, and why it is worth a look.

    Attributes:
        kind: `public_sensitive`, `public`, `access_unknown`, `duplicate`, `large`, `expiring`, `empty` or `unused`.
        file: the file.
        detail: what was found, for people.
        original: for a duplicate, the file to keep, which has the same content; else None.
    """

    kind: FindingKind
    file: AuditedFile
    detail: str
    original: AuditedFile | None = None


class Total(NamedTuple):
    """The files of a folder, or of a part of HubSpot.

    Attributes:
        name: path of the folder, or name of the part, such as `FORMS`.
        files: number of files directly there.
        size: their size in bytes.
        public: number of public files among them.
    """

    name: str
    files: int
    size: int
    public: int


class Audit:
    """An audit of files by their records: what is public, equal, large, expiring, empty, or unchanged for long.

    It sends nothing. Add the records of a walk to it, on either client:

        audit = Audit()
        for file in hubspot.files.walk("/"):
            audit.add(file)
        for finding in audit.findings():
            print(finding.kind, finding.file.path)

    Args:
        large: size in bytes from which a file is large, by default 50 MB.
        expiring: time within which a file expires, by default 30 days.
        unused: time without a change after which a file counts as unused, by default two years. HubSpot does not tell
            when a file was last fetched.
        sensitive_names: further regular expressions of names that are sensitive. Their case does not matter.
        now: present time, with a zone. None is that of the machine.

    Raises:
        ValueError: an option is not valid.
        TypeError: an option has the wrong type.
    """

    def __init__(
        self,
        *,
        large: int = _LARGE,
        expiring: timedelta = _EXPIRING,
        unused: timedelta = _UNUSED,
        sensitive_names: Iterable[str] = (),
        now: datetime | None = None,
    ) -> None:
        present = aware_datetime(now, "now") or datetime.now(UTC)
        self._large = non_negative_int(large, "large")
        self._expires_before = present + expiring
        self._unused_before = present - unused
        self._now = present
        patterns = [rf"(?<![a-z])({_SENSITIVE})(?![a-z])", _SENSITIVE_EXTENSIONS, *sensitive_names]
        try:
            self._sensitive = [re.compile(pattern, re.IGNORECASE) for pattern in patterns]
        except re.error as error:
            raise ArgumentValueError(
                f"sensitive_names: {shown(error.pattern)} is not a regular expression: {error}"
            ) from None
        self._files: list[AuditedFile] = []

    def __len__(self) -> int:
        return len(self._files)

    def add(self, file: File) -> None:
        """Add a file."""
        self._files.append(
            AuditedFile(
                file.id,
                file.path,
                file.size,
                None if file.access is None else file.access.value,
                file.file_md5,
                None if file.source_group is None else file.source_group.value,
                file.created_at,
                file.updated_at,
                None if file.expires_at is None else datetime.fromtimestamp(file.expires_at / 1000, UTC),
            )
        )

    def findings(self) -> Iterator[Finding]:
        """Iterate over the findings, by kind and path. A file can have several."""
        files = sorted(self._files, key=lambda file: (file.path or "", int(file.id)))
        for file in files:
            if word := self._sensitive_word(file):
                yield Finding("public_sensitive", file, f"public, and its name contains {word!r}")
        for file in files:
            if file.access in _PUBLIC:
                yield Finding("public", file, f"anyone can fetch it ({file.access})")
        for file in files:
            if file.access is None:
                yield Finding("access_unknown", file, "this version of the API does not say who can fetch it")
        yield from self._duplicates()
        for file in sorted(files, key=lambda file: file.size or 0, reverse=True):
            if file.size is not None and file.size >= self._large:
                yield Finding("large", file, f"{file.size:,} bytes")
        for file in files:
            if file.expires_at is not None and file.expires_at < self._expires_before:
                yield Finding("expiring", file, f"HubSpot deletes it on {file.expires_at:%Y-%m-%d}")
        for file in files:
            if file.size == 0:
                yield Finding("empty", file, "it has no content")
        for file in files:
            if file.updated_at is not None and file.updated_at < self._unused_before:
                yield Finding("unused", file, f"unchanged since {file.updated_at:%Y-%m-%d}")

    def _sensitive_word(self, file: AuditedFile) -> str | None:
        """Return the part of the path of a public file that looks sensitive, or None."""
        if file.access not in _PUBLIC or file.path is None:
            return None
        for pattern in self._sensitive:
            if found := pattern.search(file.path):
                return found[0]
        return None

    def _duplicates(self) -> Iterator[Finding]:
        groups: dict[tuple[str, int | None], list[AuditedFile]] = {}
        for file in self._files:
            # Empty files are equal, but a finding of their own.
            if file.md5 is not None and file.size != 0:
                groups.setdefault((file.md5, file.size), []).append(file)
        for group in groups.values():
            # A public file may be linked from anywhere; among equals, the oldest is most likely linked.
            original, *copies = sorted(
                group, key=lambda file: (file.access not in _PUBLIC, file.created_at or self._now)
            )
            for copy in copies:
                yield Finding("duplicate", copy, f"same content as {original.path}", original)

    def folders(self) -> list[Total]:
        """Return the totals of each folder, the largest first."""
        return self._totals(lambda file: (file.path or "/").rpartition("/")[0] or "/")

    def sources(self) -> list[Total]:
        """Return the totals of each part of HubSpot that files came from, the largest first."""
        return self._totals(lambda file: file.source or "UNKNOWN")

    def _totals(self, name_of: Callable[[AuditedFile], str]) -> list[Total]:
        totals: dict[str, Total] = {}
        for file in self._files:
            name = name_of(file)
            total = totals.get(name, Total(name, 0, 0, 0))
            totals[name] = Total(
                name, total.files + 1, total.size + (file.size or 0), total.public + (file.access in _PUBLIC)
            )
        return sorted(totals.values(), key=lambda total: (-total.size, total.name))

    def plan(self, kinds: Iterable[FindingKind] = ("public_sensitive", "empty")) -> ChangePlan:
        """Plan what to do about findings: make public files private, and delete the others.

        A file with several findings is changed once, for the first of the kinds. The copy of a duplicate is only
        deleted if it is not public, because a public one may be linked.

        Args:
            kinds: kinds of findings, of `public_sensitive`, `public`, `duplicate`, `large`, `empty` and `unused`.

        Returns:
            The plan, to save, to look at, and to apply later.

        Raises:
            ValueError: there is no change to plan for a kind.
        """
        wanted = list(dict.fromkeys(kinds))
        for kind in wanted:
            if kind not in PROPOSABLE:
                raise ArgumentValueError(
                    f"there is no change to plan for {shown(kind)}; use some of {', '.join(PROPOSABLE)}"
                )
        changes: dict[str, PlannedChange] = {}
        for finding in sorted(
            (finding for finding in self.findings() if finding.kind in wanted), key=lambda one: wanted.index(one.kind)
        ):
            file = finding.file
            private = finding.kind in ("public", "public_sensitive")
            if file.id in changes or (finding.kind == "duplicate" and file.access in _PUBLIC):
                continue
            changes[file.id] = PlannedChange(
                "set_access" if private else "delete",
                file.id,
                file.path,
                file.updated_at,
                file.size,
                Access.PRIVATE if private else None,
                finding.detail,
            )
        return ChangePlan(changes.values())
