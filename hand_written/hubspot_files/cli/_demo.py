"""`hubspot-files demo`: what the SDK does, seen on an emulated HubSpot, each step checked."""

from __future__ import annotations

import hashlib
import struct
import tempfile
import zlib
from datetime import timedelta
from pathlib import Path
from typing import TextIO

import httpx

from .. import Access, HubSpotFilesError, NotFoundError
from ..testing import Emulator

_LIFE = timedelta(minutes=10)
_WIDTH, _HEIGHT = 225, 219


class StepFailedError(Exception):
    """A step did not check."""


class _Report:
    """What a person reads."""

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

    def check(self, condition: bool, what: str) -> None:
        """Show that something holds, or end the demo."""
        if not condition:
            raise StepFailedError(what)
        self.line(f"   ✓ {what}" if _can_encode(self._out, "✓") else f"   ok: {what}")


def run(out: TextIO) -> int:
    """Run the demo and give its exit status: 0 where every step held, else 1."""
    report = _Report(out)
    try:
        with tempfile.TemporaryDirectory() as folder, Emulator() as emulator:
            _run_steps(report, emulator, Path(folder))
    except (StepFailedError, HubSpotFilesError, httpx.HTTPError, OSError) as error:
        report.line(f"\nThis step did not check: {type(error).__name__}: {error}")
        return 1
    report.line("\nAll of it held. The same lines work on an account: set HUBSPOT_ACCESS_TOKEN, then HubSpotFiles().")
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
            ("access", file.access.value),
            ("type", f"{file.type_}, {file.width} x {file.height} pixels"),
            ("size", f"{file.size:,} bytes"),
            ("created", f"{file.created_at:%Y-%m-%d %H:%M:%S} UTC"),
        ):
            report.fact(name, value)
        report.check(file.path == "/library/cat_archive/cat.png", "stored where it was asked for, the folders made")
        report.check(file.access is Access.PRIVATE, "private, because nothing else was asked for")
        report.check((file.width, file.height) == (_WIDTH, _HEIGHT), "HubSpot saw a picture of the right size")
        report.check(
            anyone.get(str(file.url)).status_code == 404,
            "its plain URL responds 404 to anyone, because the file is private",
        )

        report.step("hubspot.files.signed_url(file.id, expires_in=timedelta(minutes=10))")
        signed = hubspot.files.signed_url(file.id, expires_in=_LIFE)
        report.fact("url", f"{signed.url.partition('?')[0]}?...")
        report.fact("expires", f"{signed.expires_at:%Y-%m-%d %H:%M:%S} UTC")
        report.fact("remaining", f"{signed.remaining().total_seconds():.0f} s")
        report.check(not signed.is_expired(), "it works for ten minutes, by HubSpot's clock and not by ours")
        report.check(signed.url not in repr(signed), f"its repr keeps the secret: {signed!r}")

        report.step("anyone who holds that URL fetches the content, with no token")
        answer = anyone.get(signed.url)
        report.check(answer.content == content, f"{answer.status_code}, {len(answer.content):,} bytes")
        came = hashlib.md5(answer.content, usedforsecurity=False).hexdigest()
        report.check(came == md5, f"MD5 {came} is that of the file on disk")

        report.step('hubspot.files.download(file.id, "copy.png")')
        copy = hubspot.files.download(file.id, folder / "copy.png")
        report.check(copy is not None and copy.read_bytes() == content, "the copy is the same, byte for byte")
        report.check(
            sorted(path.name for path in folder.iterdir()) == ["cat.png", "copy.png"],
            "size and MD5 were verified before it got its name; no partial file is left",
        )

        report.step("eleven minutes later by HubSpot's clock")
        emulator.clock.advance(timedelta(minutes=11))
        report.check(anyone.get(signed.url).status_code == 403, "the signed URL is refused: 403")
        renewed = hubspot.files.signed_url(file.id, expires_in=_LIFE)
        report.check(anyone.get(renewed.url).status_code == 200, "a new one works")

        report.step("hubspot.files.delete(file.id)")
        hubspot.files.delete(file.id)
        try:
            hubspot.files.get(file.id)
        except NotFoundError:
            report.check(True, "the file is gone: files.get raises NotFoundError")
        else:
            report.check(False, "the file is gone")
        report.check(anyone.get(renewed.url).status_code >= 400, "and so is its signed URL")


def png(width: int, height: int) -> bytes:
    """A PNG of a sunset: 8-bit RGB, rows unfiltered."""

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
    """Whether a terminal's encoding has these characters."""
    try:
        text.encode(out.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
