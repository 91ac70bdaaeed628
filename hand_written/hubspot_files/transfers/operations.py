"""Operations of transfers of many files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .._engine.effects import Flow
from .._engine.methods import operation
from .._engine.settings import Settings
from .._operations.enums import Access, NewAccessName
from ..resources.pagination import AsyncPager, Pager
from .execution import execute, plan_and_execute
from .folder_transfers import FolderTransfers, PathLike
from .plan import Plan
from .planner import make_plan
from .remote_path import RemotePath
from .requests import (
    IfCollision,
    download_many_request,
    run_options,
    sync_request,
    upload_many_request,
)
from .results import OnEvent, TransferReport
from .streaming import ManySpec, many

if TYPE_CHECKING:
    from hubspot_files_api.models import File


class TransferOperations(FolderTransfers):
    """Transfers of many files, for both clients. Each can also raise any other HubSpotFilesError.

    They keep to the account's rate limit, as with `pace=True`.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.replaced(pace=True))

    @operation
    def sync(
        self,
        source: PathLike | RemotePath,
        destination: PathLike | RemotePath,
        *,
        include: Iterable[str] = (),
        exclude: Iterable[str] = (),
        follow_symlinks: bool = False,
        access: Access | NewAccessName | None = None,
        new_ids: bool = False,
        if_collision: IfCollision = "rename",
        delete: bool = False,
        max_delete: float = 0.1,
        gdpr: bool = False,
        digest: str | None = None,
        journal: PathLike | None = None,
        workers: int | None = None,
        on_event: OnEvent | None = None,
    ) -> Flow[TransferReport]:
        """Make a destination like a source. One of them is a folder on HubSpot, the other a local directory.

        Args:
            source: a local directory, or a folder on HubSpot such as `hubspot:/library/site` or a RemotePath.
            destination: the other side.
            include, exclude, follow_symlinks: see `upload_folder` and `download_folder`.
            access, new_ids: see `upload_folder`. They are for a destination on HubSpot.
            if_collision: see `download_folder`. It is for a local destination.
            delete: True deletes the files at the destination that the source lacks, but none that is excluded, and no
                folders. Deletions come last, and only if nothing has failed.
            max_delete: maximum number of deletions, or share of the files at the destination, by default a tenth. A
                plan with more is refused.
            gdpr: True erases the deleted files on HubSpot for good. It needs a digest.
            digest: digest of the plan of `plan_sync` that was looked at. A plan with another one is refused.
            journal, workers, on_event: see `upload_folder`.

        Returns:
            The report; see `upload_folder`.

        Raises:
            PlanRefusedError: there would be too many deletions, the source is empty, or the digest differs.
            FileMissingError: the source on HubSpot does not exist. It is a FileNotFoundError, too.
            OSError, ValueError, JournalError, TransferStoppedError: see `upload_folder`.
        """
        request = sync_request(
            source,
            destination,
            include=include,
            exclude=exclude,
            follow_symlinks=follow_symlinks,
            access=access,
            new_ids=new_ids,
            if_collision=if_collision,
            delete=delete,
            max_delete=max_delete,
            gdpr=gdpr,
            journal=journal,
        )
        options = run_options(journal, workers, on_event, digest)
        return (yield from plan_and_execute(self._settings, request, options))

    @operation
    def plan_sync(
        self,
        source: PathLike | RemotePath,
        destination: PathLike | RemotePath,
        *,
        include: Iterable[str] = (),
        exclude: Iterable[str] = (),
        follow_symlinks: bool = False,
        access: Access | NewAccessName | None = None,
        new_ids: bool = False,
        if_collision: IfCollision = "rename",
        delete: bool = False,
        max_delete: float = 0.1,
        gdpr: bool = False,
        journal: PathLike | None = None,
    ) -> Flow[Plan]:
        """Return the plan of `sync`, and change nothing.

        Args:
            source, destination, include, exclude, follow_symlinks, access, new_ids, if_collision: see `sync`.
            delete, max_delete, gdpr, journal: see `sync`.

        Returns:
            The plan, for `run`. It is returned even if it deletes too much; `run` refuses it then.

        Raises:
            PlanRefusedError: names would be equal, with if_collision="refuse".
            OSError, ValueError, JournalError: see `sync`.
        """
        request = sync_request(
            source,
            destination,
            include=include,
            exclude=exclude,
            follow_symlinks=follow_symlinks,
            access=access,
            new_ids=new_ids,
            if_collision=if_collision,
            delete=delete,
            max_delete=max_delete,
            gdpr=gdpr,
            journal=journal,
        )
        return (yield from make_plan(self._settings, request))

    @operation
    def run(
        self,
        plan: Plan,
        *,
        digest: str | None = None,
        journal: PathLike | None = None,
        workers: int | None = None,
        on_event: OnEvent | None = None,
    ) -> Flow[TransferReport]:
        """Do what a plan says, as far as both sides are still as they were when it was made.

        Args:
            plan: a plan, made or loaded.
            digest: `digest` of the plan that was looked at. It is required for one that erases files.
            journal, workers, on_event: see `upload_folder`.

        Returns:
            The report; see `upload_folder`. An entry whose file has changed since fails.

        Raises:
            PlanRefusedError: see `sync`.
            OSError, ValueError, JournalError, TransferStoppedError: see `upload_folder`.
        """
        return (yield from execute(self._settings, plan, run_options(journal, workers, on_event, digest)))

    @many
    def upload_many(
        self,
        sources: Iterable[PathLike],
        folder_path: str,
        *,
        access: Access | NewAccessName | None = None,
        new_ids: bool = False,
        journal: PathLike | None = None,
        workers: int | None = None,
        on_event: OnEvent | None = None,
    ) -> ManySpec:
        """Upload files to a folder, under their own names. Nothing is sent before the iteration.

        Args:
            sources: paths of files. Two with the same name are a conflict.
            folder_path: path of the folder on HubSpot. It is created if it does not exist.
            access, new_ids, journal, workers, on_event: see `upload_folder`.

        Returns:
            An iterable of the results, as the files finish. AsyncHubSpotFiles returns them in groups. Its `report` is
            the report, once it has ended. Unchanged files give no result.

        Raises:
            OSError, ValueError, JournalError, TransferStoppedError: see `upload_folder`. The iteration raises them.
        """
        request = upload_many_request(sources, folder_path, access=access, new_ids=new_ids, journal=journal)
        return ManySpec(self._settings, request, run_options(journal, workers, on_event))

    @operation
    def plan_upload_many(
        self,
        sources: Iterable[PathLike],
        folder_path: str,
        *,
        access: Access | NewAccessName | None = None,
        new_ids: bool = False,
        journal: PathLike | None = None,
    ) -> Flow[Plan]:
        """Return the plan of `upload_many`, and change nothing.

        Args:
            sources, folder_path, access, new_ids, journal: see `upload_many`.

        Returns:
            The plan, for `run`.

        Raises:
            OSError, ValueError, JournalError: see `upload_folder`.
        """
        request = upload_many_request(sources, folder_path, access=access, new_ids=new_ids, journal=journal)
        return (yield from make_plan(self._settings, request))

    @many
    def download_many(
        self,
        files: Iterable[File] | Pager[File] | AsyncPager[File],
        directory: PathLike,
        *,
        if_collision: IfCollision = "rename",
        journal: PathLike | None = None,
        workers: int | None = None,
        on_event: OnEvent | None = None,
    ) -> ManySpec:
        """Download files to a directory, under their own names made safe. Nothing is sent before the iteration.

        A local file with other content is replaced.

        Args:
            files: records of files, or a search such as `hubspot.files.search(type="IMG")`.
            directory: the local directory. It is created if it does not exist.
            if_collision, journal, workers, on_event: see `download_folder`.

        Returns:
            An iterable of the results; see `upload_many`.

        Raises:
            PlanRefusedError, OSError, ValueError, JournalError, TransferStoppedError: see `download_folder`. The
                iteration raises them.
        """
        request = download_many_request(files, directory, if_collision=if_collision, journal=journal)
        return ManySpec(self._settings, request, run_options(journal, workers, on_event))

    @operation
    def plan_download_many(
        self,
        files: Iterable[File] | Pager[File] | AsyncPager[File],
        directory: PathLike,
        *,
        if_collision: IfCollision = "rename",
        journal: PathLike | None = None,
    ) -> Flow[Plan]:
        """Return the plan of `download_many`, and change nothing.

        Args:
            files, directory, if_collision, journal: see `download_many`.

        Returns:
            The plan, for `run`.

        Raises:
            PlanRefusedError, OSError, ValueError, JournalError: see `download_folder`.
        """
        request = download_many_request(files, directory, if_collision=if_collision, journal=journal)
        return (yield from make_plan(self._settings, request))
