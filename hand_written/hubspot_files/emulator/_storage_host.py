"""The storage host for contents: public URLs, signed URLs, ranges."""

from __future__ import annotations

import hashlib
import hmac
import re
from email.utils import format_datetime, parsedate_to_datetime
from typing import Final
from urllib.parse import quote, unquote

from ._clock import Clock, from_milliseconds
from ._media import content_type
from ._messages import IncomingRequest, PageError, QueryParameters, Response
from ._reached import REACHED
from ._store import FileRow, Store

OPERATION: Final = "fetchContent"
_RANGE: Final = re.compile(r"bytes=\s*([0-9]{0,18})-([0-9]{0,18})\s*", re.ASCII)
# assumed: hidden-public-urls
_PUBLIC: Final = frozenset({"PUBLIC_INDEXABLE", "PUBLIC_NOT_INDEXABLE", "HIDDEN_INDEXABLE", "HIDDEN_NOT_INDEXABLE"})


class StorageHost:
    """The storage host of an account.

    Args:
        store: Holds the files.
        clock: Decides whether a signed URL has expired.
        url: The host's origin, without a path.
        portal_id: The account's number, a part of every path.
        key: The secret of the signatures.
        honour_ranges: Whether Range requests are honoured.
    """

    def __init__(
        self, store: Store, clock: Clock, url: str, portal_id: int, key: bytes, *, honour_ranges: bool
    ) -> None:
        self._store = store
        self._clock = clock
        self._key = key
        self._honour_ranges = honour_ranges
        self.portal_id: int = portal_id
        self._url = url
        self._path_prefix = f"/hubfs/{portal_id}/"

    @property
    def prefix(self) -> str:
        """The beginning of all URLs, as the client knows it."""
        known = REACHED.get()
        return f"{self._url if known is None else known.storage_url}/hubfs/{self.portal_id}"

    def url(self, path: str) -> str:
        """Return the unsigned URL of a file's path."""
        return self.prefix + quote(path)

    def signed_url(self, row: FileRow, expires_at: int, size: str | None, *, upscale: bool) -> str:
        """Return a URL that grants access until an instant in milliseconds since 1970."""
        wanted = f"{size or ''}{'+' if size and upscale else ''}"
        signature = self._sign(row.path, str(row.id), str(expires_at), wanted)
        resized = f"&size={quote(wanted)}" if wanted else ""
        return f"{self.url(row.path)}?id={row.id}&expires={expires_at}{resized}&signature={signature}"

    def _sign(self, *facts: str) -> str:
        return hmac.new(self._key, "\n".join(facts).encode(), hashlib.sha256).hexdigest()

    def respond(self, request: IncomingRequest) -> Response:
        """Make the response to a request.

        Raises:
            PageError: It is refused, with an HTML page.
        """
        if "authorization" in request.headers:
            raise PageError(400, "This host takes no Authorization header: a token has been sent to the wrong host.")
        if request.method not in ("GET", "HEAD"):
            raise PageError(405, "Only GET and HEAD are served here.", {"Allow": "GET, HEAD"})
        path = unquote(request.path)
        if not path.startswith(self._path_prefix):
            raise PageError(404, "There is nothing at this address.")
        row = self._find("/" + path.removeprefix(self._path_prefix), QueryParameters(request.query))
        if row is None:
            raise PageError(404, "There is nothing at this address.")
        return self._content(row, request)

    def _find(self, path: str, query: QueryParameters) -> FileRow | None:
        signature = query.get("signature")
        if signature is None:
            row = self._store.files.at(path)
            return row if row is not None and row.access in _PUBLIC else None
        file_id, expires = query.get("id") or "", query.get("expires") or ""
        expected = self._sign(path, file_id, expires, query.get("size") or "")
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise PageError(403, "The signature does not match the request.")
        if self._clock.milliseconds() >= int(expires):
            raise PageError(403, "The request has expired.")
        # assumed: signed-url-follows
        return self._store.files.get(int(file_id))

    def _content(self, row: FileRow, request: IncomingRequest) -> Response:
        etag = f'"{row.md5}"'
        modified = from_milliseconds(row.updated_at).replace(microsecond=0)
        headers = {
            "Content-Type": content_type(row.extension, row.charset),
            "ETag": etag,
            "Last-Modified": format_datetime(modified, usegmt=True),
            "Accept-Ranges": "bytes" if self._honour_ranges else "none",
        }
        # assumed: private-noindex
        if not row.access.endswith("_INDEXABLE") or row.access.endswith("_NOT_INDEXABLE"):
            headers["X-Robots-Tag"] = "noindex"
        # RFC 9110 compares weakly here, but not in If-Range.
        tags = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
        if etag in tags or "*" in tags:
            return Response(304, headers)
        # Ranges are defined for GET only.
        wanted = request.headers.get("range") if request.method == "GET" else None
        if not self._honour_ranges or not self._unchanged(request.headers.get("if-range"), etag, modified):
            wanted = None
        byte_range = _byte_range(wanted, row.size)
        if byte_range is None:
            return Response(200, headers, self._store.files.reader(row))
        first, last = byte_range
        headers["Content-Range"] = f"bytes {first}-{last}/{row.size}"
        return Response(206, headers, self._store.files.reader(row, first, last + 1))

    @staticmethod
    def _unchanged(condition: str | None, etag: str, modified: object) -> bool:
        if condition is None or condition == etag:
            return True
        if condition.startswith(('"', "W/")):
            return False
        try:
            return parsedate_to_datetime(condition) == modified
        except (ValueError, OverflowError):
            return False


def _byte_range(wanted: str | None, size: int) -> tuple[int, int] | None:
    """Return first and last byte of a Range header; None where all bytes are to be sent.

    Raises:
        PageError: 416.
    """
    match = _RANGE.fullmatch(wanted or "")
    if match is None or not (match[1] or match[2]):
        return None
    if match[1]:
        first = int(match[1])
        last = min(int(match[2]), size - 1) if match[2] else size - 1
        if match[2] and int(match[2]) < first:
            return None
        satisfiable = first < size
    else:
        first, last = max(0, size - int(match[2])), size - 1
        satisfiable = int(match[2]) > 0 and size > 0
    if not satisfiable:
        raise PageError(416, "The range lies outside the content.", {"Content-Range": f"bytes */{size}"})
    return first, last
