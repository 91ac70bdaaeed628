"""The validated arguments of transfers: those of the plan, and those of its run."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, get_args

from .._errors import ArgumentTypeError, ArgumentValueError
from .._operations.enums import Access, new_access
from .._validation import absolute_path, non_negative_int, shown, unknown_value
from ..resources.pagination import AsyncPager, Pager
from ..resources.search_query import SearchQuery
from .globs import Globs
from .plan import PlanOptions
from .remote_path import RemotePath, as_remote
from .results import OnEvent

if TYPE_CHECKING:
    from hubspot_files_api.models import File

IfCollision: TypeAlias = Literal["rename", "refuse"]
"""The policy for names on HubSpot that would be equal in a local directory."""

MAX_WORKERS = 32
"""Maximum number of workers where the caller names none."""


class PlanRequest(NamedTuple):
    """The arguments of a plan.

    Attributes:
        options: the two sides, and the options that the plan keeps.
        globs: patterns that select files.
        if_collision: policy for names that would be equal in a local directory.
        delete: whether files that the source lacks are deleted.
        max_delete: maximum number of deletions, or share of the files at the destination.
        journal: path of the journal, or None for the default.
        sources: paths of single files to upload instead of a directory, or None.
        files: records to download instead of a folder, or a search for them, or None.
    """

    options: PlanOptions
    globs: Globs
    if_collision: IfCollision = "rename"
    delete: bool = False
    max_delete: int | float = 0.1
    journal: Path | None = None
    sources: tuple[str, ...] | None = None
    files: tuple[File, ...] | SearchQuery[File] | None = None


class RunOptions(NamedTuple):
    """The options of a run.

    Attributes:
        journal: path of the journal, or None for the default.
        workers: number of workers, or None for as many as it takes.
        on_event: callback for events, or None.
        digest: digest of the plan that was looked at, or None.
    """

    journal: Path | None
    workers: int | None
    on_event: OnEvent | None
    digest: str | None


def run_options(
    journal: str | os.PathLike[str] | None, workers: int | None, on_event: OnEvent | None, digest: str | None = None
) -> RunOptions:
    """Return the validated options of a run.

    Raises:
        TypeError: a value of the wrong type.
        ValueError: there would be no worker.
    """
    if workers is not None and not non_negative_int(workers, "workers"):
        raise ArgumentValueError("workers must be 1 or more, or None for as many as it takes")
    if on_event is not None and not callable(on_event):
        raise ArgumentTypeError(f"on_event must be callable, not {type(on_event).__name__}")
    if digest is not None and not isinstance(digest, str):
        raise ArgumentTypeError(f"digest must be the digest of a plan, not {type(digest).__name__}")
    return RunOptions(_journal(journal), workers, on_event, digest)


def upload_request(
    directory: str | os.PathLike[str],
    folder_path: str,
    *,
    include: Iterable[str],
    exclude: Iterable[str],
    follow_symlinks: bool,
    access: Access | str | None,
    new_ids: bool,
    journal: str | os.PathLike[str] | None,
    delete: bool = False,
    max_delete: float = 0.1,
    gdpr: bool = False,
) -> PlanRequest:
    """Return the request for the plan of an upload.

    Raises:
        TypeError, ValueError: a value is not valid.
    """
    options = PlanOptions(
        "upload",
        _directory(directory),
        absolute_path(folder_path, "folder_path"),
        access=None if access is None else new_access(access).value,
        new_ids=_flag(new_ids, "new_ids"),
        follow_symlinks=_flag(follow_symlinks, "follow_symlinks"),
        gdpr=_flag(gdpr, "gdpr"),
    )
    return PlanRequest(
        options,
        Globs(include, exclude),
        delete=_flag(delete, "delete"),
        max_delete=_max_delete(max_delete),
        journal=_journal(journal),
    )


def download_request(
    folder_path: str,
    directory: str | os.PathLike[str],
    *,
    include: Iterable[str],
    exclude: Iterable[str],
    follow_symlinks: bool,
    if_collision: IfCollision,
    journal: str | os.PathLike[str] | None,
    delete: bool = False,
    max_delete: float = 0.1,
) -> PlanRequest:
    """Return the request for the plan of a download.

    Raises:
        TypeError, ValueError: a value is not valid.
    """
    options = PlanOptions(
        "download",
        _directory(directory),
        absolute_path(folder_path, "folder_path"),
        follow_symlinks=_flag(follow_symlinks, "follow_symlinks"),
    )
    return PlanRequest(
        options,
        Globs(include, exclude),
        _collision_policy(if_collision),
        delete=_flag(delete, "delete"),
        max_delete=_max_delete(max_delete),
        journal=_journal(journal),
    )


def sync_request(
    source: str | os.PathLike[str] | RemotePath,
    destination: str | os.PathLike[str] | RemotePath,
    *,
    include: Iterable[str],
    exclude: Iterable[str],
    follow_symlinks: bool,
    access: Access | str | None,
    new_ids: bool,
    if_collision: IfCollision,
    delete: bool,
    max_delete: float,
    gdpr: bool,
    journal: str | os.PathLike[str] | None,
) -> PlanRequest:
    """Return the request for the plan of a sync.

    Raises:
        TypeError, ValueError: a value is not valid, or not exactly one side is on HubSpot.
    """
    remote_source, remote_destination = as_remote(source), as_remote(destination)
    if (remote_source is None) == (remote_destination is None):
        raise ArgumentValueError(
            "one of source and destination must be a folder on HubSpot, such as 'hubspot:/library/site', and the other "
            "a local directory"
        )
    if _flag(gdpr, "gdpr") and not (delete and remote_destination):
        raise ArgumentValueError(
            "gdpr=True erases deleted files on HubSpot: it needs delete=True and a destination there"
        )
    if remote_destination is not None:
        if if_collision != "rename":
            raise ArgumentValueError("if_collision is for a local destination: leave it out")
        return upload_request(
            _local(source),
            remote_destination.path,
            include=include,
            exclude=exclude,
            follow_symlinks=follow_symlinks,
            access=access,
            new_ids=new_ids,
            journal=journal,
            delete=delete,
            max_delete=max_delete,
            gdpr=gdpr,
        )
    if access is not None or new_ids:
        raise ArgumentValueError("access and new_ids are for a destination on HubSpot: leave them out")
    assert remote_source is not None
    return download_request(
        remote_source.path,
        _local(destination),
        include=include,
        exclude=exclude,
        follow_symlinks=follow_symlinks,
        if_collision=if_collision,
        journal=journal,
        delete=delete,
        max_delete=max_delete,
    )


def upload_many_request(
    sources: Iterable[str | os.PathLike[str]],
    folder_path: str,
    *,
    access: Access | str | None,
    new_ids: bool,
    journal: str | os.PathLike[str] | None,
) -> PlanRequest:
    """Return the request for the plan of an upload of single files.

    Raises:
        TypeError, ValueError: a value is not valid.
    """
    if isinstance(sources, str | bytes | os.PathLike) or not isinstance(sources, Iterable):
        raise ArgumentTypeError(f"sources must be a list of paths, not one {type(sources).__name__}")
    paths = tuple(dict.fromkeys(_directory(source, "a source") for source in sources))
    # The directory that all of them are below. On Windows, they must be on one drive.
    directory = os.path.commonpath([os.path.dirname(path) for path in paths]) if paths else os.getcwd()
    request = upload_request(
        directory,
        folder_path,
        include=(),
        exclude=(),
        follow_symlinks=True,
        access=access,
        new_ids=new_ids,
        journal=journal,
    )
    return request._replace(sources=paths)


def download_many_request(
    files: Iterable[File] | Pager[File] | AsyncPager[File],
    directory: str | os.PathLike[str],
    *,
    if_collision: IfCollision,
    journal: str | os.PathLike[str] | None,
) -> PlanRequest:
    """Return the request for the plan of a download of single files.

    Raises:
        TypeError, ValueError: a value is not valid.
    """
    request = download_request(
        "/",
        directory,
        include=(),
        exclude=(),
        follow_symlinks=False,
        if_collision=if_collision,
        journal=journal,
    )
    return request._replace(files=_records(files))


def _records(files: Any) -> tuple[File, ...] | SearchQuery[File]:
    from hubspot_files_api.models import File

    if isinstance(files, Pager | AsyncPager):
        return files._query
    if isinstance(files, File) or not isinstance(files, Iterable):
        raise ArgumentTypeError(f"files must be a search or a list of files, not one {type(files).__name__}")
    records = tuple(files)
    for record in records:
        if not isinstance(record, File):
            raise ArgumentTypeError(
                f"files must contain records, as in the results of a search, not {type(record).__name__}; files.get "
                "returns the record for an id, and files.stat the one at a path"
            )
    return records


def _directory(value: str | os.PathLike[str], name: str = "directory") -> str:
    if not isinstance(value, str | os.PathLike) or not isinstance(os.fspath(value), str):
        raise ArgumentTypeError(f"{name} must be a path, not {type(value).__name__}")
    path = os.fspath(value)
    if not path or "\0" in path:
        raise ArgumentValueError(
            f"{name} must be a path that is not empty and contains no NUL; '.' is the current directory"
        )
    return os.path.abspath(path)


def _local(value: str | os.PathLike[str] | RemotePath) -> str | os.PathLike[str]:
    assert not isinstance(value, RemotePath)
    return value


def _journal(value: str | os.PathLike[str] | None) -> Path | None:
    return None if value is None else Path(_directory(value, "journal"))


def _flag(value: bool, name: str) -> bool:
    if not isinstance(value, bool):
        raise ArgumentTypeError(f"{name} must be True or False, not {shown(value)}")
    return value


def _collision_policy(value: IfCollision) -> IfCollision:
    if value not in get_args(IfCollision):
        raise unknown_value("if_collision", value, get_args(IfCollision))
    return value


def _max_delete(value: object) -> int | float:
    if not isinstance(value, float):
        return non_negative_int(value, "max_delete")  # type: ignore[arg-type]  # it checks the type
    if not 0 <= value <= 1:
        raise ArgumentValueError(
            f"max_delete must be a number of files as an int, or a share from 0.0 to 1.0, not {shown(value)}"
        )
    return value
