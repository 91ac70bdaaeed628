"""Content that the file system reads and stores."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from fsspec.asyn import sync
from fsspec.callbacks import DEFAULT_CALLBACK
from fsspec.utils import isfilelike

from .._operations.enums import Access
from ._buffered_files import HubSpotReader, HubSpotWriter
from ._changes import Changes
from ._entries import Entry, check_new_path
from ._lookups import Lookups
from ._os_errors import as_os_error, os_error
from ._ranges import Ranges

if TYPE_CHECKING:
    from hubspot_files_api.models import File

# The content is wanted as a bytes object, whatever its size.
_NO_LIMIT = 2**63
_Opened: TypeAlias = dict[str, asyncio.Task[Ranges]]


class Contents(Lookups):
    """The methods that read and store content."""

    _access: Access | None
    _cache_type: str

    @property
    def _changes(self) -> Changes:
        return Changes(self._account, self._access)

    async def _cat_file(
        self, path: str, start: int | None = None, end: int | None = None, opened: _Opened | None = None, **kwargs: Any
    ) -> bytes:
        client = self._account.client
        if start is None and end is None:
            return await self._with_file(path, lambda file: client.files.read(file, limit=_NO_LIMIT))
        async with contextlib.AsyncExitStack() as own:
            if opened is None:
                opened = {}
                own.push_async_callback(_close, opened)
            if path not in opened:
                opened[path] = asyncio.ensure_future(self._open_ranges(path))
            ranges = await opened[path]
            first, last, _ = slice(start, end).indices(ranges.size)
            return await ranges.read(first, last)

    async def _open_ranges(self, path: str) -> Ranges:
        client = self._account.client
        return await self._with_file(path, lambda file: Ranges.open(client, file, path))

    async def _cat_ranges(self, paths: list[str], starts: Any, ends: Any, **kwargs: Any) -> list[bytes]:
        # All ranges of a file are of one content, from one signed URL.
        opened: _Opened = {}
        try:
            return await super()._cat_ranges(paths, starts, ends, opened=opened, **kwargs)
        finally:
            await _close(opened)

    async def _pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **kwargs: Any) -> None:
        await self._store(path, bytes(value), exclusive=mode == "create")

    async def _put_file(
        self, lpath: str, rpath: str, callback: Any = DEFAULT_CALLBACK, mode: str = "overwrite", **kwargs: Any
    ) -> None:
        size = _size_of(lpath)
        if size is None:
            await self._make_folder(rpath, parents=True, exist_ok=True)
            return
        callback.set_size(size)
        await self._store(
            rpath,
            Path(lpath),
            exclusive=mode == "create",
            on_progress=lambda sent, total, attempt: callback.absolute_update(sent),
        )

    async def _get_file(
        self, rpath: str, lpath: Any, callback: Any = DEFAULT_CALLBACK, outfile: Any = None, **kwargs: Any
    ) -> None:
        client = self._account.client
        destination = outfile if outfile is not None else lpath

        async def download(file: File) -> None:
            callback.set_size(file.size)
            await client.files.download(file, destination)
            callback.absolute_update(file.size)

        try:
            await self._with_file(rpath, download)
        except IsADirectoryError:
            if isfilelike(destination):
                raise
            os.makedirs(lpath, exist_ok=True)

    async def _make_folder(self, path: str, *, parents: bool, exist_ok: bool) -> None:
        path = self._strip_protocol(path)
        await self._changes.make_folder(path, parents=parents, exist_ok=exist_ok)
        self.invalidate_cache(path)

    async def _store(self, path: str, source: Any, *, exclusive: bool, **options: Any) -> None:
        path = self._strip_protocol(path)
        await self._changes.store(path, source, exclusive=exclusive, **options)
        self.invalidate_cache(path)

    def open(
        self,
        path: str,
        mode: str = "rb",
        block_size: int | None = None,
        cache_options: dict[str, Any] | None = None,
        compression: str | None = None,
        **options: Any,
    ) -> Any:
        """Open a file. See `fsspec.AbstractFileSystem.open`."""
        if compression is not None and "r" not in mode:
            # A compressed file drops the one below it without closing it.
            options["stored_when_dropped"] = True
        return super().open(path, mode, block_size, cache_options, compression, **options)

    def _open(
        self,
        path: str,
        mode: str = "rb",
        block_size: int | None = None,
        autocommit: bool = True,
        cache_options: dict[str, Any] | None = None,
        cache_type: str | None = None,
        size: int | None = None,
        stored_when_dropped: bool = False,
        **kwargs: Any,
    ) -> HubSpotReader | HubSpotWriter:
        path = self._strip_protocol(path)
        block_size = block_size or self.blocksize
        if mode == "rb":
            entry, ranges = sync(self.loop, self._open_content, path)
            if size not in (None, ranges.size):
                raise os_error(errno.ESTALE, path, "the file was replaced after it was opened in another process")
            options = {"cache_type": cache_type or self._cache_type, "cache_options": cache_options}
            return HubSpotReader(self, entry, ranges, block_size=block_size, **options)
        if mode not in ("wb", "xb"):
            raise io.UnsupportedOperation(f"mode {mode!r}: HubSpot's files can be read or replaced, and not changed")
        check_new_path(path)
        if mode == "xb" and self.exists(path):
            raise os_error(errno.EEXIST, path)
        return HubSpotWriter(
            self,
            path,
            mode,
            stored_when_dropped=stored_when_dropped,
            block_size=block_size,
            autocommit=autocommit,
        )

    async def _open_content(self, path: str) -> tuple[Entry, Ranges]:
        entry = await self._file(path)
        assert entry.file is not None
        with as_os_error(path):
            return entry, await Ranges.open(self._account.client, entry.file, path)


def _size_of(path: str) -> int | None:
    """Return the size of a local file, or None for a directory."""
    return None if os.path.isdir(path) else os.path.getsize(path)


async def _close(opened: _Opened) -> None:
    """Close the ranges of files, except of those that could not be opened."""
    for ranges in await asyncio.gather(*opened.values(), return_exceptions=True):
        if isinstance(ranges, Ranges):
            await ranges.close()
