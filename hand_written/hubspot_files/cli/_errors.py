"""Errors of a command as one or two lines, and its exit status."""

from __future__ import annotations

import os
import re
import traceback
from typing import Final

import click

from .. import (
    AuthenticationError,
    ConnectionFailedError,
    HubSpotFilesError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
)
from .._errors import APIError
from .._redaction import Secret, redacted
from ._outages import connection_text, foreign_response_text, server_text
from ._stderr import write_line
from ._text import printable

DONE: Final = 0
FAILED: Final = 1
MISUSE: Final = 2
UNKNOWN: Final = 3
INTERRUPTED: Final = 130

TOKEN_ADVICE: Final = (
    "Create a Service Key in HubSpot (Development > Keys > Service keys) with the scope files, or use a private app "
    "that you have.\nSet its token: export HUBSPOT_ACCESS_TOKEN=... Or pass --token-file or --keyring."
)
"""How to get a token, and where to put it."""

# Tokens of private apps, which a user may have pasted in a wrong place.
_TOKEN: Final = re.compile(r"\bpat-\w+-[\w-]{8,}")
# The options of the commands that users expect before the command.
_COMMON: Final = frozenset({"--json", "--token-file", "--keyring", "--emulator", "--api-version", "--debug"})


class CommandError(Exception):
    """A command cannot do what it was asked to.

    Args:
        message: what happened, and what to do, in one or two lines.
        status: exit status.
    """

    def __init__(self, message: str, status: int = FAILED) -> None:
        super().__init__(message)
        self.status = status


def status_of(error: BaseException) -> int:
    """Return the exit status for an error."""
    if isinstance(error, CommandError):
        return error.status
    if isinstance(error, OutcomeUnknownError):
        return UNKNOWN
    # The SDK raises these for invalid arguments, before anything is changed.
    return MISUSE if isinstance(error, ValueError | TypeError | NotADirectoryError) else FAILED


def explanation(error: BaseException) -> str:
    """Return what happened and what to do, in one or two lines without secrets."""
    if isinstance(error, AuthenticationError):
        text = (
            f"HubSpot does not accept the access token: {error.message}\n"
            "Check HUBSPOT_ACCESS_TOKEN, --token-file or --keyring: there must be the whole token of a Service Key, or "
            "of a private app."
        )
    elif isinstance(error, PermissionDeniedError):
        text = f"the access token lacks a scope: {error.message}\n{error._advice()}"
    elif isinstance(error, RateLimitError):
        text = f"HubSpot's limit is reached: {error.message}\nTry again later; the same command goes on."
    elif isinstance(error, ServerError):
        text = server_text(error)
    elif isinstance(error, APIError) and (foreign := foreign_response_text(error)) is not None:
        text = foreign
    elif isinstance(error, OSError) and error.strerror and error.filename is not None:
        support = error._support() if isinstance(error, HubSpotFilesError) else ""
        text = f"{os.fsdecode(error.filename)}: {error.strerror}{support}"
    elif isinstance(error, ConnectionFailedError):
        text = connection_text(error)
    elif isinstance(error, APIError):
        details = [str(detail["message"]) for detail in error.errors if detail.get("message")]
        reason = "; ".join(dict.fromkeys([error.message, *details]))
        text = f"{error.request}: {error.status_code}: {reason}{error._support()}"
    elif isinstance(error, CommandError | HubSpotFilesError | ValueError | OSError):
        text = str(error)
    else:
        text = f"unexpected {type(error).__name__}: {error}\nRun it again with --debug, and report what it prints."
    return without_secrets(text)


def without_secrets(text: str) -> str:
    """Return a text without tokens, and without control characters except line ends."""
    token = os.environ.get("HUBSPOT_ACCESS_TOKEN")
    text = redacted(text, [Secret(token)] if token else [])
    return "\n".join(printable(line) for line in _TOKEN.sub("[secret]", text).split("\n"))


def report(error: BaseException, command: str, *, debug: bool) -> int:
    """Write an error of a command, and return the exit status."""
    if debug:
        click.echo(without_secrets("".join(traceback.format_exception(error))).rstrip("\n"), err=True)
    write_line(f"{command}: {explanation(error)}")
    return status_of(error)


def report_usage_error(error: click.UsageError) -> None:
    """Write an error of the command line, and where to find help."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return
    command = error.ctx.command_path if error.ctx is not None else "hubspot-files"
    message = error.format_message()
    if isinstance(error, click.NoSuchOption) and command == "hubspot-files" and error.option_name in _COMMON:
        message = f"{error.option_name} follows the command, such as: hubspot-files ls {error.option_name}"
    if isinstance(error, click.NoSuchOption) and error.option_name in ("--token", "--access-token"):
        message = (
            "a token on the command line can be seen by others: set HUBSPOT_ACCESS_TOKEN, or pass --token-file or "
            "--keyring."
        )
    write_line(f"{command}: {without_secrets(message)}\nSee: {command} --help")
