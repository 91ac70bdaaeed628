"""Requests and responses of the two hosts: heads, query parameters, JSON, HTML pages, and HubSpot's error bodies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qsl, urlencode

import httpx

from ._contents import CHUNK_SIZE, ContentReader

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class IncomingRequest:
    """The head of a request. Path and query are still percent-encoded.

    `target` is the host that it is for, None for one that the emulator does not have.
    """

    method: str
    target: Literal["api", "storage"] | None
    host: str
    path: str
    query: str
    headers: httpx.Headers


class QueryParameters:
    """The query parameters of a request, in order. One without a value counts as absent."""

    def __init__(self, query: str) -> None:
        # assumed: blank-parameters
        self.pairs = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if value]

    def get(self, name: str) -> str | None:
        """Return the first value of a parameter."""
        return next((value for key, value in self.pairs if key == name), None)

    def get_list(self, name: str) -> list[str]:
        """Return all values of a parameter, whether it is repeated or holds commas."""
        values = [value for key, value in self.pairs if key == name]
        return [item for value in values for item in value.split(",") if item]

    def replace(self, drop: tuple[str, ...], **values: str) -> str:
        """Return the query with parameters replaced, for the link to another page."""
        kept = [pair for pair in self.pairs if pair[0] not in {*drop, *values}]
        return urlencode([*kept, *values.items()])


@dataclass
class Response:
    """Status, headers and body of a response. It has to be closed."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | ContentReader = b""

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes of the body from `start` to before `stop`."""
        if isinstance(self.body, ContentReader):
            yield from self.body.chunks(start, stop)
            return
        for at in range(start, stop, CHUNK_SIZE):
            yield self.body[at : min(at + CHUNK_SIZE, stop)]

    def close(self) -> None:
        """Close the content that the body is read from, if it is one."""
        if isinstance(self.body, ContentReader):
            self.body.close()


class ApiError(Exception):
    """A refusal with HubSpot's JSON error body."""

    def __init__(
        self,
        status: int,
        message: str,
        category: str | None = "VALIDATION_ERROR",
        *,
        sub_category: str | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
        context: Mapping[str, list[str]] | None = None,
        links: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        fields = {
            "errors": list(errors) or None,
            "context": context,
            "links": links,
            "subCategory": sub_category,
            "category": category,
        }
        self.body: Json = {name: value for name, value in fields.items() if value is not None}
        self.message = message

    def json(self, correlation_id: str) -> Json:
        """Return the body, in HubSpot's order: the category stands last."""
        return {"status": "error", "message": self.message, "correlationId": correlation_id, **self.body}


class PageError(Exception):
    """A refusal with an HTML page, as of a gateway, a router or the storage host."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})


def invalid(name: str, message: str) -> ApiError:
    """Make the refusal of one parameter or field."""
    return ApiError(
        400,
        f"Invalid value for {name}: {message}",
        errors=[{"message": message, "in": name, "code": "INVALID"}],
    )


def required(name: str) -> ApiError:
    """Make the refusal of a body that lacks a field."""
    return ApiError(400, f"{name} is required", errors=[{"message": "required", "in": name}])


def not_found(kind: str, key: object) -> ApiError:
    """Make the refusal of a key that does not exist."""
    return ApiError(404, f"{kind} {key} does not exist", "OBJECT_NOT_FOUND", context={"id": [str(key)]})


def json_response(status: int, body: Mapping[str, Any]) -> Response:
    """Make a response that holds JSON."""
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, {"Content-Type": "application/json;charset=utf-8"}, content)


def error_response(error: ApiError, correlation_id: str) -> Response:
    """Make the response to a refused call."""
    return json_response(error.status, error.json(correlation_id))


def page_response(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Make a response that holds a small HTML page."""
    title = f"{status} {status_reason(status)}".strip()
    page = (
        '<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>\n'
        f"<title>Error {title}</title>\n</head>\n<body><h2>HTTP ERROR {title}</h2>\n<p>{escape(message)}</p>\n"
        "</body>\n</html>\n"
    )
    return Response(status, {"Content-Type": "text/html;charset=utf-8", **(headers or {})}, page.encode())


def status_reason(status: int) -> str:
    """Return IANA's reason phrase of a status, empty for a status that has none."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
