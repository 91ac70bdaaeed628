"""A sample account, on which all commands have something to show."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

from .. import Access
from ..testing import Emulator
from ._demo import png

_YEARS: Final = timedelta(days=3 * 365)
# Folder, name, access, content, days before expiry; the first ones are three years old.
_OLD: Final[tuple[tuple[str, str, str, bytes, int | None], ...]] = (
    ("/library/brochures", "spring.pdf", "PUBLIC_INDEXABLE", b"%PDF-1.7 spring" * 20_000, None),
    ("/library/contracts", "contract-2023.pdf", "PUBLIC_NOT_INDEXABLE", b"%PDF-1.7 contract" * 900, None),
    ("/library/contracts", "contract-2023-signed.pdf", "PRIVATE", b"%PDF-1.7 signed" * 950, None),
)
_NEW: Final[tuple[tuple[str, str, str, bytes, int | None], ...]] = (
    ("/library/pictures", "cat.png", "PUBLIC_INDEXABLE", b"", None),
    ("/library/pictures", "cat-copy.png", "PRIVATE", b"", None),
    ("/library/pictures", "sunset over the bay.png", "PRIVATE", png(320, 200), None),
    ("/library/reports", "2026-q3.csv", "PRIVATE", b"name,amount\ntom,3\n" * 4000, None),
    ("/library/reports", "draft.txt", "PRIVATE", b"", None),
    ("/library/reports", "passport-scan.pdf", "SENSITIVE", b"%PDF-1.7 passport" * 700, 14),
    ("/", "readme.txt", "PUBLIC_NOT_INDEXABLE", b"The files of a sample account.\n", None),
)


@contextmanager
def sample_account() -> Generator[Emulator, None, None]:
    """Return a context manager of an emulator with some files."""
    cat = png(225, 219)
    with Emulator(start=datetime.now(UTC) - _YEARS) as emulator, emulator.client() as hubspot:
        for group in (_OLD, _NEW):
            for folder, name, access, content, days in group:
                hubspot.files.upload(
                    cat if name.startswith("cat") else content,
                    name=name,
                    folder_path=folder,
                    access=Access(access),
                    ttl=None if days is None else timedelta(days=days),
                )
            if group is _OLD:
                emulator.clock.advance(_YEARS)
        emulator.forget_requests()
        yield emulator
