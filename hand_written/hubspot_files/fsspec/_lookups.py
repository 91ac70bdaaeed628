"""Lookups and listings of the file system."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from fsspec.asyn import sync_wrapper
from fsspec.utils import stringify_path

from .._errors import ArgumentValueError, NotFoundError
from ._account import Account
from ._accounts import SHARED_CLIENTS, ClientOptions
from ._entries import Entry, parent_of
from ._instances import HubSpotInstance
from ._os_errors import as_os_error, os_error

if TYPE_CHECKING:
    from hubspot_files_api.models import File

T = TypeVar("T")


class Lookups(HubSpotInstance):
    """The methods that look up and list files and folders."""

    root_marker = "/"
    _client_options: ClientOptions

    @property
    def _account(self) -> Account:
        return SHARED_CLIENTS.account(self._client_options)

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        if isinstance(path, list):
            return [cls._strip_protocol(item) for item in path]
        # The command writes `hubspot:/library/x.csv`.
        return f"/{stringify_path(path).removeprefix('hubspot:/').strip('/')}"

    def unstrip_protocol(self, name: str) -> str:
        """Return the URL of a path, such as `hubspot://library/x.csv`."""
        return f"hubspot:/{self._strip_protocol(name)}"

    async def _info(self, path: str, **kwargs: Any) -> dict[str, Any]:
        return (await self._account.stat(self._strip_protocol(path))).info()

    async def _isfile(self, path: str) -> bool:
        return await self._kind(path) == "file"

    async def _isdir(self, path: str) -> bool:
        return await self._kind(path) == "directory"

    async def _kind(self, path: str) -> str | None:
        # The methods of fsspec would take any error for a missing file.
        try:
            kind: str = (await self._info(path))["type"]
        except FileNotFoundError:
            return None
        return kind

    async def _file(self, path: str) -> Entry:
        """Look up a file.

        Raises:
            IsADirectoryError: it is a folder.
            OSError: see `Account.stat`.
        """
        entry = await self._account.stat(path)
        if entry.file is None:
            raise os_error(errno.EISDIR, path)
        return entry

    async def _with_file(self, path: str, use: Callable[[File], Awaitable[T]]) -> T:
        """Call a function with the record of a file. That of a listing saves a request, and may be out of date."""
        path = self._strip_protocol(path)
        listed = self.dircache.get(parent_of(path))
        with as_os_error(path):
            for entry in () if listed is None else self._account.changes.merged(parent_of(path), listed):
                if entry.path == path and entry.file is not None:
                    try:
                        return await use(entry.file)
                    except NotFoundError:
                        break
            found = await self._file(path)
            assert found.file is not None
            return await use(found.file)

    async def _created(self, path: str) -> datetime:
        return await self._time(path, "created")

    async def _modified(self, path: str) -> datetime:
        return await self._time(path, "modified")

    async def _time(self, path: str, name: str) -> datetime:
        info = await self._info(path)
        if name not in info:
            raise os_error(errno.EISDIR, info["name"], "the root has no times")
        time: datetime | None = info[name]
        if time is None:
            raise os_error(errno.ENODATA, info["name"], f"HubSpot does not state when it was {name}")
        return time

    async def _checksum(self, path: str) -> str:
        file = (await self._file(self._strip_protocol(path))).file
        assert file is not None
        if not file.file_md5:
            raise os_error(errno.ENODATA, self._strip_protocol(path), "HubSpot names no MD5 of this file")
        return file.file_md5

    async def _ukey(self, path: str) -> str:
        info = await self._info(path)
        version = info.get("md5") or info.get("modified")
        return hashlib.sha256(f"{info['name']} {info.get('id')} {version} {info['size']}".encode()).hexdigest()

    async def _sign(self, path: str, expiration: int = 100, **kwargs: Any) -> str:
        path = self._strip_protocol(path)
        file = (await self._file(path)).file
        assert file is not None
        with as_os_error(path):
            try:
                return (await self._account.client.files.signed_url(file, expires_in=expiration, **kwargs)).url
            except NotFoundError as error:
                message = "HubSpot signs no URL of this file: it is sensitive, or was deleted meanwhile"
                raise os_error(errno.ENOENT, path, message) from error

    async def _ls(self, path: str, detail: bool = True, refresh: bool = False, **kwargs: Any) -> list[Any]:
        path = self._strip_protocol(path)
        if refresh:
            self.dircache.pop(path, None)
        entries = await self._account.children(path, self.dircache)
        return [entry.info() for entry in entries] if detail else sorted({entry.path for entry in entries})

    async def _find(
        self, path: str, maxdepth: int | None = None, withdirs: bool = False, detail: bool = False, **kwargs: Any
    ) -> list[str] | dict[str, dict[str, Any]]:
        if maxdepth is not None and maxdepth < 1:
            raise ArgumentValueError("maxdepth must be at least 1")
        path = self._strip_protocol(path)
        try:
            top = await self._account.stat(path)
        except FileNotFoundError:
            return {} if detail else []
        entries = [top] if withdirs or not top.is_folder else []
        if top.is_folder:
            tree = await self._account.tree(top, self.dircache, depth=maxdepth)
            entries += [entry for listed in tree.values() for entry in listed if withdirs or not entry.is_folder]
        found = {entry.path: entry for entry in entries}
        return {name: found[name].info() for name in sorted(found)} if detail else sorted(found)

    async def _walk(
        self, path: str, maxdepth: int | None = None, topdown: bool = True, on_error: Any = "omit", **kwargs: Any
    ) -> AsyncIterator[tuple[str, Any, Any]]:
        # fsspec leaves out folders that cannot be listed.
        on_error = _raise_unless_missing if on_error == "omit" else on_error
        async for step in super()._walk(path, maxdepth=maxdepth, topdown=topdown, on_error=on_error, **kwargs):
            yield step

    async def _du(
        self, path: str, total: bool = True, maxdepth: int | None = None, **kwargs: Any
    ) -> int | dict[str, int]:
        found: Any = await self._find(path, maxdepth=maxdepth, detail=True, **kwargs)
        sizes = {name: info["size"] or 0 for name, info in found.items()}
        return sum(sizes.values()) if total else sizes

    def invalidate_cache(self, path: str | None = None) -> None:
        """Search anew in the next listing of a folder, and of the one above; or of all folders."""
        if path is None:
            self.dircache.clear()
        else:
            stripped: str = self._strip_protocol(path)
            self.dircache.pop(stripped, None)
            self.dircache.pop(parent_of(stripped), None)
        super().invalidate_cache(path)

    # fsspec adds the synchronous methods of its own asynchronous ones only.
    created: Callable[..., datetime] = sync_wrapper(_created)
    modified: Callable[..., datetime] = sync_wrapper(_modified)
    checksum: Callable[..., str] = sync_wrapper(_checksum)
    ukey: Callable[..., str] = sync_wrapper(_ukey)
    sign: Callable[..., str] = sync_wrapper(_sign)


def _raise_unless_missing(error: Exception) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
