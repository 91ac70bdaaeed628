"""The records that a test reads: files, folders and tasks of every state, and requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import httpx

from ._clock import from_milliseconds
from ._messages import IncomingRequest
from ._store import FileRow, FolderRow, State

_RECORDED_SIZE: Final = 64 * 1024


@dataclass(frozen=True)
class StoredFile:
    """A file as the emulator holds it, of any access and state.

    `state` is "live", "archived", "gdpr" or "expired"; `content` is None in the last two. `size` is in bytes,
    `width` and `height` are in pixels, `name` is without the extension, `extension` without its dot.
    """

    id: str
    name: str
    extension: str
    path: str
    folder_id: str | None
    access: str
    type: str
    encoding: str | None
    size: int
    width: int | None
    height: int | None
    md5: str
    is_usable_in_content: bool
    state: State
    url: str
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None
    expires_at: datetime | None
    content: bytes | None = field(repr=False)


@dataclass(frozen=True)
class StoredFolder:
    """A folder as the emulator holds it, archived or not."""

    id: str
    name: str
    path: str
    parent_id: str | None
    archived: bool
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


@dataclass(frozen=True)
class StoredTask:
    """An import or a folder update: `kind` is "import" or "folder", `status` is that of the API's response."""

    id: str
    kind: str
    status: str


@dataclass
class SeenRequest:
    """A request that reached the emulator, and how it ended.

    `host` is that of `base_url` or `storage_url`, whatever name the client used, and `time` is that of the emulator's
    clock. `operation` is the operationId, "fetchContent" for the storage host, None for an unknown route. `body`
    holds the first 64 KiB, `body_size` counts all bytes that were read. `status` is None when the caller got
    no response; `error` then names the exception.
    """

    method: str
    host: str
    path: str
    query: httpx.QueryParams
    headers: httpx.Headers = field(repr=False)
    operation: str | None
    time: datetime
    body: bytes = field(default=b"", repr=False)
    body_size: int = 0
    status: int | None = None
    error: str | None = None


class RequestLog:
    """The record of requests.

    Args:
        limit: How many of the latest requests it holds. Default: all.
    """

    def __init__(self, limit: int | None) -> None:
        self.requests: list[SeenRequest] = []
        self._limit = limit

    def add(self, request: IncomingRequest, operation: str | None, time: datetime) -> SeenRequest:
        """Record the head of a request."""
        recorded = SeenRequest(
            method=request.method,
            host=request.host,
            path=request.path,
            query=httpx.QueryParams(request.query),
            headers=request.headers,
            operation=operation,
            time=time,
        )
        self.requests.append(recorded)
        if self._limit is not None:
            del self.requests[: -self._limit]
        return recorded

    @staticmethod
    def add_body(recorded: SeenRequest, chunk: bytes) -> None:
        """Record a chunk of a request's body."""
        recorded.body_size += len(chunk)
        if len(recorded.body) < _RECORDED_SIZE:
            recorded.body += chunk[: _RECORDED_SIZE - len(recorded.body)]


def stored_file(row: FileRow, url: str, content: bytes | None) -> StoredFile:
    """Make the record of a file."""
    return StoredFile(
        id=str(row.id),
        name=row.name,
        extension=row.extension,
        path=row.path,
        folder_id=_optional_id(row.folder_id),
        access=row.access,
        type=row.type,
        encoding=row.encoding,
        size=row.size,
        width=row.width,
        height=row.height,
        md5=row.md5,
        is_usable_in_content=bool(row.usable),
        state=row.state,
        url=url,
        created_at=from_milliseconds(row.created_at),
        updated_at=from_milliseconds(row.updated_at),
        archived_at=_optional_time(row.archived_at),
        expires_at=_optional_time(row.expires_at),
        content=content,
    )


def stored_folder(row: FolderRow) -> StoredFolder:
    """Make the record of a folder."""
    return StoredFolder(
        id=str(row.id),
        name=row.name,
        path=row.path,
        parent_id=_optional_id(row.parent_id),
        archived=row.archived_at is not None,
        created_at=from_milliseconds(row.created_at),
        updated_at=from_milliseconds(row.updated_at),
        archived_at=_optional_time(row.archived_at),
    )


def _optional_id(value: int | None) -> str | None:
    return None if value is None else str(value)


def _optional_time(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else from_milliseconds(milliseconds)
