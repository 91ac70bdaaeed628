"""The options of `hubspot-files emulator`."""

from __future__ import annotations

import argparse
import pathlib


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options to the parser of the command."""
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: this machine only)")
    parser.add_argument("--port", type=_port, default=8080, help="the API's port, 0 for a free one (default: 8080)")
    parser.add_argument(
        "--storage-port",
        type=_port,
        help="the port of the storage host, for contents and signed URLs (default: the one after --port)",
    )
    parser.add_argument(
        "--base-url", metavar="URL", help="the URL at which clients reach the API (default: http://HOST:PORT)"
    )
    parser.add_argument(
        "--storage-url", metavar="URL", help="the URL at which clients reach the storage (default: http://HOST:PORT)"
    )
    parser.add_argument(
        "--token",
        action="append",
        default=[],
        type=_token,
        dest="tokens",
        metavar="TOKEN[=SCOPE,SCOPE]",
        help="a token to accept, with these scopes or with all; may be repeated. Other tokens in --data are revoked "
        "(default: the tokens in --data, or a generated one)",
    )
    parser.add_argument(
        "--data",
        type=pathlib.Path,
        metavar="DIR",
        help="a folder to store the account in: new, empty, or from an earlier run (default: in memory)",
    )
    parser.add_argument(
        "--loopback-imports",
        action="store_true",
        help="let imports fetch from http servers on this machine; without it, they cannot fetch anything",
    )
    parser.add_argument(
        "--search-lag",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="the delay until a new file is found by searches (default: 0)",
    )
    parser.add_argument(
        "--promised-only",
        action="store_true",
        help="leave out of responses what their version of the API does not promise, such as the access of a file "
        "since 2026-03",
    )
    parser.add_argument(
        "--no-honour-ranges",
        action="store_false",
        dest="honour_ranges",
        help="let the storage respond to range requests with the whole content",
    )
    parser.add_argument(
        "--no-download-redirects",
        action="store_false",
        dest="download_redirects",
        help="let the download endpoint respond with the content instead of a redirect to a signed URL",
    )
    parser.add_argument(
        "--portal-id",
        type=_number,
        metavar="NUMBER",
        help="the account's number, which must be the one in --data (default: the one in --data, or 12345)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="NUMBER",
        help="the seed of tokens, ids of tasks and signatures; an account in --data keeps its token and signatures",
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65_535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 0 to 65535")
    return int(text)


def _token(text: str) -> tuple[str, tuple[str, ...] | None]:
    token, equals, scopes = text.partition("=")
    named = tuple(scope for scope in scopes.split(",") if scope)
    if not token.isascii() or not token.isprintable() or not token or " " in token or (equals and not named):
        raise argparse.ArgumentTypeError(f"{text!r} is not a token, or one with scopes such as my-token=files.read")
    return token, named or None
