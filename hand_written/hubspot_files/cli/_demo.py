"""`hubspot-files demo`, which runs the SDK against an emulated HubSpot and checks each step."""

from __future__ import annotations

import hashlib
import struct
import sys
import tempfile
import zlib
from datetime import timedelta
from pathlib import Path
from typing import TextIO

import click
import httpx

from .. import Access, HubSpotFilesError, NotFoundError
from ..testing import Emulator
from ._errors import FAILED
from ._extras import missing_module

_LIFETIME = timedelta(minutes=10)
_WIDTH, _HEIGHT = 225, 219


class StepFailedError(Exception):
    """A check of a step failed."""


class _Report:
    """Writer of the output."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._number = 0

    def step(self, title: str) -> None:
        self._number += 1
        self.line(f"\n{self._number}. {title}")

    def fact(self, name: str, value: object) -> None:
        self.line(f"   {name:<12} {value}")

    def line(self, text: str) -> None:
        self._out.write(f"{text}\n")
        self._out.flush()

    def check(self, condition: bool, statement: str) -> None:
        """Write a statement that is true, or end the demo.

        Raises:
            StepFailedError: the condition is false.
        """
        if not condition:
            raise StepFailedError(statement)
        self.line(f"   ✓ {statement}" if _can_encode(self._out, "✓") else f"   ok: {statement}")


@click.command(epilog="\b\nExamples:\n  hubspot-files demo")
def demo() -> int:
    """Run the SDK against an emulated HubSpot in this process. It needs no account and no network."""
    if message := missing_module("demo"):
        click.echo(message, err=True)
        return FAILED
    return run(sys.stdout)


def run(out: TextIO) -> int:
    """Run the demo, and return its exit status: 0 if all steps succeeded, else 1."""
    report = _Report(out)
    try:
        with tempfile.TemporaryDirectory() as folder, Emulator() as emulator:
            _run_steps(report, emulator, Path(folder))
    except (StepFailedError, HubSpotFilesError, httpx.HTTPError, OSError) as error:
        report.line(f"\nThis step failed: {type(error).__name__}: {error}")
        return 1
    report.line("\nAll steps succeeded. To run them on an account, set HUBSPOT_ACCESS_TOKEN and use HubSpotFiles().")
    return 0


def _run_steps(report: _Report, emulator: Emulator, folder: Path) -> None:
    report.line("hubspot-files demo: an emulated HubSpot in this process, no account, no network")
    cat = folder / "cat.png"
    cat.write_bytes(png(_WIDTH, _HEIGHT))
    content = cat.read_bytes()
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()

    with emulator.client() as hubspot, httpx.Client(transport=emulator.transport) as anyone:
        report.step('hubspot.files.upload("cat.png", folder_path="/library/cat_archive")')
        file = hubspot.files.upload(cat, folder_path="/library/cat_archive")
        for name, value in (
            ("id", file.id),
            ("path", file.path),
            ("access", "unknown" if file.access is None else file.access.value),
            ("type", f"{file.type_}, {file.width} x {file.height} pixels"),
            ("size", f"{file.size:,} bytes"),
            ("created", f"{file.created_at:%Y-%m-%d %H:%M:%S} UTC"),
        ):
            report.fact(name, value)
        report.check(file.path == "/library/cat_archive/cat.png", "stored at its path, and the folders were created")
        report.check(file.access is Access.PRIVATE, "private by default")
        report.check((file.width, file.height) == (_WIDTH, _HEIGHT), "HubSpot found a picture of the right size")
        report.check(
            anyone.get(str(file.url)).status_code == 404,
            "its plain URL responds 404 to anyone, because the file is private",
        )

        report.step("hubspot.files.signed_url(file.id, expires_in=timedelta(minutes=10))")
        signed = hubspot.files.signed_url(file.id, expires_in=_LIFETIME)
        report.fact("url", f"{signed.url.partition('?')[0]}?...")
        report.fact("expires", f"{signed.expires_at:%Y-%m-%d %H:%M:%S} UTC")
        report.fact("remaining", f"{signed.remaining().total_seconds():.0f} s")
        report.check(not signed.is_expired(), "it is valid for ten minutes, by HubSpot's clock")
        report.check(signed.url not in repr(signed), f"its repr does not contain the URL: {signed!r}")

        report.step("anyone with the URL can fetch the content, without a token")
        response = anyone.get(signed.url)
        report.check(response.content == content, f"{response.status_code}, {len(response.content):,} bytes")
        received = hashlib.md5(response.content, usedforsecurity=False).hexdigest()
        report.check(received == md5, f"MD5 {received} is that of the file on disk")

        report.step('hubspot.files.download(file.id, "copy.png")')
        copy = hubspot.files.download(file.id, folder / "copy.png")
        report.check(copy is not None and copy.read_bytes() == content, "the copy is the same, byte for byte")
        report.check(
            sorted(path.name for path in folder.iterdir()) == ["cat.png", "copy.png"],
            "size and MD5 were verified before the rename, and no partial file remains",
        )

        report.step("eleven minutes later, by HubSpot's clock")
        emulator.clock.advance(timedelta(minutes=11))
        report.check(anyone.get(signed.url).status_code == 403, "the signed URL is refused: 403")
        renewed = hubspot.files.signed_url(file.id, expires_in=_LIFETIME)
        report.check(anyone.get(renewed.url).status_code == 200, "a new one works")

        report.step("hubspot.files.delete(file.id)")
        hubspot.files.delete(file.id)
        try:
            hubspot.files.get(file.id)
        except NotFoundError:
            report.check(True, "the file is deleted: files.get raises NotFoundError")
        else:
            report.check(False, "the file is deleted")
        report.check(anyone.get(renewed.url).status_code >= 400, "its signed URL does not work any more")


def png(width: int, height: int) -> bytes:
    """Return a PNG of a sunset, with 8-bit RGB and unfiltered rows."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            sun = (x - width // 2) ** 2 + (y - height // 2) ** 2 < (height // 5) ** 2
            rows += bytes((255, 220, 120)) if sun else bytes((240 - 120 * y // height, 90 + 60 * x // width, 130))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(rows))) + chunk(b"IEND", b"")
    )


def _can_encode(out: TextIO, text: str) -> bool:
    """Return whether an output can encode a text."""
    try:
        text.encode(out.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
