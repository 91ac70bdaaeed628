"""`hubspot-files emulator`: an emulated HubSpot as a server, for programs in any language."""

from __future__ import annotations

import argparse
from typing import TextIO

from .._version import __version__
from ..testing import Emulator
from ..testing._api import SCOPES
from ..testing._server import Sockets
from ..testing._server import run as serve


def run(chosen: argparse.Namespace, out: TextIO, problems: TextIO) -> int:
    """Serve until the end and give the exit status: 0 after a clean end, 2 where it cannot begin."""
    try:
        sockets = Sockets(chosen.host, chosen.port, chosen.storage_port)
    except OSError as error:
        problems.write(f"hubspot-files emulator: cannot listen on {error.filename}: {error.strerror}\n")
        return 2
    try:
        emulator = Emulator(
            base_url=chosen.base_url or sockets.base_url,
            storage_url=chosen.storage_url or sockets.storage_url,
            portal_id=chosen.portal_id,
            seed=chosen.seed,
        )
    except ValueError as error:
        sockets.close()
        problems.write(f"hubspot-files emulator: {error}\n")
        return 2
    with emulator:
        tokens = [(token, scopes or SCOPES) for token, scopes in chosen.tokens]
        for token, scopes in tokens:
            emulator.add_token(scopes, token=token)
        serve(emulator, sockets, ready=lambda: _announce(emulator, tokens or [(emulator.token, SCOPES)], out))
    out.write("ended\n")
    out.flush()
    return 0


def _announce(emulator: Emulator, tokens: list[tuple[str, tuple[str, ...]]], out: TextIO) -> None:
    lines = [
        f"hubspot-files emulator {__version__}: account {emulator.portal_id}",
        f"  API      {emulator.base_url}",
        f"  storage  {emulator.storage_url}  (signed URLs and public files; takes no token)",
        *(f"  token    {token}  ({' '.join(scopes)})" for token, scopes in tokens),
        "",
        "Point the SDK at it:",
        f"  export HUBSPOT_BASE_URL={emulator.base_url}",
        f"  export HUBSPOT_ACCESS_TOKEN={tokens[0][0]}",
        "",
        "Ctrl-C ends it.",
    ]
    out.write("\n".join(lines) + "\n")
    out.flush()
