"""The public URL of a file, from which its content is fetched without a call of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._engine.context import CallContext
from .._engine.effects import Discard, Fetch, Flow
from .._http.failures import NoResponseError
from .._http.messages import StreamedResponse
from .._http.urls import may_lead
from .._redaction import Secret

if TYPE_CHECKING:
    from hubspot_files_api import models

_PUBLIC = ("PUBLIC_INDEXABLE", "PUBLIC_NOT_INDEXABLE")


def open_public(
    context: CallContext, file: models.File, headers: dict[str, str], *, proven: bool
) -> Flow[StreamedResponse | None]:
    """Open the response of a file's public URL, without the token, or return None on any doubt about its content.

    Args:
        context: context of the call.
        file: record of the file, with size and MD5.
        headers: headers of the request.
        proven: whether the response must prove its content before it is read: its ETag is the MD5 of the record.
    """
    if not is_public(file) or not may_lead(context.settings.base_url, file.url or ""):
        return None
    try:
        response = yield from Fetch(Secret(file.url or ""), headers, None, context.timeout, context.deadline)
    except NoResponseError:
        return None
    if _is_content(response, file, proven=proven):
        return response
    yield from Discard(response)
    return None


def is_public(file: models.File) -> bool:
    """Return whether anyone can fetch the content from the URL of a file."""
    return file.access is not None and file.access.value in _PUBLIC and not file.archived


def _is_content(response: StreamedResponse, file: models.File, *, proven: bool) -> bool:
    """Return whether a response can be the content: not a redirect, an error or, by its size, another content."""
    length = response.headers.get("content-length")
    if response.status != 206 and (response.status != 200 or length != str(file.size)):
        return False
    if response.headers.get("content-encoding", "identity") != "identity":
        return False
    return not proven or response.headers.get("etag", "").strip('"').lower() == (file.file_md5 or "").lower()
