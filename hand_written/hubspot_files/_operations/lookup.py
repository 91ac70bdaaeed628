"""Lookup of an upload or a new folder whose response was lost, at its path."""

from __future__ import annotations

import functools
import unicodedata
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from .._engine.claims import Claim, Creation
from .._engine.context import CallContext
from .._engine.effects import Flow, Now, RunBlocking
from .._engine.retry import first_line
from .._errors import HubSpotFilesError, NotFoundError
from .._headers import DATE_RESOLUTION, server_time
from .._http.messages import ReplayableBody
from .._validation import url_path
from . import file_calls, folder_calls
from .options import Target
from .prepared_call import perform, perform_by_path

if TYPE_CHECKING:
    from hubspot_files_api import models

T = TypeVar("T")
R = TypeVar("R", "models.File", "models.Folder")


class LookupResult(NamedTuple, Generic[T]):
    """The result of a lookup.

    Attributes:
        record: the record, if it certainly is the result of the call, or None.
        path_is_free: whether there is no file or folder at the path.
        message: the result as a sentence, for an error message.
        ambiguous: whether the record at the path may come from another call of this client.
    """

    record: T | None
    path_is_free: bool
    message: str
    ambiguous: bool = False


def find_upload(
    context: CallContext, content: ReplayableBody, access: str, target: Target, name: str, creation: Creation
) -> Flow[LookupResult[models.File]]:
    """Find the stored file of an upload whose response was lost.

    The file must have the same MD5, size and access, and must have been created after the upload started, by the
    server's clock. A file that another call returned or may have created does not count.

    Args:
        context: context of the call.
        content: uploaded content, still open.
        access: requested access level.
        target: requested folder.
        name: requested name.
        creation: the upload in the client's claims.
    """
    creation.lost = True
    try:
        path = yield from _path(context, target, name)
        try:
            stat, earliest = yield from _stat(context, path)
        except NotFoundError:
            return LookupResult(None, True, _nothing_at(path))
    except HubSpotFilesError as error:
        # The outcome remains unknown. The caller raises OutcomeUnknownError with its own cause.
        return LookupResult(None, False, lookup_failed(error))
    uncertain: LookupResult[models.File] = LookupResult(None, False, _uncertain(path))
    file = stat.file
    if file is None or file.archived or not has_path(file, path) or not _is_created_since(file.created_at, earliest):
        return uncertain
    if file.size != content.size or not file.file_md5:
        return uncertain
    # Not all versions promise the access.
    if file.access is not None and file.access.value != access:
        return uncertain
    try:
        md5 = yield from RunBlocking(content.md5)
    except OSError:
        # The content cannot be read again, and cannot be compared.
        return uncertain
    if file.file_md5.lower() != md5:
        return uncertain
    return (yield from _claimed(context, creation, file, path))


def find_folder(
    context: CallContext, parent: Target, name: str, creation: Creation
) -> Flow[LookupResult[models.Folder]]:
    """Find the folder whose response was lost, and find out whether its path is free.

    If there is nothing at the path, a retry is safe: it creates the folder, or is a conflict. A retry is not safe if
    the folder may come from another call of this client that is in flight.

    Raises:
        HubSpotFilesError: the lookup failed.
    """
    creation.lost = True
    path = yield from _path(context, parent, name)
    try:
        stat, earliest = yield from _stat(context, path)
    except NotFoundError:
        return LookupResult(None, True, _nothing_at(path))
    folder = stat.folder
    if folder is not None and has_path(folder, path) and _is_created_since(folder.created_at, earliest):
        return (yield from _claimed(context, creation, folder, path))
    # An older folder makes the next attempt a conflict, which is the right error for the caller.
    return LookupResult(None, False, _uncertain(path))


def _claimed(context: CallContext, creation: Creation, record: R, path: str) -> Flow[LookupResult[R]]:
    """Return the found record, unless another call of this client has returned it or may have created it."""
    now = yield from Now()
    claim = context.settings.shared.claims.claim(creation, record.id, now)
    if claim is Claim.THIS_CALL:
        return LookupResult(record, False, "")
    if claim is Claim.ANOTHER_CALL:
        return LookupResult(None, False, f"It was looked up: the record at {'/' + path!r} comes from another call.")
    message = f"It was looked up: the record at {'/' + path!r} may come from another call of this client."
    return LookupResult(None, False, message, ambiguous=True)


def has_path(record: models.File | models.Folder, path: str) -> bool:
    """Return whether a record is for a path. A record for another path may be the response to another request."""
    return record.path is None or _folded(record.path) == _folded(f"/{path}")


def same_path(one: str, other: str) -> bool:
    """Return whether two paths differ at most in their Unicode normalization."""
    return unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)


def _folded(path: str) -> str:
    # HubSpot may change the case or the normalization of a name.
    return unicodedata.normalize("NFC", path).casefold()


def lookup_failed(error: HubSpotFilesError) -> str:
    """Return the sentence for a lookup that failed."""
    return f"Looking it up failed ({first_line(error)})."


def _nothing_at(path: str) -> str:
    return f"It was looked up: there is nothing at {'/' + path!r} yet."


def _uncertain(path: str) -> str:
    return f"It was looked up: the record at {'/' + path!r} may not be from this call."


def _path(context: CallContext, target: Target, name: str) -> Flow[str]:
    """Return the path to look up, without its leading slash.

    Raises:
        HubSpotFilesError: the folder has no path, or its record cannot be fetched.
    """
    folder = target.folder_path or "/"
    if target.folder_id is not None:
        record = yield from perform(context, folder_calls.get_folder(context.settings.api_version, target.folder_id))
        if not record.path:
            raise HubSpotFilesError(f"folder {record.id} has no path, and its content cannot be looked up")
        folder = record.path
    try:
        return url_path(f"{folder.strip('/')}/{name}".lstrip("/"), "path")
    except (TypeError, ValueError) as error:
        raise HubSpotFilesError(f"its path cannot be looked up: {error}") from None


def _is_created_since(created_at: datetime | None, earliest: datetime | None) -> bool:
    return created_at is not None and earliest is not None and created_at >= earliest


def _stat(context: CallContext, path: str) -> Flow[tuple[models.FileStat, datetime | None]]:
    """Return the record at a path, and the server's clock when the call started, rounded down."""
    call_for = functools.partial(file_calls.stat_path, context.settings.api_version, path, properties=None)
    stat, response = yield from perform_by_path(context, call_for, path)
    now = server_time(response.headers)
    return stat, now and now - DATE_RESOLUTION - timedelta(seconds=response.received_at - context.started_at)
