"""Download one file to disk from a server in another process: MB/s, and memory beyond what was resident before.

Ours asks for the record and a signed URL first, compares size and MD5, and renames the file at the end.
"""

from __future__ import annotations

from . import upload


def main(arguments: list[str]) -> None:
    """Measure and print."""
    upload.main(arguments, what="download")
