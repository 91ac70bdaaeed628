"""The run of all checks, and its report."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final, Literal, TypeAlias

import httpx

from ..._errors import HubSpotFilesError
from .._assumptions import ASSUMPTIONS
from . import checks_of_files, checks_of_folders, checks_of_requests, checks_of_searches
from .account import Account, Refuted, Unknown
from .checks import CHECKS, NOT_CHECKED

Outcome: TypeAlias = Literal["confirmed", "refuted", "unknown"]
# Importing the modules registers their checks.
_MODULES: Final = (checks_of_requests, checks_of_files, checks_of_searches, checks_of_folders)


@dataclass(frozen=True)
class Finding:
    """Result of the check of an assumption with an account.

    Attributes:
        name: The name of the assumption.
        outcome: Whether the account behaves so, or in another way, or whether that is unknown.
        detail: What came instead, or why it is unknown.
    """

    name: str
    outcome: Outcome
    detail: str = ""


@contextmanager
def opened(account: Account) -> Generator[Account, None, None]:
    """Create the folder of an account, and remove it with all that was created, whatever happens.

    Raises:
        Unknown: It cannot be created.
        CleanupError: Something is left.
    """
    try:
        account.open()
        yield account
    finally:
        account.close()


def findings(account: Account) -> Iterator[Finding]:
    """Run all checks in the folder of an account, in the order of the assumptions."""
    for assumption in ASSUMPTIONS:
        name = assumption.name
        if name in NOT_CHECKED:
            yield Finding(name, "unknown", NOT_CHECKED[name])
            continue
        yield _finding(account, name, CHECKS[name])


def _finding(account: Account, name: str, check: Callable[[Account], None]) -> Finding:
    try:
        check(account)
    except Refuted as refuted:
        return Finding(name, "refuted", str(refuted))
    except Unknown as unknown:
        return Finding(name, "unknown", str(unknown))
    except (httpx.HTTPError, HubSpotFilesError) as error:
        return Finding(name, "unknown", f"there was no response ({type(error).__name__})")
    except (KeyError, TypeError, ValueError) as error:
        return Finding(name, "unknown", f"a response has another shape ({type(error).__name__}: {error})"[:300])
    return Finding(name, "confirmed")


def as_json(found: list[Finding], day: date) -> dict[str, Any]:
    """Return the report as JSON."""
    counts = {
        outcome: sum(each.outcome == outcome for each in found) for outcome in ("confirmed", "refuted", "unknown")
    }
    return {"date": day.isoformat(), **counts, "findings": [asdict(each) for each in found]}


def as_table(found: list[Finding], day: date) -> str:
    """Return the report as a table in Markdown, with its date."""
    rows = [f"| `{each.name}` | {each.outcome} | {each.detail.replace('|', '/')} |" for each in found]
    return "\n".join([f"Verified on {day.isoformat()}.", "", "| name | outcome | detail |", "|---|---|---|", *rows, ""])
