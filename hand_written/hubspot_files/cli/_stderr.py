"""Lines for people on the standard error. On a terminal, they are broken between words."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Any

import click

from ._text import folded


def columns() -> int:
    """Return the width of the terminal, also if the standard output is a pipe."""
    fallback = os.get_terminal_size(sys.stderr.fileno()).columns if sys.stderr.isatty() else 80
    return shutil.get_terminal_size((fallback, 24)).columns


def fit(text: str) -> str:
    """Return a text as the standard error shows it."""
    return folded(text, columns()) if sys.stderr.isatty() else text


def write_line(text: str, **style: Any) -> None:
    """Write a line. On a terminal with colors, it has a style of click, such as `fg="yellow"`."""
    text = fit(text)
    if style and sys.stderr.isatty() and has_colors():
        text = click.style(text, **style)
    click.echo(text, err=True)


def has_colors() -> bool:
    """Return whether a terminal may show colors."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
