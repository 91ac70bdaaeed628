"""The options of `hubspot-files emulator`."""

from __future__ import annotations

import argparse
import pathlib


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options to the command's parser."""
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: this machine only)")
    parser.add_argument("--port", type=_port, default=8080, help="the API's port, 0 for a free one (default: 8080)")
    parser.add_argument(
        "--storage-port",
        type=_port,
        help="the port of contents and signed URLs (default: the one after --port, if any)",
    )
    parser.add_argument(
        "--base-url", metavar="URL", help="how clients reach the API, where that is not http://HOST:PORT"
    )
    parser.add_argument(
        "--storage-url", metavar="URL", help="how clients reach the storage, where that is not http://HOST:PORT"
    )
    parser.add_argument(
        "--token",
        action="append",
        default=[],
        type=_token,
        dest="tokens",
        metavar="TOKEN[=SCOPE,SCOPE]",
        help="a token to accept, with these scopes or with all; may be repeated. No others are accepted then: those "
        "that --data holds are revoked (default: those that --data holds, or one that is made up)",
    )
    parser.add_argument(
        "--data",
        type=pathlib.Path,
        metavar="DIR",
        help="a folder to keep the account in: new, empty or made by the emulator before (default: in memory)",
    )
    parser.add_argument(
        "--loopback-imports",
        action="store_true",
        help="let imports fetch from http servers on this machine; without it they reach nothing",
    )
    parser.add_argument(
        "--search-lag",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="how long a new file is missing from the search (default: 0)",
    )
    parser.add_argument(
        "--no-honour-ranges",
        action="store_false",
        dest="honour_ranges",
        help="let the storage answer requests for a part with everything",
    )
    parser.add_argument(
        "--no-download-redirects",
        action="store_false",
        dest="download_redirects",
        help="let the download call answer the content itself, not a redirect to a signed URL",
    )
    parser.add_argument(
        "--portal-id",
        type=_number,
        metavar="NUMBER",
        help="the account's number (default: that of --data, which no other may be, or 12345)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="NUMBER",
        help="tokens, ids of tasks and signatures follow from it; the token and the signatures of an account that "
        "--data holds already stay as they are",
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65_535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port, which is from 0 to 65535")
    return int(text)


def _token(text: str) -> tuple[str, tuple[str, ...] | None]:
    token, equals, scopes = text.partition("=")
    named = tuple(scope for scope in scopes.split(",") if scope)
    if not token.isascii() or not token.isprintable() or not token or " " in token or (equals and not named):
        raise argparse.ArgumentTypeError(f"{text!r} is not a token, or one with scopes such as my-token=files.read")
    return token, named or None
