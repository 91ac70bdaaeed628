"""Download one file to disk from a server in another process: MB/s, and growth of resident memory.

This package requests the record and a signed URL first, verifies size and MD5, and renames the file at the end.
"""

from __future__ import annotations

from . import upload


def main(arguments: list[str]) -> None:
    """Measure and print."""
    upload.main(arguments, what="download")
