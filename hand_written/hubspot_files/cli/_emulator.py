"""`hubspot-files emulator`: an emulated HubSpot as a server, for programs in any language."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import Final, TextIO

from .._version import __version__
from ..testing import Emulator
from ..testing._api import SCOPES
from ..testing._control import PREFIX
from ..testing._server import Sockets
from ..testing._server import run as serve

# Requests that the record holds: a server may run for weeks.
_RECORD: Final = 1000


def run(chosen: argparse.Namespace, out: TextIO, problems: TextIO) -> int:
    """Serve until the end and give the exit status: 0 after a clean end, 2 where it cannot begin."""
    try:
        sockets = Sockets(chosen.host, chosen.port, chosen.storage_port)
    except OSError as error:
        problems.write(f"hubspot-files emulator: cannot listen on {error.filename}: {error.strerror}\n")
        return 2
    with closing(sockets):
        try:
            emulator = Emulator(
                base_url=chosen.base_url or sockets.base_url,
                storage_url=chosen.storage_url or sockets.storage_url,
                portal_id=chosen.portal_id,
                seed=chosen.seed,
                loopback_imports=chosen.loopback_imports,
                data=chosen.data,
                record=_RECORD,
            )
        except (ValueError, OSError) as error:
            problems.write(f"hubspot-files emulator: {error}\n")
            return 2
        kept = "in memory" if chosen.data is None else f"kept in {chosen.data}"
        with emulator:
            for token, scopes in chosen.tokens:
                emulator.add_token(SCOPES if scopes is None else scopes, token=token)
            first = chosen.tokens[0][0] if chosen.tokens else emulator.token
            serve(emulator, sockets, ready=lambda: _announce(emulator, first, kept, out))
    out.write("ended\n")
    out.flush()
    return 0


def _announce(emulator: Emulator, token: str, kept: str, out: TextIO) -> None:
    lines = [
        f"hubspot-files emulator {__version__}: account {emulator.portal_id}, {kept}",
        f"  API      {emulator.base_url}",
        f"  storage  {emulator.storage_url}  (signed URLs and public files; takes no token)",
        *(f"  token    {known}  ({' '.join(sorted(scopes))})" for known, scopes in emulator.tokens.items()),
        f"  control  {emulator.base_url}{PREFIX}  (faults, clock, what is stored and what was asked)",
        "",
        "Point the SDK at it:",
        f"  export HUBSPOT_BASE_URL={emulator.base_url}",
        f"  export HUBSPOT_ACCESS_TOKEN={token}",
        "",
        "Ctrl-C ends it.",
    ]
    out.write("\n".join(lines) + "\n")
    out.flush()
