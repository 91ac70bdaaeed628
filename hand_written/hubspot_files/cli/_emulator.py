"""`hubspot-files emulator`: an emulated HubSpot as a server, for programs in any language."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import Final, TextIO

from .._http.urls import is_trusted
from .._version import __version__
from ..emulator._api.routes import SCOPES
from ..emulator._control_route import PREFIX
from ..emulator._server import Sockets
from ..emulator._server import run as serve
from ..testing import Emulator

# Requests that the record holds: a server may run for weeks.
_RECORD: Final = 1000


def run(chosen: argparse.Namespace, out: TextIO, problems: TextIO) -> int:
    """Serve until the end and give the exit status: 0 after a clean end, 2 where it cannot begin."""
    try:
        sockets = Sockets(chosen.host, chosen.port, chosen.storage_port)
    except OSError as error:
        return _refuse(problems, f"cannot listen on {error.filename}: {error.strerror}")
    with closing(sockets):
        try:
            emulator = Emulator(
                base_url=chosen.base_url or sockets.base_url,
                storage_url=chosen.storage_url or sockets.storage_url,
                portal_id=chosen.portal_id,
                seed=chosen.seed,
                search_lag=chosen.search_lag,
                honour_ranges=chosen.honour_ranges,
                download_redirects=chosen.download_redirects,
                loopback_imports=chosen.loopback_imports,
                data=chosen.data,
                record=_RECORD,
            )
        except (ValueError, OSError) as error:
            return _refuse(problems, error)
        kept = "in memory" if chosen.data is None else f"kept in {chosen.data}"
        with emulator:
            try:
                first = _grant(emulator, chosen.tokens)
            except ValueError as error:
                return _refuse(problems, error)
            serve(emulator, sockets, ready=lambda: _announce(emulator, first, kept, out))
    out.write("ended\n")
    out.flush()
    return 0


def _grant(emulator: Emulator, wanted: list[tuple[str, tuple[str, ...] | None]]) -> str:
    """Let the account take the tokens that are wanted and no others, or those that it has; the first of them."""
    if wanted:
        granted = [emulator.add_token(SCOPES if scopes is None else scopes, token=token) for token, scopes in wanted]
        for token in emulator.tokens.keys() - set(granted):
            emulator.revoke_token(token)
        return granted[0]
    # The one that was made up first may have been revoked, and so may all.
    known = emulator.tokens or {emulator.add_token(): frozenset(SCOPES)}
    return emulator.token if emulator.token in known else next(iter(known))


def _refuse(problems: TextIO, reason: object) -> int:
    problems.write(f"hubspot-files emulator: {reason}\n")
    return 2


def _announce(emulator: Emulator, token: str, kept: str, out: TextIO) -> None:
    lines = [
        f"hubspot-files emulator {__version__}: account {emulator.portal_id}, {kept}",
        f"  API      {emulator.base_url}",
        f"  storage  {emulator.storage_url}  (signed URLs and public files; takes no token)",
        *(f"  token    {known}  ({' '.join(sorted(scopes))})" for known, scopes in emulator.tokens.items()),
        f"  control  {emulator.base_url}{PREFIX}  (faults, clock, what is stored and what was asked)",
        "",
        *_how_to_reach(emulator, token),
        "",
        "Ctrl-C ends it.",
    ]
    out.write("\n".join(lines) + "\n")
    out.flush()


def _how_to_reach(emulator: Emulator, token: str) -> list[str]:
    """What leads the SDK to the emulator, or what is missing for that."""
    if not (is_trusted(emulator.base_url) and is_trusted(emulator.storage_url)):
        return [
            "The SDK takes http on this machine only: put TLS in front, and give its https:// URLs as --base-url and",
            "--storage-url. Programs that take http need nothing else.",
        ]
    return [
        "Point the SDK at it:",
        f"  export HUBSPOT_BASE_URL={emulator.base_url}",
        f"  export HUBSPOT_ACCESS_TOKEN={token}",
    ]
