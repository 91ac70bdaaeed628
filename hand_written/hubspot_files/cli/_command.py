"""The options that all commands on files share, and the session that they give to a command."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeAlias

import click

from .. import HubSpotFiles
from ._connection import ConnectionOptions, connect
from ._errors import INTERRUPTED, MISUSE, CommandError, report
from ._output import Output
from ._stderr import fit

P = ParamSpec("P")
Decorator: TypeAlias = Callable[[Callable[..., Any]], Callable[..., Any]]


class Session:
    """One run of a command: its output, its connection, and whether it may change something.

    Args:
        output: output of the command.
        options: how to connect to HubSpot.
        dry_run: whether the command may not change anything.
        yes: whether the user has agreed to all changes.

    Attributes:
        output: see the argument.
        dry_run: see the argument.
    """

    def __init__(self, output: Output, options: ConnectionOptions, *, dry_run: bool = False, yes: bool = False) -> None:
        self.output = output
        self.dry_run = dry_run
        self._options = options
        self._yes = yes

    @property
    def is_sample(self) -> bool:
        """Whether the account is the sample account in memory."""
        return self._options.emulator

    @property
    def asks(self) -> bool:
        """Whether `confirm` asks the user."""
        return not self._yes

    @contextmanager
    def connect(self) -> Generator[HubSpotFiles, None, None]:
        """Return a context manager of a client, whose waits are shown."""
        with self.output.waits.heard(), connect(self._options, self.output) as hubspot:
            yield hubspot

    def confirm(self, question: str) -> None:
        """Ask the user on a terminal whether to go on.

        Raises:
            CommandError: the user declines, or there is no terminal to ask on.
        """
        if self._yes:
            return
        if not sys.stdin.isatty():
            raise CommandError(
                f"{question} There is no terminal to ask on: pass --yes to agree, or --dry-run to look first.", MISUSE
            )
        if not click.confirm(fit(f"{question} [y/N]:"), err=True, show_default=False, prompt_suffix=" "):
            raise CommandError("nothing was changed")


def command(
    *examples: str, changes: bool = False, asks: bool = False
) -> Callable[[Callable[Concatenate[Session, P], int]], click.Command]:
    """Make a command of a function that gets a Session, and returns the exit status.

    Args:
        examples: lines for the help.
        changes: whether the command changes something, and takes `--dry-run`.
        asks: whether it changes or deletes what exists, and takes `--yes`.
    """

    def decorate(function: Callable[Concatenate[Session, P], int]) -> click.Command:
        @functools.wraps(function)
        def run(
            *args: Any,
            json: bool,
            token_file: Path | None,
            keyring: str | None,
            emulator: bool,
            api_version: str | None,
            debug: bool,
            dry_run: bool = False,
            yes: bool = False,
            **kwargs: Any,
        ) -> int:
            name = click.get_current_context().command_path
            try:
                output = Output(json=json)
                options = ConnectionOptions(token_file, keyring, emulator, api_version)
                return function(Session(output, options, dry_run=dry_run, yes=yes), *args, **kwargs)
            except (click.ClickException, click.Abort, BrokenPipeError):
                raise
            except KeyboardInterrupt:
                # The cursor is behind the ^C that the terminal shows.
                click.echo(f"\n{name}: interrupted", err=True)
                return INTERRUPTED
            except Exception as error:  # noqa: BLE001 - the last place before the user
                return report(error, name, debug=debug)

        options = [*_CONNECTION]
        if asks:
            options.insert(0, click.option("--yes", "-y", is_flag=True, help="Do not ask."))
        if changes:
            options.insert(
                0, click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
            )
        wrapped: Callable[..., Any] = run
        for option in reversed(options):
            # Options of the command itself were declared before, and come first in the help.
            wrapped = option(wrapped)
        _own_options_first(wrapped, len(options))
        lines = "\n".join(f"  {example}" for example in examples)
        return click.command(epilog=f"\b\nExamples:\n{lines}")(wrapped)

    return decorate


def _own_options_first(function: Any, shared: int) -> None:
    """Move the shared options of a function behind its own, in the order of the help."""
    # click collects the decorators of a function from the last to the first.
    declared: list[click.Parameter] = function.__click_params__
    declared[:] = declared[-shared:] + declared[:-shared]


_CONNECTION: list[Decorator] = [
    click.option("--json", is_flag=True, help="Print JSON lines."),
    click.option(
        "--token-file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Read the access token from a file.",
    ),
    click.option("--keyring", metavar="NAME", help="Read the access token from an entry of the system's keyring."),
    click.option("--emulator", is_flag=True, help="Use a sample account in memory, instead of HubSpot."),
    click.option("--api-version", metavar="VERSION", help="Version of HubSpot's API, such as 2026-03."),
    click.option("--debug", is_flag=True, help="Print the traceback of an error."),
]
