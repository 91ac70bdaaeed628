"""After an upload or a new folder whose answer was lost: whether it is there, by what stands at its path."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from . import _endpoint
from ._endpoint import Exchange, perform
from ._errors import HubSpotFilesError, NotFoundError
from ._flow import Flow, call
from ._signed import DATE_RESOLUTION, server_time

if TYPE_CHECKING:
    from hubspot_files_api import models

    from ._http import Timeout
    from ._options import Target
    from ._settings import Settings
    from ._source import Part

T = TypeVar("T")


def uploaded(
    settings: Settings, part: Part, access: str, target: Target, name: str, began: float, timeout: Timeout
) -> Flow[models.File | None]:
    """The file that an upload stored whose answer was lost; None where that cannot be told.

    Only a file of the same MD5, size and access is believed to be it, and only one that was created after the upload
    began, by the server's clock: another one of the same name is left alone.

    Args:
        settings: the client's.
        part: what was uploaded, still open.
        access: the access that was asked for.
        target: where it was to go.
        name: the name that it was to have.
        began: the monotonic clock before the first attempt, in seconds.
        timeout: of each request.
    """
    try:
        folder = target.folder_path
        if target.folder_id is not None:
            record = yield from perform(settings, _endpoint.get_folder(target.folder_id, properties=None), timeout)
            folder = record.path
        if folder is None:
            return None
        exchange = _endpoint.stat_path(f"{folder.strip('/')}/{name}".lstrip("/"), properties=None)
        stat, earliest = yield from _asked(settings, exchange, began, timeout)
    except HubSpotFilesError:
        # Whatever keeps us from looking leaves the outcome unknown, which the caller raises with its own cause.
        return None
    file = stat.file
    if file is None or file.archived or not _is_since(file.created_at, earliest):
        return None
    if file.size != part.size or file.access.value != access or not file.file_md5:
        return None
    try:
        md5 = yield from call(part.md5)
    except OSError:
        # What cannot be read again cannot be compared.
        return None
    return file if file.file_md5.lower() == md5 else None


def created(
    settings: Settings, parent: Target, name: str, began: float, timeout: Timeout
) -> Flow[tuple[models.Folder | None, bool]]:
    """The folder that was created without an answer, and whether its place is free.

    Without a folder creating it again is safe: it succeeds where the place is free, and is a conflict where it is not.

    Raises:
        HubSpotFilesError: it cannot be told, because looking failed.
    """
    path = parent.folder_path or "/"
    if parent.folder_id is not None:
        record = yield from perform(settings, _endpoint.get_folder(parent.folder_id, properties=None), timeout)
        if not record.path:
            raise HubSpotFilesError(f"folder {record.id} has no path, so that what is in it cannot be looked up")
        path = record.path
    exchange = _endpoint.stat_path(f"{path.strip('/')}/{name}".lstrip("/"), properties=None)
    try:
        stat, earliest = yield from _asked(settings, exchange, began, timeout)
    except NotFoundError:
        return None, True
    folder = stat.folder
    # An older one makes the next attempt a conflict, which is the answer that the caller should see.
    return (folder if folder is not None and _is_since(folder.created_at, earliest) else None), False


def _is_since(created_at: datetime, earliest: datetime | None) -> bool:
    # A time without a zone is HubSpot's, which is UTC.
    zoned = created_at if created_at.utcoffset() is not None else created_at.replace(tzinfo=UTC)
    return earliest is not None and zoned >= earliest


def _asked(
    settings: Settings, exchange: Exchange[T], began: float, timeout: Timeout
) -> Flow[tuple[T, datetime | None]]:
    """The answer, and the server's clock when our first attempt began, rather too early than too late."""
    answer, reply = yield from _endpoint.answered(settings, exchange, timeout)
    now = server_time(reply)
    return answer, now and now - DATE_RESOLUTION - timedelta(seconds=reply.sent_at + reply.seconds - began)
