"""A Files API over real sockets with faults drawn from a seed, and a record of every stored file.

It runs as a separate process, so that its memory and descriptors do not count as the client's:
`python server.py --seed 1` prints its port and serves until it is stopped. It needs the standard library only.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import random
import re
import socket
import struct
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import Enum
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

BY_ID = "7"
"""The id of the folder that exists from the start."""

BY_ID_PATH = "/soak/by-id"

_HEAD_END = b"\r\n\r\n"
_CHUNK_SIZE = 64 * 1024
_RANGE = re.compile(r"bytes=(\d+)-")


class Fault(Enum):
    """The fault of one request. Those named `after storing` affect an upload that is stored."""

    CUT_BEFORE_BODY = "cut before the body is read"
    CUT_IN_BODY = "cut in the middle of the body"
    RESET_IN_BODY = "reset in the middle of the body"
    STALL_IN_BODY = "the body is not read on, beyond the client's timeout"
    EARLY_503 = "503 before the body is read, and the connection closed"
    CUT_AFTER_BODY = "cut after the body, before storing"
    RESET_AFTER_BODY = "reset after the body, before storing"
    STALL_AFTER_BODY = "no answer within the client's timeout, nothing stored"
    LATE_STORE = "stored when the client's timeout is over"
    LIMIT_429 = "429 with Retry-After"
    BUSY_503 = "503 before storing"
    CUT_AFTER_STORING = "cut after storing"
    RESET_AFTER_STORING = "reset after storing"
    STALL_AFTER_STORING = "no answer within the client's timeout after storing"
    GATEWAY_502 = "502 after storing"
    TRUNCATED_HEAD = "the head of the answer is cut, after storing"
    TRUNCATED_BODY = "the body of the answer is cut, after storing"
    EMPTY_SUCCESS = "201 without a body, after storing"
    SILENT_CLOSE = "a whole answer, and then the connection is closed without a word"


_BEFORE_BODY = (Fault.CUT_BEFORE_BODY, Fault.EARLY_503)
_IN_BODY = (Fault.CUT_IN_BODY, Fault.RESET_IN_BODY, Fault.STALL_IN_BODY)
_NOT_STORED = (
    Fault.CUT_AFTER_BODY,
    Fault.RESET_AFTER_BODY,
    Fault.STALL_AFTER_BODY,
    Fault.LIMIT_429,
    Fault.BUSY_503,
)
_RESETS = (Fault.RESET_IN_BODY, Fault.RESET_AFTER_BODY, Fault.RESET_AFTER_STORING)


@dataclass(slots=True)
class Stored:
    """One stored file, with the data that the oracle and downloads need."""

    id: str
    requested_name: str
    name: str
    folder: str
    access: str
    md5: str
    content: bytes
    created_at: datetime

    @property
    def path(self) -> str:
        return f"{self.folder.rstrip('/')}/{self.name}"

    def record(self) -> dict[str, object]:
        stem, _, extension = self.name.rpartition(".")
        created = self.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {
            "id": self.id,
            "access": self.access,
            "archived": False,
            "createdAt": created,
            "updatedAt": created,
            "name": stem,
            "extension": extension,
            "path": self.path,
            "size": len(self.content),
            "fileMd5": self.md5,
            "type": "OTHER",
        }


class Request(NamedTuple):
    """The head of a request, and its body once read."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""


