"""Reading of ranges of a file's content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._content.file_record import find_record
from .._content.ranged_reader import RangedReader, open_ranges
from .._engine.context import start_call
from .._engine.effects import Flow
from .._engine.flow import run_async
from ._os_errors import as_os_error

if TYPE_CHECKING:
    from hubspot_files_api.models import File

    from .._client import AsyncHubSpotFiles


class Ranges:
    """Ranges of a file's content, all of the same content. `open` makes one.

    Args:
        client: the client.
        reader: the reader.
        path: path of the file, for errors.
    """

    def __init__(self, client: AsyncHubSpotFiles, reader: RangedReader, path: str) -> None:
        self._client = client
        self._reader = reader
        self._path = path
        self.size: int = reader.size

    @classmethod
    async def open(cls, client: AsyncHubSpotFiles, file: File, path: str) -> Ranges:
        """Return the ranges of a file. Nothing is sent, if the record has a size and an MD5."""

        def flow() -> Flow[RangedReader]:
            context = yield from start_call(client._settings, None)
            return (yield from open_ranges(context, (yield from find_record(context, file))))

        return cls(client, await run_async(client._driver, flow()), path)

    async def read(self, start: int, end: int) -> bytes:
        """Return the bytes from start to before end, or to the end of the content.

        Raises:
            OSError: the file was replaced, with ESTALE, or see `as_os_error`.
        """

        def flow() -> Flow[bytes]:
            context = yield from start_call(self._client._settings, None)
            return (yield from self._reader.read(context, start, end))

        with as_os_error(self._path):
            return await run_async(self._client._driver, flow())

    async def close(self) -> None:
        """Remove the temporary file, if the storage host knows no ranges."""
        await run_async(self._client._driver, self._reader.close())
