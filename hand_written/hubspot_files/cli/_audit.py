"""`hubspot-files audit`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import click

from .. import Audit, Finding
from ..resources.audit import KINDS, PROPOSABLE, AuditedFile, FindingKind, Total
from ._command import Session, command
from ._errors import DONE, MISUSE, CommandError
from ._output import Output
from ._parameters import DURATION, REMOTE_PATH, SIZE, remote
from ._progress import Counter
from ._text import count_text, folded, printable, size_text

_TITLES: Final[dict[FindingKind, str]] = {
    "public_sensitive": "Public, and sensitive by name",
    "public": "Public",
    "access_unknown": "Access unknown",
    "duplicate": "Duplicates",
    "large": "Large",
    "expiring": "Expiring",
    "empty": "Empty",
    "unused": "Unchanged for long",
}
_COLUMNS: Final[tuple[str, ...]] = (
    "finding",
    "path",
    "id",
    "size",
    "files",
    "public",
    "access",
    "md5",
    "updated_at",
    "expires_at",
    "detail",
)
# Width of a size.
_SIZE: Final = 9
# Rows of each part of the report for people.
_ROWS: Final = 10


@command(
    "hubspot-files audit",
    "hubspot-files audit hubspot:/library --large 10MB",
    "hubspot-files audit --csv > audit.csv",
    "hubspot-files audit --plan plan.jsonl",
)
@click.argument("folder", type=REMOTE_PATH, default="hubspot:/", metavar="[FOLDER]")
@click.option("--large", type=SIZE, default="50MB", show_default=True, help="Report files of this size or more.")
@click.option(
    "--expiring", type=DURATION, default="30d", show_default=True, help="Report files that expire within this."
)
@click.option("--unused", type=DURATION, default="2y", show_default=True, help="Report files unchanged for this long.")
@click.option(
    "--sensitive-name", metavar="REGEX", multiple=True, help="Names that are sensitive, too; may be repeated."
)
@click.option("--all", "everything", is_flag=True, help=f"Show all findings, not {_ROWS} of each kind.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write what to do as a plan, for hubspot-files apply.",
)
@click.option(
    "--propose",
    type=click.Choice([kind.replace("_", "-") for kind in PROPOSABLE]),
    multiple=True,
    default=("public-sensitive", "empty"),
    metavar="KIND",
    help=f"What the plan is about; may be repeated: {', '.join(kind.replace('_', '-') for kind in PROPOSABLE)} "
    "(default: public-sensitive and empty). Public files are made private, all others are deleted.",
)
def audit(
    session: Session,
    *,
    folder: str,
    large: int,
    expiring: timedelta,
    unused: timedelta,
    sensitive_name: tuple[str, ...],
    everything: bool,
    as_csv: bool,
    plan_file: Path | None,
    propose: tuple[str, ...],
) -> int:
    """Report files that are public, equal, large, expiring, empty or unused.

    It reads the records of FOLDER, by default of the whole account, once, and no content. It changes nothing. HubSpot
    does not tell when a file was last fetched: files count as unused by the time of their last change.
    """
    output = session.output
    if as_csv and output.json:
        raise CommandError("pass one of --csv and --json", MISUSE)
    if plan_file is not None and plan_file.exists():
        raise CommandError(f"{plan_file} exists, and is not overwritten. Choose another name.", MISUSE)
    found = Audit(large=large, expiring=expiring, unused=unused, sensitive_names=sensitive_name)
    with session.connect() as hubspot, Counter(output, "files") as counter:
        for file in counter.counted(hubspot.files.walk(folder)):
            found.add(file)
    if output.json:
        _write_json(output, found)
    elif as_csv:
        _write_csv(output, found)
    else:
        _write_report(output, found, folder, everything=everything)
    if plan_file is not None:
        kinds: list[FindingKind] = [kind for kind in KINDS if kind.replace("_", "-") in propose]
        plan = found.plan(kinds)
        plan.save(plan_file)
        output.note(
            f"{plan_file} has {count_text(len(plan), 'change')}. Look at it, remove lines, and run: "
            f"hubspot-files apply {plan_file}"
        )
    return DONE


def _fields(file: AuditedFile) -> dict[str, Any]:
    return {
        "path": file.path,
        "id": file.id,
        "size": file.size,
        "access": file.access,
        "md5": file.md5,
        "updated_at": None if file.updated_at is None else file.updated_at.isoformat(),
        "expires_at": None if file.expires_at is None else file.expires_at.isoformat(),
    }


def _write_json(output: Output, found: Audit) -> None:
    for finding in found.findings():
        original = None if finding.original is None else finding.original.id
        fields = {"kind": "finding", "finding": finding.kind, **_fields(finding.file)}
        output.record({**fields, "detail": finding.detail, "original": original})
    for kind, totals in (("folder", found.folders()), ("source", found.sources())):
        for total in totals:
            output.record({"kind": kind, **total._asdict()})
    output.record({"kind": "summary", "files": len(found), **_counts(found)})


def _write_csv(output: Output, found: Audit) -> None:
    def write(fields: dict[str, Any]) -> None:
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow([fields.get(name) for name in _COLUMNS])
        output.line(line.getvalue())

    write(dict(zip(_COLUMNS, _COLUMNS, strict=True)))
    for finding in found.findings():
        write({"finding": finding.kind, **_fields(finding.file), "detail": finding.detail})
    for kind, totals in (("folder", found.folders()), ("source", found.sources())):
        for total in totals:
            write(
                {"finding": kind, "path": total.name, "size": total.size, "files": total.files, "public": total.public}
            )


def _counts(found: Audit) -> dict[str, int]:
    counts: dict[str, int] = dict.fromkeys(KINDS, 0)
    for finding in found.findings():
        counts[finding.kind] += 1
    return counts


def _write_report(output: Output, found: Audit, folder: str, *, everything: bool) -> None:
    """Write the report for people: a part for each kind of finding, then folders and sources."""
    size = size_text(sum(total.size for total in found.sources()))
    output.line(f"{count_text(len(found), 'file')}, {size} in {printable(remote(folder))}")
    for kind in KINDS:
        findings = [finding for finding in found.findings() if finding.kind == kind]
        if findings:
            _title(output, f"{_TITLES[kind]} ({len(findings):,})")
            _write_table(output, _rows(findings if everything else findings[:_ROWS], kind))
            _write_rest(output, len(findings), everything=everything)
    for title, totals in (("Folders", found.folders()), ("Sources", found.sources())):
        if totals:
            _title(output, f"{title} ({len(totals):,})")
            _write_table(output, _total_rows(totals if everything else totals[:_ROWS]))
            _write_rest(output, len(totals), everything=everything)


def _title(output: Output, text: str) -> None:
    output.line("")
    output.line(output.styled(text, bold=True))


def _write_rest(output: Output, count: int, *, everything: bool) -> None:
    if count > _ROWS and not everything:
        output.line(f"  and {count - _ROWS:,} more: see them with --all, --csv or --json")


def _rows(findings: Iterable[Finding], kind: FindingKind) -> Iterator[Sequence[str]]:
    for finding in findings:
        # The size stands in a column of its own.
        detail = "" if kind in ("large", "empty") else finding.detail
        yield size_text(finding.file.size), finding.file.path or finding.file.id, detail


def _total_rows(totals: Iterable[Total]) -> Iterator[Sequence[str]]:
    for total in totals:
        public = f", {total.public:,} public" if total.public else ""
        yield size_text(total.size), total.name, f"{count_text(total.files, 'file')}{public}"


def _write_table(output: Output, rows: Iterable[Sequence[str]]) -> None:
    """Write rows of a size, a name and a detail. If the terminal is too narrow, details are lines of their own."""
    table = [(size, printable(name), printable(detail)) for size, name, detail in rows]
    width = max(len(name) for _, name, _ in table)
    fits = not output.terminal or width + max(len(detail) for _, _, detail in table) + _SIZE + 4 <= output.width
    for size, name, detail in table:
        shown = output.styled(detail, dim=True) if detail else ""
        if fits:
            output.line(f"  {size:>{_SIZE}}  {name:<{width}}  {shown}".rstrip())
            continue
        output.line(f"  {size:>{_SIZE}}  {name}")
        for line in folded(detail, output.width - _SIZE - 4).splitlines():
            output.line(f"  {'':>{_SIZE}}  {output.styled(line, dim=True)}")
