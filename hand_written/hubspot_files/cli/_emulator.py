"""`hubspot-files emulator`, which serves an emulated HubSpot for programs in any language."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final, TextIO
from urllib.parse import urlsplit

import click

from .._http.urls import EMULATOR_TOKEN, is_trusted, may_lead
from .._version import __version__
from ..emulator._api.routes import SCOPES
from ..emulator._control_route import PREFIX
from ..emulator._server import Sockets
from ..emulator._server import run as serve
from ..testing import Emulator
from ._emulator_options import emulator_options
from ._errors import DONE, FAILED, MISUSE
from ._extras import missing_module
from ._verify import verify

# Maximum number of recorded requests, because a server can run for weeks.
_RECORD: Final = 1000


@click.group(
    invoke_without_command=True,
    epilog="\b\nExamples:\n  hubspot-files emulator\n  hubspot-files emulator --port 0 --data account",
)
@emulator_options
@click.pass_context
def emulator(context: click.Context, /, **options: Any) -> int:
    """Serve an emulated HubSpot Files API until Ctrl-C or SIGTERM.

    The exit status is 0 after that, and 2 if the server cannot start.
    """
    if context.invoked_subcommand is not None:
        return DONE
    if message := missing_module("emulator", "uvicorn"):
        click.echo(message, err=True)
        return FAILED
    return run(sys.stdout, sys.stderr, **options)


emulator.add_command(verify)


def run(
    out: TextIO,
    errors: TextIO,
    *,
    host: str,
    port: int,
    storage_port: int | None,
    base_url: str | None,
    storage_url: str | None,
    tokens: Sequence[tuple[str, tuple[str, ...] | None]],
    data: Path | None,
    **settings: Any,
) -> int:
    """Serve until a signal, and return the exit status: 0 after that, 2 if the server cannot start.

    Args:
        out: standard output.
        errors: standard error.
        host, port, storage_port, base_url, storage_url, tokens, data: see `_emulator_options`.
        settings: further options of the Emulator.
    """
    try:
        sockets = Sockets(host, port, storage_port)
    except OSError as error:
        return _refuse(errors, f"cannot listen on {error.filename}: {error.strerror}")
    reached = base_url or sockets.base_url
    with closing(sockets):
        try:
            served = Emulator(
                base_url=reached,
                storage_url=sockets.storage_for(reached) if storage_url is None else storage_url,
                data=data,
                record=_RECORD,
                **settings,
            )
        except (ValueError, OSError) as error:
            return _refuse(errors, error)
        kept = "in memory" if data is None else f"kept in {data}"
        with served:
            try:
                first = _grant(served, tokens)
                served.keep_tokens()
            except ValueError as error:
                return _refuse(errors, error)
            everywhere = sockets.on_all_addresses and not base_url and not storage_url
            serve(served, sockets, ready=lambda: _announce(served, first, kept, out, everywhere=everywhere))
    out.write("ended\n")
    out.flush()
    return DONE


def _grant(emulator: Emulator, wanted: Sequence[tuple[str, tuple[str, ...] | None]]) -> str:
    """Accept the wanted tokens and no others, or else the account's tokens, and return the first of them."""
    if wanted:
        granted = [emulator.add_token(SCOPES if scopes is None else scopes, token=token) for token, scopes in wanted]
        for token in emulator.tokens.keys() - set(granted):
            emulator.revoke_token(token)
        return granted[0]
    # The account's first token may have been revoked, or all of them.
    known = emulator.tokens or {emulator.add_token(): frozenset(SCOPES)}
    return emulator.token if emulator.token in known else next(iter(known))


def _refuse(errors: TextIO, reason: object) -> int:
    errors.write(f"hubspot-files emulator: {reason}\n")
    return MISUSE


def _announce(emulator: Emulator, token: str, kept: str, out: TextIO, *, everywhere: bool) -> None:
    lines = [
        f"hubspot-files emulator {__version__}: account {emulator.portal_id}, {kept}",
        f"  API      {emulator.base_url}",
        f"  storage  {emulator.storage_url}  (signed URLs and public files; takes no token)",
        *(f"  token    {known}  ({' '.join(sorted(scopes))})" for known, scopes in emulator.tokens.items()),
        f"  control  {emulator.base_url}{PREFIX}  (faults, clock, stored files, recorded requests)",
        "",
        *_how_to_reach(emulator, token),
        *(_from_other_hosts(emulator, token) if everywhere else ()),
        "",
        "Ctrl-C ends it.",
    ]
    out.write("\n".join(lines) + "\n")
    out.flush()


def _how_to_reach(emulator: Emulator, token: str) -> list[str]:
    """Return how to connect the SDK to the emulator, or what it needs for that."""
    if not is_trusted(emulator.base_url, emulated=token.startswith(EMULATOR_TOKEN)):
        return [
            f"Over http to another machine, the SDK sends only a --token that begins with {EMULATOR_TOKEN}:",
            "choose such a one, or put TLS in front, and pass its https:// URLs as --base-url and --storage-url.",
            "Programs that accept http need nothing else.",
        ]
    if not may_lead(emulator.base_url, emulator.storage_url):
        return [
            "The SDK follows no link from this API to this storage: let --storage-url be https, or http on the host of",
            "an --base-url that is http, too. Programs that accept http need nothing else.",
        ]
    return [
        "Point the SDK at it:",
        f"  export HUBSPOT_BASE_URL={emulator.base_url}",
        f"  export HUBSPOT_ACCESS_TOKEN={token}",
    ]


def _from_other_hosts(emulator: Emulator, token: str) -> list[str]:
    url = f"http://NAME-OF-THIS-HOST:{urlsplit(emulator.base_url).port}"
    if not token.startswith(EMULATOR_TOKEN):
        return ["", f"Other hosts reach it at {url}. The SDK needs a --token there that begins with {EMULATOR_TOKEN}."]
    return ["", "From other hosts and containers:", f"  export HUBSPOT_BASE_URL={url}"]
