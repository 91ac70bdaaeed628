"""The emulator as a separate process."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def served(*options: str) -> Iterator[tuple[str, str]]:
    """Serve an emulator, and stop it.

    Yields:
        Its base URL and its token.

    Raises:
        RuntimeError: It did not start, or did not end normally.
    """
    command = [sys.executable, "-m", "hubspot_files.cli", "emulator", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        output = ""
        for line in process.stdout:
            output += line
            if line.startswith("Ctrl-C"):
                break
        address = re.search(r"HUBSPOT_BASE_URL=(\S+)\n.*HUBSPOT_ACCESS_TOKEN=(\S+)", output)
        try:
            if address is not None:
                yield address[1], address[2]
        finally:
            process.terminate()
            rest, problems = process.communicate(timeout=30)
        if address is None or process.returncode != 0 or rest != "ended\n":
            raise RuntimeError(f"the emulator ended with {process.returncode}: {output}{rest}{problems}")
