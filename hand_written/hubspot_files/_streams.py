"""Content as a context manager over its chunks, verified at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ._flow import Flow, run, run_async

if TYPE_CHECKING:
    from hubspot_files_api import models

    from ._download import Transfer


class _Stream:
    """What both streams know."""

    def __init__(self, driver: Any, flow: Flow[Transfer]) -> None:
        self._driver = driver
        self._flow = flow
        self._transfer: Transfer | None = None

    @property
    def file(self) -> models.File:
        """The file's record."""
        return self._open().file

    def _open(self) -> Transfer:
        if self._transfer is None:
            raise RuntimeError("the stream is not open: use `with` (or `async with`) on what files.stream returns")
        return self._transfer


class ContentStream(_Stream):
    """A file's content: `with hubspot.files.stream(id) as content: for chunk in content: ...`.

    The last iteration raises DownloadCorruptedError where size or MD5 are not those that HubSpot recorded.
    """

    def __enter__(self) -> Self:
        self._transfer = run(self._driver, self._flow)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        run(self._driver, self._open().close())

    def __iter__(self) -> Iterator[bytes]:
        transfer = self._open()
        while chunk := run(self._driver, transfer.next()):
            yield chunk


class AsyncContentStream(_Stream):
    """A file's content: `async with hubspot.files.stream(id) as content: async for chunk in content: ...`.

    The last iteration raises DownloadCorruptedError where size or MD5 are not those that HubSpot recorded.
    """

    async def __aenter__(self) -> Self:
        self._transfer = await run_async(self._driver, self._flow)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await run_async(self._driver, self._open().close())

    async def __aiter__(self) -> AsyncIterator[bytes]:
        transfer = self._open()
        while chunk := await run_async(self._driver, transfer.next()):
            yield chunk
