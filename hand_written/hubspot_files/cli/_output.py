"""The output of a command: for people on a terminal, as plain lines in a pipe, or as JSON lines."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping
from typing import Any, Final

import click

from ._stderr import columns, has_colors, write_line
from ._text import folded
from ._waits import Waits

NARROW: Final = 66
"""Columns below which a terminal is narrow."""


class Output:
    """The standard output and the standard error of a command.

    Args:
        json: whether the standard output is JSON lines.

    Attributes:
        json: see the argument.
        terminal: whether the standard output is a terminal, and for people.
        narrow: whether that terminal is too narrow for columns.
        color: whether to use colors there. NO_COLOR and TERM=dumb turn them off.
        waits: waits of the command.
    """

    def __init__(self, *, json: bool = False) -> None:
        self.json = json
        self.terminal: bool = sys.stdout.isatty() and not json
        self.width: int = columns()
        self.narrow: bool = self.width < NARROW
        self.color: bool = self.terminal and has_colors()
        self.waits: Waits = Waits(silent=json)
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                # A name that the terminal cannot show must not end the command.
                stream.reconfigure(errors="backslashreplace")

    def line(self, text: str) -> None:
        """Write a line for people."""
        click.echo(text, color=self.color)

    def sentence(self, text: str) -> None:
        """Write a line for people, which a terminal gets broken between words."""
        self.line(folded(text, self.width) if self.terminal else text)

    def record(self, fields: Mapping[str, Any]) -> None:
        """Write a JSON line."""
        click.echo(json.dumps(fields, ensure_ascii=False))

    def note(self, text: str) -> None:
        """Write a line about the command itself to the standard error."""
        write_line(text)

    def warn(self, text: str) -> None:
        """Write a line to the standard error that the user should not overlook."""
        write_line(text, fg="yellow")

    def styled(self, text: str, **style: Any) -> str:
        """Return a text in a style of click, such as `bold=True` or `fg="red"`, where there are colors."""
        return click.style(text, **style) if self.color else text
