"""The file system of fsspec."""

from __future__ import annotations

import errno
import os
from collections.abc import Awaitable, Callable
from glob import has_magic
from typing import TYPE_CHECKING, Any, TypeVar

from fsspec.asyn import _run_coros_in_chunks, sync_wrapper

from .._errors import ArgumentValueError
from .._operations.enums import Access
from .._validation import enum_member
from ._accounts import SHARED_CLIENTS, ClientOptions
from ._contents import Contents
from ._entries import Entry, joined, name_of
from ._os_errors import os_error
from ._token_sources import HeldToken, TokenSource

if TYPE_CHECKING:
    from .._operations.versions import ApiVersion

T = TypeVar("T")

# Files at once: more would only wait for connections.
_BATCH_SIZE = 32
# Listings come from HubSpot's search, which is behind by itself.
_LISTINGS_EXPIRY = 30.0


class HubSpotFileSystem(Contents):
    """HubSpot's files as a file system of fsspec: `fsspec.filesystem("hubspot")`, and `hubspot://library/x.csv`.

    The file `/library/x.csv` is `hubspot://library/x.csv`. Instances with equal options are one object, and share a
    client that keeps below the account's rate limit. They can be used by threads, by forked processes, and in pickles.

    `info`, `exists` and `open` look the path up. `ls`, `find`, `walk` and `glob` search, and HubSpot's search finds
    changes of other programs after up to minutes. The changes of this process are in listings at once.

    Storing a file creates the folders above it. A file that exists keeps its id, and gets the new content. A file that
    HubSpot would give another name is not stored, nor is one whose writing ends with an exception.

    Args:
        token: the token, or a callable that returns one, such as OAuthCredentials. A file system with this option
            cannot be sent to another process, unless it is the token of the environment there. By default,
            HUBSPOT_ACCESS_TOKEN of the environment of each process.
        token_file: path of a file with the token, which is read before each request.
        oauth_store: path of a FileTokenStore with the tokens of an app, whose HUBSPOT_CLIENT_ID and
            HUBSPOT_CLIENT_SECRET are in the environment.
        access: access level of what is stored. By default, new files are private, and others keep their own.
        base_url, api_version: see AsyncHubSpotFiles.
        block_size: bytes that an open file reads at once, by default 4 MiB.
        cache_type: cache of an open file, one of those of fsspec. `none` reads nothing ahead, such as for Parquet.
        listings_expiry_time: seconds for which listings are used again, by default 30.
        use_listings_cache: False searches anew in each listing.
        batch_size: number of files that are transferred at once, by default 32.
        options: other options of `fsspec.asyn.AsyncFileSystem`, such as `asynchronous`.

    Raises:
        ValueError, TypeError: an option is not known or not valid, or there is no token.
        PermissionError: the token file cannot be read.
    """

    def __init__(
        self,
        *,
        token: HeldToken | None = None,
        token_file: str | os.PathLike[str] | None = None,
        oauth_store: str | os.PathLike[str] | None = None,
        access: Access | str | None = None,
        base_url: str | None = None,
        api_version: ApiVersion | None = None,
        block_size: int | None = None,
        cache_type: str = "readahead",
        listings_expiry_time: float | None = _LISTINGS_EXPIRY,
        batch_size: int | None = _BATCH_SIZE,
        **options: Any,
    ) -> None:
        super().__init__(listings_expiry_time=listings_expiry_time, batch_size=batch_size, **options)
        self._access = None if access is None else enum_member(access, Access, "access")
        self._cache_type = cache_type
        if block_size is not None:
            self.blocksize = block_size
        source = TokenSource(
            token,
            None if token_file is None else os.fspath(token_file),
            None if oauth_store is None else os.fspath(oauth_store),
        )
        self._client_options = ClientOptions(source, base_url, api_version)
        SHARED_CLIENTS.client(self._client_options)

    async def _mkdir(self, path: str, create_parents: bool = True, **kwargs: Any) -> None:
        await self._make_folder(path, parents=create_parents, exist_ok=False)

    async def _makedirs(self, path: str, exist_ok: bool = False) -> None:
        await self._make_folder(path, parents=True, exist_ok=exist_ok)

    async def _rm_file(self, path: str, **kwargs: Any) -> None:
        await self._delete(await self._file(self._strip_protocol(path)))

    async def _rmdir(self, path: str) -> None:
        path = self._strip_protocol(path)
        entry = await self._account.stat(path)
        if not entry.is_folder:
            raise os_error(errno.ENOTDIR, path)
        if await self._ls(path, refresh=True):
            raise os_error(errno.ENOTEMPTY, path)
        await self._delete(entry)

    async def _delete(self, entry: Entry) -> None:
        await self._changes.delete(entry)
        if entry.is_folder:
            self.dircache.clear()
        self.invalidate_cache(entry.path)

    async def _rm(
        self,
        path: Any,
        recursive: bool = False,
        batch_size: int | None = None,
        maxdepth: int | None = None,
        **kwargs: Any,
    ) -> None:
        # A whole folder is one request.
        whole = recursive and maxdepth is None
        paths = await self._expand_path(path, recursive=recursive and not whole, maxdepth=maxdepth)
        folders: list[Entry] = []
        files: list[Entry] = []
        for entry in await self._in_batches([self._account.stat(item) for item in paths], batch_size):
            if not any(entry.path.startswith(f"{folder.path}/") for folder in folders if whole):
                (folders if entry.is_folder else files).append(entry)
        await self._in_batches([self._delete(entry) for entry in files], batch_size)
        for folder in reversed(folders):
            await (self._delete(folder) if whole else self._rmdir(folder.path))

    async def _in_batches(self, calls: list[Awaitable[T]], batch_size: int | None) -> list[T]:
        results: list[T] = await _run_coros_in_chunks(calls, batch_size=batch_size or self.batch_size)
        return results

    async def _cp_file(self, path1: str, path2: str, **kwargs: Any) -> None:
        path1, path2 = self._strip_protocol(path1), self._strip_protocol(path2)
        await self._changes.copy(await self._account.stat(path1), path2)
        self.invalidate_cache(path2)

    async def _mv_file(self, path1: str, path2: str) -> None:
        path1, path2 = self._strip_protocol(path1), self._strip_protocol(path2)
        source = await self._account.stat(path1)
        await self._changes.move(source, path2)
        if source.is_folder:
            self.dircache.clear()
        self.invalidate_cache(path1)
        self.invalidate_cache(path2)

    async def _mv(self, path1: Any, path2: Any, recursive: bool = False, **kwargs: Any) -> None:
        """Move or rename files and folders, which keep their ids. Each is moved as a whole, recursive or not."""
        if kwargs.get("maxdepth") is not None:
            raise ArgumentValueError("a folder is moved as a whole: leave maxdepth out")
        if isinstance(path1, list) or has_magic(path1):
            paths = await self._expand_path(path1)
            targets = path2 if isinstance(path2, list) else [joined(path2, name_of(path)) for path in paths]
            for pair in zip(paths, targets, strict=True):
                await self._mv_file(*pair)
            return
        source, target = self._strip_protocol(path1), self._strip_protocol(path2)
        into = await self._isdir(target)
        if into and path1.endswith("/") and source != target:
            # The content of a folder, into another.
            for entry in await self._account.children(source, self.dircache):
                await self._mv_file(entry.path, joined(target, name_of(entry.path)))
            await self._rmdir(source)
        elif source != target:
            await self._mv_file(source, joined(target, name_of(source)) if into or path2.endswith("/") else target)

    mv: Callable[..., None] = sync_wrapper(_mv)
    rmdir: Callable[..., None] = sync_wrapper(_rmdir)
