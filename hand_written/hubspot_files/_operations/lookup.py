"""After an upload or a new folder whose answer was lost: whether it is there, by what stands at its path."""

from __future__ import annotations

import functools
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from .._engine.claims import Claim
from .._engine.effects import Flow, Now, call
from .._engine.retry import one_line
from .._errors import HubSpotFilesError, NotFoundError
from .._headers import DATE_RESOLUTION, server_time
from .._validation import url_path
from . import file_calls, folder_calls
from .prepared_call import by_path, perform

if TYPE_CHECKING:
    from hubspot_files_api import models

    from .._content.upload_body import Part
    from .._engine.claims import Flight
    from .._engine.settings import Settings
    from .._http.timeouts import Timeout
    from .options import Target

T = TypeVar("T")
R = TypeVar("R", "models.File", "models.Folder")


class Finding(NamedTuple, Generic[T]):
    """What looking told.

    Attributes:
        record: what is certain to be it, or None.
        free: whether nothing stands in its place.
        shared: whether what stands there may come from another call of this client.
        said: the same as a sentence, for the error where it is not certain.
    """

    record: T | None
    free: bool
    said: str
    shared: bool = False


def uploaded(
    settings: Settings,
    part: Part,
    access: str,
    target: Target,
    name: str,
    flight: Flight,
    timeout: Timeout,
    end: float | None,
) -> Flow[Finding[models.File]]:
    """The file that an upload stored whose answer was lost; none where that cannot be told.

    Only a file of the same MD5, size and access is believed to be it, and only one that was created after the upload
    began, by the server's clock: another one of the same name is left alone. So is one that another call was given, or
    may have made.

    Args:
        settings: the client's.
        part: what was uploaded, still open.
        access: the access that was asked for.
        target: where it was to go.
        name: the name that it was to have.
        flight: the upload among those of the client.
        timeout: of each request.
        end: the monotonic clock at which all has to be over, or None.
    """
    flight.lost = True
    try:
        path = yield from _place(settings, target, name, timeout, end)
        try:
            stat, earliest = yield from _asked(settings, path, flight.began, timeout, end)
        except NotFoundError:
            return Finding(None, True, _nothing(path))
    except HubSpotFilesError as error:
        # Whatever keeps us from looking leaves the outcome unknown, which the caller raises with its own cause.
        return Finding(None, False, failed(error))
    other: Finding[models.File] = Finding(None, False, _another(path))
    file = stat.file
    if file is None or file.archived or not _stands_at(file, path) or not _is_since(file.created_at, earliest):
        return other
    if file.size != part.size or file.access.value != access or not file.file_md5:
        return other
    try:
        md5 = yield from call(part.md5)
    except OSError:
        # What cannot be read again cannot be compared.
        return other
    if file.file_md5.lower() != md5:
        return other
    return (yield from _claimed(settings, flight, file, path))


def created(
    settings: Settings, parent: Target, name: str, flight: Flight, timeout: Timeout, end: float | None
) -> Flow[Finding[models.Folder]]:
    """The folder that was created without an answer, and whether its place is free.

    Without a folder creating it again is safe: it succeeds where the place is free, and is a conflict where it is not.
    It is not where the folder may come from another call of this client that is in flight, which then is told.

    Raises:
        HubSpotFilesError: it cannot be told, because looking failed.
    """
    flight.lost = True
    path = yield from _place(settings, parent, name, timeout, end)
    try:
        stat, earliest = yield from _asked(settings, path, flight.began, timeout, end)
    except NotFoundError:
        return Finding(None, True, _nothing(path))
    folder = stat.folder
    if folder is not None and _stands_at(folder, path) and _is_since(folder.created_at, earliest):
        return (yield from _claimed(settings, flight, folder, path))
    # An older one makes the next attempt a conflict, which is the answer that the caller should see.
    return Finding(None, False, _another(path))


def _claimed(settings: Settings, flight: Flight, record: R, path: str) -> Flow[Finding[R]]:
    """What was found, unless another call of this client was given it or may have made it."""
    now: float = yield Now()
    claim = settings.shared.claims.claim(flight, record.id, now)
    if claim is Claim.OURS:
        return Finding(record, False, "")
    if claim is Claim.ANOTHERS:
        return Finding(None, False, f"It was looked up: what stands at {'/' + path!r} comes from another call.")
    said = f"It was looked up: what stands at {'/' + path!r} may come from another call of this client."
    return Finding(None, False, said, shared=True)


def _stands_at(record: models.File | models.Folder, path: str) -> bool:
    """Whether a record is of what stands at a path. One of another path may be the response to another request."""
    return record.path is None or _folded(record.path) == _folded(f"/{path}")


def _folded(path: str) -> str:
    # HubSpot may write a name in another way than it was given.
    return unicodedata.normalize("NFC", path).casefold()


def failed(error: HubSpotFilesError) -> str:
    """What to say where looking failed."""
    return f"Looking it up failed ({one_line(error)})."


def _nothing(path: str) -> str:
    return f"It was looked up: nothing stands at {'/' + path!r}."


def _another(path: str) -> str:
    return f"It was looked up: what stands at {'/' + path!r} is not certain to be it."


def _place(settings: Settings, target: Target, name: str, timeout: Timeout, end: float | None) -> Flow[str]:
    """The path at which it has to be, without the slash that it begins with.

    Raises:
        HubSpotFilesError: it cannot be told.
    """
    folder = target.folder_path or "/"
    if target.folder_id is not None:
        record = yield from perform(settings, folder_calls.get_folder(target.folder_id, properties=None), timeout, end)
        if not record.path:
            raise HubSpotFilesError(f"folder {record.id} has no path, so that what is in it cannot be looked up")
        folder = record.path
    try:
        return url_path(f"{folder.strip('/')}/{name}".lstrip("/"), "path")
    except (TypeError, ValueError) as error:
        raise HubSpotFilesError(f"it has a path that cannot be looked up: {error}") from None


def _is_since(created_at: datetime, earliest: datetime | None) -> bool:
    # A time without a zone is HubSpot's, which is UTC.
    zoned = created_at if created_at.utcoffset() is not None else created_at.replace(tzinfo=UTC)
    return earliest is not None and zoned >= earliest


def _asked(
    settings: Settings, path: str, began: float, timeout: Timeout, end: float | None
) -> Flow[tuple[models.FileStat, datetime | None]]:
    """The answer, and the server's clock when our first attempt began, rather too early than too late."""
    exchange_of = functools.partial(file_calls.stat_path, path, properties=None)
    answer, reply = yield from by_path(settings, exchange_of, path, timeout, end)
    now = server_time(reply)
    return answer, now and now - DATE_RESOLUTION - timedelta(seconds=reply.sent_at + reply.seconds - began)
