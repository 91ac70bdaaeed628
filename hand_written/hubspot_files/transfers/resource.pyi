# Written by tools/write_stubs.py, from the flows of the base classes. Run it again instead of editing this file.
# Methods return the results of the flows that they override.
# mypy: disable-error-code="override"
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

from collections.abc import Iterable

from hubspot_files.transfers.streaming import AsyncTransferResults, TransferResults
from hubspot_files_api.models import File

from .._engine.effects import AsyncDriver, Driver
from .._engine.methods import AsyncResource, SyncResource
from .._engine.settings import Settings
from .._operations.enums import Access, NewAccessName
from ..resources.pagination import AsyncPager, Pager
from .folder_transfers import PathLike
from .operations import TransferOperations
from .plan import Plan
from .remote_path import RemotePath
from .requests import IfCollision
from .results import OnEvent, TransferReport

class Transfers(TransferOperations, SyncResource):
    """Transfers of many files: `hubspot.transfers` of HubSpotFiles. Its workers are threads."""

    def __init__(self, driver: Driver, settings: Settings) -> None: ...
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
    ) -> TransferReport:
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
    ) -> Plan:
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

    def run(
        self,
        plan: Plan,
        *,
        digest: str | None = None,
        journal: PathLike | None = None,
        workers: int | None = None,
        on_event: OnEvent | None = None,
    ) -> TransferReport:
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
    ) -> TransferResults:
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

    def plan_upload_many(
        self,
        sources: Iterable[PathLike],
        folder_path: str,
        *,
        access: Access | NewAccessName | None = None,
        new_ids: bool = False,
        journal: PathLike | None = None,
    ) -> Plan:
        """Return the plan of `upload_many`, and change nothing.

        Args:
            sources, folder_path, access, new_ids, journal: see `upload_many`.

        Returns:
            The plan, for `run`.

        Raises:
            OSError, ValueError, JournalError: see `upload_folder`.
        """

    def download_many(
        self,
        files: Iterable[File] | Pager[File] | AsyncPager[File],
        directory: PathLike,
        *,
        if_collision: IfCollision = "rename",
        journal: PathLike | None = None,
        workers: int | None = None,
        on_event: OnEvent | None = None,
    ) -> TransferResults:
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

    def plan_download_many(
        self,
        files: Iterable[File] | Pager[File] | AsyncPager[File],
        directory: PathLike,
        *,
        if_collision: IfCollision = "rename",
        journal: PathLike | None = None,
    ) -> Plan:
        """Return the plan of `download_many`, and change nothing.

        Args:
            files, directory, if_collision, journal: see `download_many`.

        Returns:
            The plan, for `run`.

        Raises:
            PlanRefusedError, OSError, ValueError, JournalError: see `download_folder`.
        """

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
    ) -> TransferReport:
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
    ) -> Plan:
        """Return the plan of `upload_folder`, and change nothing.

        Args:
            directory, folder_path, include, exclude, follow_symlinks, access, new_ids, journal: see `upload_folder`.

        Returns:
            The plan, for `run`.

        Raises:
            OSError, ValueError, JournalError: see `upload_folder`.
        """

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
    ) -> TransferReport:
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
    ) -> Plan:
        """Return the plan of `download_folder`, and change nothing.

        Args:
            folder_path, directory, include, exclude, follow_symlinks, if_collision, journal: see `download_folder`.

        Returns:
            The plan, for `run`.

        Raises:
            PlanRefusedError, OSError, ValueError, JournalError: see `download_folder`.
        """

class AsyncTransfers(TransferOperations, AsyncResource):
    """Transfers of many files: `hubspot.transfers` of AsyncHubSpotFiles. Its workers are tasks."""

    def __init__(self, driver: AsyncDriver, settings: Settings) -> None: ...
    async def sync(
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
    ) -> TransferReport:
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

    async def plan_sync(
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
    ) -> Plan:
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

    async def run(
        self,
        plan: Plan,
        *,
        digest: str | None = None,
        journal: PathLike | None = None,
        workers: int | None = None,
        on_event: OnEvent | None = None,
    ) -> TransferReport:
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
    ) -> AsyncTransferResults:
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

    async def plan_upload_many(
        self,
        sources: Iterable[PathLike],
        folder_path: str,
        *,
        access: Access | NewAccessName | None = None,
        new_ids: bool = False,
        journal: PathLike | None = None,
    ) -> Plan:
        """Return the plan of `upload_many`, and change nothing.

        Args:
            sources, folder_path, access, new_ids, journal: see `upload_many`.

        Returns:
            The plan, for `run`.

        Raises:
            OSError, ValueError, JournalError: see `upload_folder`.
        """

    def download_many(
        self,
        files: Iterable[File] | Pager[File] | AsyncPager[File],
        directory: PathLike,
        *,
        if_collision: IfCollision = "rename",
        journal: PathLike | None = None,
        workers: int | None = None,
        on_event: OnEvent | None = None,
    ) -> AsyncTransferResults:
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

    async def plan_download_many(
        self,
        files: Iterable[File] | Pager[File] | AsyncPager[File],
        directory: PathLike,
        *,
        if_collision: IfCollision = "rename",
        journal: PathLike | None = None,
    ) -> Plan:
        """Return the plan of `download_many`, and change nothing.

        Args:
            files, directory, if_collision, journal: see `download_many`.

        Returns:
            The plan, for `run`.

        Raises:
            PlanRefusedError, OSError, ValueError, JournalError: see `download_folder`.
        """

    async def upload_folder(
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
    ) -> TransferReport:
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

    async def plan_upload_folder(
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
    ) -> Plan:
        """Return the plan of `upload_folder`, and change nothing.

        Args:
            directory, folder_path, include, exclude, follow_symlinks, access, new_ids, journal: see `upload_folder`.

        Returns:
            The plan, for `run`.

        Raises:
            OSError, ValueError, JournalError: see `upload_folder`.
        """

    async def download_folder(
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
    ) -> TransferReport:
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

    async def plan_download_folder(
        self,
        folder_path: str,
        directory: PathLike,
        *,
        include: Iterable[str] = (),
        exclude: Iterable[str] = (),
        follow_symlinks: bool = False,
        if_collision: IfCollision = "rename",
        journal: PathLike | None = None,
    ) -> Plan:
        """Return the plan of `download_folder`, and change nothing.

        Args:
            folder_path, directory, include, exclude, follow_symlinks, if_collision, journal: see `download_folder`.

        Returns:
            The plan, for `run`.

        Raises:
            PlanRefusedError, OSError, ValueError, JournalError: see `download_folder`.
        """
