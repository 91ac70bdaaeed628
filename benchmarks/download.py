"""Download one file to disk from a server in another process: MB/s, and growth of resident memory."""

from __future__ import annotations

from . import upload


def main(arguments: list[str]) -> None:
    """Measure and print."""
    upload.main(arguments, what="download")
