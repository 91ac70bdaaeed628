"""The options of `hubspot-files emulator`."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from typing import Any, Final

import click


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise click.BadParameter(f"{text!r} is not a whole number above 0")
    return int(text)


def _port(text: str) -> int:
    # click also passes the default, which is a number.
    text = str(text)
    if not (text.isascii() and text.isdigit() and int(text) <= 65_535):
        raise click.BadParameter(f"{text!r} is not a port from 0 to 65535")
    return int(text)


def _token(text: str) -> tuple[str, tuple[str, ...] | None]:
    token, equals, scopes = text.partition("=")
    named = tuple(scope for scope in scopes.split(",") if scope)
    if not token.isascii() or not token.isprintable() or not token or " " in token or (equals and not named):
        raise click.BadParameter(f"{text!r} is not a token, or one with scopes such as my-token=files.read")
    return token, named or None


_OPTIONS: Final = (
    click.option("--host", default="127.0.0.1", help="The address to listen on (default: this machine only)."),
    click.option(
        "--port", type=_port, default=8080, metavar="PORT", help="The API's port, 0 for a free one (default: 8080)."
    ),
    click.option(
        "--storage-port",
        type=_port,
        metavar="PORT",
        help="The port of the storage host, for contents and signed URLs (default: the one after --port).",
    ),
    click.option(
        "--base-url", metavar="URL", help="The URL at which clients reach the API (default: http://HOST:PORT)."
    ),
    click.option(
        "--storage-url", metavar="URL", help="The URL at which clients reach the storage (default: http://HOST:PORT)."
    ),
    click.option(
        "--token",
        "tokens",
        multiple=True,
        type=_token,
        metavar="TOKEN[=SCOPE,SCOPE]",
        help="A token to accept, with these scopes or with all; may be repeated. Other tokens in --data are revoked "
        "(default: the tokens in --data, or a generated one).",
    ),
    click.option(
        "--data",
        type=click.Path(path_type=pathlib.Path),
        metavar="DIR",
        help="A folder to store the account in: new, empty, or from an earlier run (default: in memory).",
    ),
    click.option(
        "--loopback-imports",
        is_flag=True,
        help="Let imports fetch from http servers on this machine; without it, they cannot fetch anything.",
    ),
    click.option(
        "--search-lag",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="The delay until a new file or folder is found by searches (default: 0).",
    ),
    click.option(
        "--move-lag",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="The delay until a rename or a move is seen (default: 0).",
    ),
    click.option(
        "--strict",
        is_flag=True,
        help="Refuse requests that the published description of their version forbids, such as unknown parameters.",
    ),
    click.option("--accepted-imports", is_flag=True, help="Let the status of an import be 202 until it has ended."),
    click.option(
        "--reject-status",
        type=click.Choice(["409", "400"]),
        metavar="STATUS",
        default="409",
        callback=lambda _context, _parameter, value: int(value),
        help="The status of a duplicate that REJECT refuses (default: 409).",
    ),
    click.option(
        "--existing-folder",
        type=click.Choice(["conflict", "return"]),
        metavar="EFFECT",
        default="conflict",
        help="Whether creating a folder that exists is a conflict, or with return returns it (default: conflict).",
    ),
    click.option(
        "--parent-folder-path",
        type=click.Choice(["use", "ignore", "refuse"]),
        metavar="EFFECT",
        default="use",
        help="Whether to use, ignore or refuse the key parentFolderPath of HubSpot's guide (default: use).",
    ),
    click.option(
        "--no-import-duplicates",
        "import_duplicates",
        flag_value=False,
        default=True,
        is_flag=True,
        help="Ignore duplicateValidationStrategy in imports.",
    ),
    click.option(
        "--replace-renames", is_flag=True, help="Let the part fileName rename a file whose content is replaced."
    ),
    click.option(
        "--promised-only",
        is_flag=True,
        help="Leave out of responses what their version of the API does not promise, such as the access of a file "
        "since 2026-03.",
    ),
    click.option(
        "--no-honour-ranges",
        "honour_ranges",
        flag_value=False,
        default=True,
        is_flag=True,
        help="Let the storage respond to range requests with the whole content.",
    ),
    click.option(
        "--no-download-redirects",
        "download_redirects",
        flag_value=False,
        default=True,
        is_flag=True,
        help="Let the download endpoint respond with the content instead of a redirect to a signed URL.",
    ),
    click.option(
        "--portal-id",
        type=_number,
        metavar="NUMBER",
        help="The account's number, which must be the one in --data (default: the one in --data, or 12345).",
    ),
    click.option(
        "--seed",
        type=int,
        default=0,
        metavar="NUMBER",
        help="The seed of tokens, ids of tasks and signatures; an account in --data keeps its token and signatures.",
    ),
)


def emulator_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to the function of the command."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function
