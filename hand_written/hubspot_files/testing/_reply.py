"""Answers before they become HTTP responses: JSON, HTML pages, and HubSpot's error bodies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from http import HTTPStatus
from typing import Any, TypeAlias

from ._blobs import CHUNK, Extract
from ._clock import EPOCH

Json: TypeAlias = dict[str, Any]


@dataclass
class Reply:
    """Status, headers and body of an answer."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Extract = b""

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes of the body from `start` to before `stop`."""
        if isinstance(self.body, Extract):
            yield from self.body.chunks(start, stop)
            return
        for at in range(start, stop, CHUNK):
            yield self.body[at : min(at + CHUNK, stop)]

    def close(self) -> None:
        """Let go of a content that the body is read from."""
        if isinstance(self.body, Extract):
            self.body.close()


class ApiError(Exception):
    """A refusal that is answered with HubSpot's JSON error body."""

    def __init__(
        self,
        status: int,
        message: str,
        category: str = "VALIDATION_ERROR",
        *,
        sub_category: str | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
        context: Mapping[str, list[str]] | None = None,
        links: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {"status": "error", "message": message, "category": category}
        if sub_category is not None:
            self.body["subCategory"] = sub_category
        if errors:
            self.body["errors"] = list(errors)
        if context is not None:
            self.body["context"] = dict(context)
        if links is not None:
            self.body["links"] = dict(links)


class PageError(Exception):
    """A refusal that is answered with an HTML page, as by a gateway, a router or the storage host."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})


def json_reply(status: int, body: Mapping[str, Any]) -> Reply:
    """An answer that holds JSON."""
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Reply(status, {"Content-Type": "application/json;charset=utf-8"}, content)


def error_reply(error: ApiError, correlation_id: str) -> Reply:
    """The answer to a refused call."""
    return json_reply(error.status, {**error.body, "correlationId": correlation_id})


def page_reply(status: int, message: str, headers: Mapping[str, str] | None = None) -> Reply:
    """An answer that holds a small HTML page."""
    title = f"{status} {reason(status)}".strip()
    page = (
        f"<!doctype html>\n<html><head><title>{title}</title></head>"
        f"<body><h1>{title}</h1><p>{escape(message)}</p></body></html>\n"
    )
    return Reply(status, {"Content-Type": "text/html;charset=utf-8", **(headers or {})}, page.encode())


def reason(status: int) -> str:
    """IANA's phrase for a status, empty for a status that has none."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def moment(milliseconds: int) -> datetime:
    """The instant that is so many milliseconds after 1970."""
    return EPOCH + timedelta(milliseconds=milliseconds)


def iso(milliseconds: int) -> str:
    """An instant as HubSpot writes it: `2023-06-28T17:56:45.393Z`."""
    return moment(milliseconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")
