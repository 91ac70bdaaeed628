"""Runs of the command `hubspot-files`: in this process, as a process with pipes, and on a terminal."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hubspot_files.cli import main

PROGRAM = [sys.executable, "-W", "error", "-m", "hubspot_files.cli"]
# A session without a terminal gets the one that it opens, and with it Ctrl-C.
_ON_TERMINAL = [
    *PROGRAM[:3],
    "-c",
    "import os; os.close(os.open(os.ttyname(0), os.O_RDWR))\n"
    "from hubspot_files.cli import main; raise SystemExit(main())",
]
_TIMEOUT = 60

# A shell starts a program in the background with Ctrl-C ignored, which its processes would inherit. A handler is not
# inherited.
signal.signal(signal.SIGINT, signal.default_int_handler)


class Ran(NamedTuple):
    """The exit status and the output of a run."""

    status: int
    out: str
    err: str = ""

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def records(self) -> list[dict[str, Any]]:
        """The JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


class Run:
    """Runs the command in this process, with pipes instead of a terminal."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str | Path) -> Ran:
        self._capsys.readouterr()
        return Ran(main([str(argument) for argument in arguments]), *self._capsys.readouterr())


def as_process(*arguments: str | Path, **options: Any) -> Ran:
    """Run the command as a process, with pipes."""
    completed = subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=_TIMEOUT,
        check=False,
        **options,
    )
    return Ran(completed.returncode, completed.stdout, completed.stderr)


def on_terminal(
    *arguments: str | Path,
    columns: int = 80,
    environment: Mapping[str, str] | None = None,
    answers: Mapping[str, str] | None = None,
    react: Callable[[str, int], None] | None = None,
    plain: bool = True,
) -> Ran:
    """Run the command on a terminal, and return its whole output.

    Args:
        arguments: arguments of the command.
        columns: width of the terminal.
        environment: further variables. CI is removed.
        answers: the keys to type after a text of the output.
        react: called with the output so far, and the id of the process.
        plain: whether sequences that style text or move the cursor are removed from the output.
    """
    variables = {name: value for name, value in os.environ.items() if name not in ("CI", "NO_COLOR", "COLUMNS")}
    variables |= {"TERM": "xterm-256color", **(environment or {})}
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        [*_ON_TERMINAL, *map(str, arguments)],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env=variables,
        start_new_session=True,
    )
    os.close(terminal)
    left = dict(answers or {})
    output, typed = b"", ""
    ends_at = time.monotonic() + _TIMEOUT
    try:
        while True:
            if not select.select([controller], [], [], 1.0)[0]:
                assert time.monotonic() < ends_at, f"it did not end: {output.decode(errors='replace')}"
                # A signal that comes while a read from the terminal begins does not end it. People press again.
                os.write(controller, b"\x03" if typed == "\x03" else b"")
                continue
            try:
                chunk = os.read(controller, 4096)
            except OSError as error:
                # The other end is closed.
                if error.errno != errno.EIO:
                    raise
                break
            if not chunk:
                break
            output += chunk
            text = output.decode(errors="replace")
            for expected in [each for each in left if each in text]:
                typed = left.pop(expected)
                os.write(controller, typed.encode())
            if react is not None:
                react(text, process.pid)
        status = process.wait(_TIMEOUT)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()
        os.close(controller)
    text = output.decode(errors="replace").replace("\r\n", "\n")
    return Ran(status, unstyled(text) if plain else text)


def unstyled(text: str) -> str:
    """Return the output of a terminal without its sequences."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
