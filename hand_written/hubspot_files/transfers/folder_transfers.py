"""Transfers of folders."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

from .._engine.effects import Flow
from .._engine.methods import operation
from .._operations.enums import Access, NewAccessName
from ..resources.base import Operations
from .execution import plan_and_execute
from .plan import Plan
from .planner import make_plan
from .requests import (
    IfCollision,
    download_request,
    run_options,
    upload_request,
)
from .results import OnEvent, TransferReport

if TYPE_CHECKING:
    pass

PathLike: TypeAlias = str | os.PathLike[str]
"""A local path."""


class FolderTransfers(Operations):
    """Transfers of folders, and their plans."""

    @operation
    def upload_folder(
        self,
        directory: PathLike,
        folder_path: str,
        *,
        include: Iterable[str] = (),
        exclude: Iterable[str] = (),
        follow_symlinks: bool = False,
        access: Access | NewAccessName | None = None,
        new_ids: bool = False,
        journal: PathLike | None = None,
        workers: int | None = None,
        on_event: OnEvent | None = None,
    ) -> Flow[TransferReport]:
        """Upload a directory with everything below it. The same call continues it after any interruption.

        Files whose size and MD5 are those of the file on HubSpot are left alone. Other content is replaced: the file
        keeps its id and URL. Nothing is deleted.

        Args:
            directory: the local directory.
            folder_path: path of the folder on HubSpot, such as `/library/site`. It is created if it does not exist.
            include: patterns of the files to upload, such as `*.png` or `images/**`. By default, all of them.
            exclude: patterns of files and folders to leave out, on both sides. The syntax is that of `.gitignore`.
            follow_symlinks: whether symbolic links are followed. By default, they are left out.
            access: access level of all uploaded files. By default, new files are private, and others keep their level.
            new_ids: True stores changed files as new ones, with other ids and URLs.
            journal: path of the journal, an SQLite file. By default, it is in the user's folder for the state of
                programs, and named after the two sides.
            workers: number of files at a time. By default, as many as it takes to reach the rate limit, at most 32.
            on_event: called with a TransferEvent for each step.

        Returns:
            The report. Failures of single files are in it; `raise_for_failures()` raises them.

        Raises:
            OSError: directory cannot be read, or the journal cannot be written.
            ValueError: an option is not valid.
            JournalError: another run uses the journal.
            TransferStoppedError: the transfer cannot go on, such as with a full disk or without a connection.
        """
        request = upload_request(
            directory,
            folder_path,
            include=include,
            exclude=exclude,
            follow_symlinks=follow_symlinks,
            access=access,
            new_ids=new_ids,
            journal=journal,
        )
        return (yield from plan_and_execute(self._settings, request, run_options(journal, workers, on_event)))

    @operation
    def plan_upload_folder(
        self,
        directory: PathLike,
        folder_path: str,
        *,
        include: Iterable[str] = (),
        exclude: Iterable[str] = (),
        follow_symlinks: bool = False,
        access: Access | NewAccessName | None = None,
        new_ids: bool = False,
        journal: PathLike | None = None,
    ) -> Flow[Plan]:
        """Return the plan of `upload_folder`, and change nothing.

        Args:
            directory, folder_path, include, exclude, follow_symlinks, access, new_ids, journal: see `upload_folder`.

        Returns:
            The plan, for `run`.

        Raises:
            OSError, ValueError, JournalError: see `upload_folder`.
        """
        request = upload_request(
            directory,
            folder_path,
            include=include,
            exclude=exclude,
            follow_symlinks=follow_symlinks,
            access=access,
            new_ids=new_ids,
            journal=journal,
        )
        return (yield from make_plan(self._settings, request))

    @operation
    def download_folder(
        self,
        folder_path: str,
        directory: PathLike,
        *,
        include: Iterable[str] = (),
        exclude: Iterable[str] = (),
        follow_symlinks: bool = False,
        if_collision: IfCollision = "rename",
        journal: PathLike | None = None,
        workers: int | None = None,
        on_event: OnEvent | None = None,
    ) -> Flow[TransferReport]:
        """Download a folder with everything below it. The same call continues it after any interruption.

        Files whose size and MD5 are those of the local file are left alone. A local file with other content is
        replaced. Each file gets its name when it is complete and verified. Names are made safe for every system.
        Nothing is deleted.

        Args:
            folder_path: path of the folder on HubSpot.
            directory: the local directory. It is created if it does not exist.
            include: patterns of the files to download; see `upload_folder`.
            exclude: patterns of files and folders to leave out; see `upload_folder`.
            follow_symlinks: whether files are written through symbolic links in directory.
            if_collision: policy for names that would be equal in a local directory, such as `a?` and `a:`, which are
                both made `a_`. `rename` adds numbers. `refuse` raises PlanRefusedError before anything is written.
            journal, workers, on_event: see `upload_folder`.

        Returns:
            The report; see `upload_folder`.

        Raises:
            FileMissingError: there is no such folder on HubSpot. It is a FileNotFoundError, too.
            PlanRefusedError: names would be equal, with if_collision="refuse".
            OSError, ValueError, JournalError, TransferStoppedError: see `upload_folder`.
        """
        request = download_request(
            folder_path,
            directory,
            include=include,
            exclude=exclude,
            follow_symlinks=follow_symlinks,
            if_collision=if_collision,
            journal=journal,
        )
        return (yield from plan_and_execute(self._settings, request, run_options(journal, workers, on_event)))

    @operation
    def plan_download_folder(
        self,
        folder_path: str,
        directory: PathLike,
        *,
        include: Iterable[str] = (),
        exclude: Iterable[str] = (),
        follow_symlinks: bool = False,
        if_collision: IfCollision = "rename",
        journal: PathLike | None = None,
    ) -> Flow[Plan]:
        """Return the plan of `download_folder`, and change nothing.

        Args:
            folder_path, directory, include, exclude, follow_symlinks, if_collision, journal: see `download_folder`.

        Returns:
            The plan, for `run`.

        Raises:
            PlanRefusedError, OSError, ValueError, JournalError: see `download_folder`.
        """
        request = download_request(
            folder_path,
            directory,
            include=include,
            exclude=exclude,
            follow_symlinks=follow_symlinks,
            if_collision=if_collision,
            journal=journal,
        )
        return (yield from make_plan(self._settings, request))
