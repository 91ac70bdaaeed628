"""`hubspot-files emulator verify`."""

from __future__ import annotations

import json
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click
import httpx

from ..emulator._verify.account import Account, CleanupError, Unknown
from ..emulator._verify.checks import NOT_CHECKED
from ..emulator._verify.run import Finding, as_json, as_table, findings, opened
from ..testing import ASSUMPTIONS
from ._command import Session, command
from ._errors import DONE, FAILED, CommandError
from ._text import count_text, printable

# Seconds until the search finds a new file; it lags by minutes.
_SETTLE: Final = 180.0
_FILE: Final = click.Path(dir_okay=False, path_type=Path)


@command(
    "hubspot-files emulator verify --dry-run",
    "hubspot-files emulator verify --yes --report report.json --table report.md",
    changes=True,
    asks=True,
)
@click.option(
    "--import-url", metavar="URL", help="A small public file that HubSpot can fetch, to verify imports that succeed."
)
@click.option("--report", "report_file", type=_FILE, metavar="FILE", help="Write the report as JSON, too.")
@click.option("--table", "table_file", type=_FILE, metavar="FILE", help="Write the report as a table in Markdown, too.")
def verify(session: Session, *, import_url: str | None, report_file: Path | None, table_file: Path | None) -> int:
    """Verify what the emulator assumes about HubSpot against an account, such as a test account.

    It works in a new folder, which it removes again, and touches nothing else. It sends some 300 requests in about a
    minute. The exit status is 1 if an assumption is refuted.
    """
    if session.dry_run:
        for assumption in ASSUMPTIONS:
            reason = NOT_CHECKED.get(assumption.name)
            planned = "would verify" if reason is None else f"would not verify, because {reason}"
            _write(session, {"name": assumption.name, "planned": planned}, f"{assumption.name}: {planned}")
        return DONE
    session.confirm("Create a folder with some small private files in this account, and remove it again?")
    found: list[Finding] = []
    try:
        with _account(session, import_url) as account, opened(account):
            for finding in findings(account):
                found.append(finding)
                line = f"{finding.outcome:<10} {finding.name:<26} {printable(finding.detail)}".rstrip()
                _write(session, asdict(finding), line)
    except (Unknown, CleanupError) as error:
        raise CommandError(str(error)) from error
    day = datetime.now(UTC).date()
    report = as_json(found, day)
    if report_file is not None:
        report_file.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    if table_file is not None:
        table_file.write_text(as_table(found, day), encoding="utf-8")
    session.output.note(
        f"{count_text(len(found), 'assumption')}: {report['confirmed']} confirmed, {report['refuted']} refuted, "
        f"{report['unknown']} unknown"
    )
    return FAILED if report["refuted"] else DONE


@contextmanager
def _account(session: Session, import_url: str | None) -> Generator[Account, None, None]:
    """Return a context manager of the account, through the connection and the token of the command."""
    with ExitStack() as stack:
        hubspot = stack.enter_context(session.connect())
        # The contents of the sample account are in memory, and so is its time.
        storage = None if session.is_sample else stack.enter_context(httpx.Client(follow_redirects=False))
        yield Account(
            hubspot.api.get_httpx_client(),
            storage=storage,
            sleep=(lambda _seconds: None) if session.is_sample else time.sleep,
            import_url=import_url,
            settle=_SETTLE,
        )


def _write(session: Session, record: dict[str, Any], line: str) -> None:
    if session.output.json:
        session.output.record(record)
    else:
        session.output.line(line)
