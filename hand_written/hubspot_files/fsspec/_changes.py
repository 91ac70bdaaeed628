"""Changes of an account: what stores, copies, moves and deletes files and folders."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING

from .._engine.flow import run_async
from .._errors import UnsupportedOperationError
from .._operations.enums import Access
from .._operations.lookup import same_path
from ..resources.new_content import NewContent
from ._account import Account
from ._entries import ROOT, Entry, check_new_path, name_of, parent_of
from ._os_errors import as_os_error, os_error

if TYPE_CHECKING:
    from hubspot_files_api.models import File

# Content up to this size is copied in memory.
_MAX_MEMORY = 8 * 1024 * 1024


class Changes:
    """The changes that one file system makes.

    Args:
        account: the account.
        access: access level of what is stored. None is private for a new file, and keeps that of an existing one.
    """

    def __init__(self, account: Account, access: Access | None) -> None:
        self._account = account
        self._client = account.client
        self._access = access

    async def store(
        self,
        path: str,
        source: bytes | Path | IO[bytes],
        *,
        exclusive: bool = False,
        on_progress: Callable[[int, int, int], object] | None = None,
    ) -> Entry:
        """Store a file. One that exists keeps its id, and gets the new content.

        Args:
            path: path of the file.
            source: content. A stream is sent from its beginning.
            exclusive: whether it is an error if the file exists.
            on_progress: see `files.upload`.

        Raises:
            IsADirectoryError: there is a folder at the path.
            NotADirectoryError: there is a file at the path of a folder above.
            FileExistsError: the file exists, and exclusive is True.
            TypeError: HubSpot did not state the access of the file, and the file system has none.
            OSError: HubSpot does not store the file under its name, or see `as_os_error`.
        """
        check_new_path(path)
        there = await self._stat(path)
        if there is None:
            await self._account.make_folders(parent_of(path))
        content = NewContent(
            self._client._settings, path, source, exclusive=exclusive, access=self._access, on_progress=on_progress
        )
        with as_os_error(path):
            file = await run_async(self._client._driver, content.store(there and there.record))
        stored = Entry(path, file)
        if there is not None and there.key != stored.key:
            self._account.changes.missing(path)
        self._account.changes.stored(stored)
        return stored

    async def copy(self, source: Entry, path: str) -> None:
        """Store a copy of a file, or create the copy of a folder without its content.

        HubSpot cannot copy a file, so its content is downloaded and uploaded.

        Raises:
            OSError: see `store`.
        """
        if source.file is None:
            await self._account.make_folders(path)
            return
        with tempfile.SpooledTemporaryFile(_MAX_MEMORY) as content:
            with as_os_error(source.path):
                await self._client.files.download(source.file, content)
            await self.store(path, content)

    async def move(self, source: Entry, path: str) -> None:
        """Move or rename a file or a folder. It keeps its id.

        A file is copied, and deleted, if there is a file at the new path, which keeps its own id, or if its extension
        changes, which HubSpot does not allow.

        Raises:
            FileExistsError: there is a folder at the new path, or a file at that of a folder.
            OSError: a folder would move to the root or into itself, or see `as_os_error`.
        """
        check_new_path(path)
        there = await self._stat(path)
        if source.file is None:
            await self._move_folder(source, path, there)
            return
        if there is not None and there.key == source.key:
            return
        if there is not None and there.file is None:
            raise os_error(errno.EEXIST, path)
        stem = _stem(source.file, name_of(path))
        if there is not None or stem is None:
            await self.copy(source, path)
            await self.delete(source)
            return
        folder = parent_of(path)
        await self._account.make_folders(folder)
        with as_os_error(path):
            moved = await self._client.files.update(
                source.file.id,
                name=None if stem == source.file.name else stem,
                parent_folder_path=None if folder == parent_of(source.path) else folder,
            )
        found = source if same_path(str(moved.path), path) else await self._stat(path)
        if found is None or found.key != source.key:
            raise os_error(errno.EIO, path, f"HubSpot has moved the file to {moved.path}")
        self._account.changes.moved(source.path, Entry(path, moved))

    async def _move_folder(self, source: Entry, path: str, there: Entry | None) -> None:
        if there is not None:
            if there.key == source.key:
                return
            raise os_error(errno.EEXIST, path)
        if f"{path}/".startswith(f"{source.path}/"):
            raise os_error(errno.EINVAL, path, "a folder cannot be moved into itself")
        folder = parent_of(path)
        moves = folder != parent_of(source.path)
        if moves and folder == ROOT.path:
            raise os_error(errno.EPERM, path, "HubSpot moves no folder to the root; move it into another folder")
        parent = await self._account.make_folders(folder)
        name = None if name_of(path) == name_of(source.path) else name_of(path)
        id, target = source.key[1], parent.key[1] if moves else None
        with as_os_error(path):
            try:
                task = await self._client.folders.update_recursively(id, name=name, parent_folder_id=target)
                record = await task.wait()
            except UnsupportedOperationError:
                record = await self._client.folders.update(id, name=name, parent_folder_id=target)
        self._account.forget_folders(source.path)
        self._account.changes.moved(source.path, Entry(path, record))

    async def delete(self, entry: Entry) -> None:
        """Delete a file, or a folder with everything below it.

        Raises:
            PermissionError: it is the root.
            OSError: see `as_os_error`.
        """
        if entry.record is None:
            raise os_error(errno.EPERM, entry.path, "the root cannot be deleted")
        with as_os_error(entry.path):
            if entry.file is not None:
                await self._client.files.delete(entry.file)
            else:
                await self._client.folders.delete(entry.record.id)
                self._account.forget_folders(entry.path)
        self._account.changes.deleted(entry)

    async def make_folder(self, path: str, *, parents: bool, exist_ok: bool) -> None:
        """Create a folder.

        Args:
            path: path of the folder.
            parents: whether to create those above it that do not exist.
            exist_ok: whether the folder may exist.

        Raises:
            FileExistsError: there is a file at the path, or a folder that may not exist.
            FileNotFoundError: the folder above does not exist.
            NotADirectoryError: there is a file at the path of a folder above.
            OSError: see `as_os_error`.
        """
        there = await self._stat(path)
        if there is not None:
            if there.is_folder and exist_ok:
                return
            raise os_error(errno.EEXIST, path)
        check_new_path(path)
        if not parents and not (await self._account.stat(parent_of(path))).is_folder:
            raise os_error(errno.ENOTDIR, parent_of(path))
        await self._account.make_folders(path)

    async def _stat(self, path: str) -> Entry | None:
        try:
            return await self._account.stat(path)
        except FileNotFoundError:
            return None


def _stem(file: File, name: str) -> str | None:
    """Return a file's new name without its extension, or None if it would get another extension."""
    suffix = f".{file.extension}" if file.extension else ""
    stem = name.removesuffix(suffix)
    if not name.endswith(suffix) or not stem or (not suffix and "." in name):
        return None
    return stem