class Response(NamedTuple):
    """A response."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class ClosedError(Exception):
    """The connection was closed, by the client or by a fault."""


class Store:
    """The files, by id, by path, and by folder and content."""

    def __init__(self) -> None:
        self.files: dict[str, Stored] = {}
        self.by_path: dict[str, Stored] = {}
        self.by_content: dict[tuple[str, str], Stored] = {}
        self.uploads = 0

    def add(self, fields: dict[str, bytes], file_name: str, content: bytes) -> Stored:
        """Store an upload, or return the existing file if requested."""
        options = json.loads(fields["options"])
        folder = fields["folderPath"].decode() if "folderPath" in fields else BY_ID_PATH
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        existing = self.by_content.get((folder, md5))
        if existing is not None and options.get("duplicateValidationStrategy") == "RETURN_EXISTING":
            return existing
        requested_name = fields["fileName"].decode() if "fileName" in fields else file_name
        name, number = requested_name, 0
        while f"{folder.rstrip('/')}/{name}" in self.by_path:
            number += 1
            stem, dot, extension = requested_name.rpartition(".")
            name = f"{stem}-{number}{dot}{extension}" if dot else f"{requested_name}-{number}"
        self.uploads += 1
        file = Stored(
            str(1000 + self.uploads), requested_name, name, folder, options["access"], md5, content, datetime.now(UTC)
        )
        self.files[file.id] = self.by_path[file.path] = file
        self.by_content.setdefault((folder, md5), file)
        return file


class Server:
    """Respond to requests, about a tenth of them with a fault, as drawn from the seed."""

    def __init__(self, seed: int, rate: float, stall: float) -> None:
        self.store = Store()
        self.met: Counter[str] = Counter()
        self._random = random.Random(seed)
        self._rate = rate
        self._stall = stall
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end."""
        with contextlib.suppress(ClosedError, ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            while True:
                head = _parse(await reader.readuntil(_HEAD_END))
                fault = None
                if not head.target.startswith("/oracle"):
                    fault = self._draw_fault()
                    self.met[
                        f"{'upload' if head.method == 'POST' else 'other'}: {fault.name if fault else 'none'}"
                    ] += 1
                await self._handle(head, fault, reader, writer)
        writer.close()

    def _draw_fault(self) -> Fault | None:
        # Two draws for every request, so that later faults do not depend on earlier ones.
        hit, which = self._random.random(), self._random.choice(list(Fault))
        return which if hit < self._rate else None

    async def _handle(
        self, head: Request, fault: Fault | None, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        length = int(head.headers.get("content-length", "0"))
        if fault in _BEFORE_BODY:
            if fault is Fault.EARLY_503:
                writer.write(_message(_problem(503, "SERVICE_UNAVAILABLE")))
                await writer.drain()
            self._end(writer, fault)
        if fault in _IN_BODY:
            await reader.readexactly(length // 2)
            if fault is Fault.STALL_IN_BODY:
                await asyncio.sleep(self._stall)
            self._end(writer, fault)
        request = head._replace(body=await _body(reader, length))
        if fault in _NOT_STORED:
            if fault is Fault.STALL_AFTER_BODY:
                await asyncio.sleep(self._stall)
            elif fault is Fault.LIMIT_429:
                response = _problem(429, "RATE_LIMITS", policyName="TEN_SECONDLY_ROLLING")
                writer.write(_message(response._replace(headers=(("Retry-After", "1"),))))
                return
            elif fault is Fault.BUSY_503:
                writer.write(_message(_problem(503, "SERVICE_UNAVAILABLE")))
                return
            self._end(writer, fault)
        if fault is Fault.LATE_STORE:
            await asyncio.sleep(self._stall)
        response = self._respond(request)
        if fault is Fault.STALL_AFTER_STORING:
            await asyncio.sleep(self._stall)
        if fault is Fault.GATEWAY_502:
            response = Response(502, b"<html>Bad Gateway</html>", (("Content-Type", "text/html"),))
        elif fault is Fault.EMPTY_SUCCESS:
            response = response._replace(body=b"")
        message = _message(response)
        if fault is Fault.TRUNCATED_HEAD:
            message = message[: message.index(_HEAD_END) // 2]
        elif fault is Fault.TRUNCATED_BODY:
            message = message[: -max(len(response.body) // 2, 1)]
        elif fault not in (None, Fault.GATEWAY_502, Fault.EMPTY_SUCCESS, Fault.SILENT_CLOSE):
            self._end(writer, fault)
        writer.write(message)
        await writer.drain()
        if fault in (Fault.TRUNCATED_HEAD, Fault.TRUNCATED_BODY, Fault.SILENT_CLOSE):
            self._end(writer, fault)

    def _end(self, writer: asyncio.StreamWriter, fault: Fault | None) -> None:
        if fault in _RESETS:
            connection: socket.socket = writer.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        raise ClosedError

    def _respond(self, request: Request) -> Response:
        parts = urlsplit(request.target)
        path = unquote(parts.path)
        if path == "/oracle":
            return self._oracle()
        if path.startswith("/content/"):
            # A signed URL must be requested without the token.
            if "authorization" in request.headers or "signature" not in parse_qs(parts.query):
                return _problem(400, "CREDENTIALS_WHERE_NONE_BELONG")
            return self._content(path.removeprefix("/content/"), request.headers.get("range"))
        if request.headers.get("authorization") != "Bearer soak":
            return _problem(401, "INVALID_AUTHENTICATION")
        if (request.method, path) == ("POST", "/files/v3/files"):
            return _json(201, self.store.add(*_form(request)).record())
        if path == f"/files/v3/folders/{BY_ID}":
            created = "2024-01-01T00:00:00Z"
            times = {"createdAt": created, "updatedAt": created, "archived": False}
            return _json(200, {"id": BY_ID, "name": "by-id", "path": BY_ID_PATH, **times})
        if path.startswith("/files/v3/files/stat/"):
            stat = self.store.by_path.get("/" + path.removeprefix("/files/v3/files/stat/"))
            return _problem(404, "OBJECT_NOT_FOUND") if stat is None else _json(200, {"file": stat.record()})
        number, _, what = path.removeprefix("/files/v3/files/").partition("/")
        file = self.store.files.get(number)
        if file is None:
            return _problem(404, "OBJECT_NOT_FOUND")
        if what == "signed-url":
            url = f"http://127.0.0.1:{self.port}/content/{file.id}?signature=s"
            expires = {"expiresAt": "2100-01-01T00:00:00Z", "size": len(file.content)}
            return _json(200, {"url": url, "name": file.name, "extension": "bin", "type": "OTHER", **expires})
        return _json(200, file.record())

    def _content(self, number: str, wanted: str | None) -> Response:
        file = self.store.files[number]
        headers = (("ETag", f'"{file.md5}"'), ("Content-Type", "application/octet-stream"))
        match = _RANGE.fullmatch(wanted or "")
        if match is None:
            return Response(200, file.content, headers)
        start, end = int(match[1]), len(file.content)
        return Response(206, file.content[start:], (*headers, ("Content-Range", f"bytes {start}-{end - 1}/{end}")))

    def _oracle(self) -> Response:
        files = [[f.id, f.folder, f.requested_name, f.md5, len(f.content), f.access] for f in self.store.files.values()]
        return _json(200, {"files": files, "met": self.met})


def _parse(head: bytes) -> Request:
    first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Request(method, target, headers)


async def _body(reader: asyncio.StreamReader, length: int) -> bytes:
    chunks: list[bytes] = []
    while length:
        chunk = await reader.read(min(length, _CHUNK_SIZE))
        if not chunk:
            raise ClosedError
        chunks.append(chunk)
        length -= len(chunk)
    return b"".join(chunks)


def _form(request: Request) -> tuple[dict[str, bytes], str, bytes]:
    """Return the fields of a multipart body, and the name and content of its file."""
    boundary = request.headers["content-type"].partition("boundary=")[2].strip('"').encode()
    fields: dict[str, bytes] = {}
    file_name, content = "", b""
    *parts, last = (b"\r\n" + request.body).split(b"\r\n--" + boundary)
    if last != b"--\r\n" or parts[0]:
        raise ClosedError
    for part in parts[1:]:
        head, _, value = part.partition(_HEAD_END)
        names = dict(re.findall(r'(\w+)="([^"]*)"', head.decode()))
        if "filename" in names:
            file_name, content = names["filename"], value
        else:
            fields[names["name"]] = value
    return fields, file_name, content


def _json(status: int, value: object) -> Response:
    return Response(status, json.dumps(value).encode(), (("Content-Type", "application/json"),))


def _problem(status: int, category: str, **more: str) -> Response:
    return _json(status, {"status": "error", "message": category.lower(), "category": category, **more})


def _message(response: Response) -> bytes:
    lines = [f"HTTP/1.1 {response.status} x", f"Date: {format_datetime(datetime.now(UTC), usegmt=True)}"]
    lines += [f"{name}: {value}" for name, value in response.headers]
    lines += [f"Content-Length: {len(response.body)}", "", ""]
    return "\r\n".join(lines).encode() + response.body


async def _main(seed: int, rate: float, stall: float) -> None:
    server = Server(seed, rate, stall)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, limit=1024 * 1024, backlog=512)
    server.port = listener.sockets[0].getsockname()[1]
    print(server.port, flush=True)
    async with listener:
        await listener.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=0.1, help="part of the requests that fail")
    parser.add_argument("--stall", type=float, default=1.5, help="seconds of silence, over the client's read timeout")
    arguments = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main(arguments.seed, arguments.rate, arguments.stall))
