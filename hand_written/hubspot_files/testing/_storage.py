"""The host that serves contents: public URLs, signed URLs, ranges."""

from __future__ import annotations

import hashlib
import hmac
import re
from email.utils import format_datetime, parsedate_to_datetime
from typing import Final
from urllib.parse import quote, unquote

from ._clock import Clock
from ._content import media_type
from ._exchange import Arrival
from ._reply import PageError, Reply, moment
from ._search import Query
from ._store import FileRow, Store

OPERATION: Final = "fetchContent"
_RANGE: Final = re.compile(r"bytes=\s*([0-9]{0,18})-([0-9]{0,18})\s*", re.ASCII)
# assumed: hidden-public-urls
_OPEN: Final = frozenset({"PUBLIC_INDEXABLE", "PUBLIC_NOT_INDEXABLE", "HIDDEN_INDEXABLE", "HIDDEN_NOT_INDEXABLE"})


class Storage:
    """The storage host over a store.

    Args:
        store: Where the files are.
        clock: What expiry is measured with.
        url: The host's origin, without a path.
        portal_id: The account's number, part of every path.
        key: The secret of the signatures.
        ranges: Whether Range requests are honoured.
    """

    def __init__(self, store: Store, clock: Clock, url: str, portal_id: int, key: bytes, *, ranges: bool) -> None:
        self._store = store
        self._clock = clock
        self._key = key
        self.ranges = ranges
        self.prefix = f"{url}/hubfs/{portal_id}"
        self._path_prefix = f"/hubfs/{portal_id}/"

    def url(self, path: str) -> str:
        """The unsigned URL of a file's path."""
        return self.prefix + quote(path)

    def signed_url(self, row: FileRow, expires_at: int, size: str | None, *, upscale: bool) -> str:
        """A URL that grants access until an instant in milliseconds since 1970."""
        wanted = f"{size or ''}{'+' if size and upscale else ''}"
        signature = self._sign(row.path, str(row.id), str(expires_at), wanted)
        resized = f"&size={quote(wanted)}" if wanted else ""
        return f"{self.url(row.path)}?id={row.id}&expires={expires_at}{resized}&signature={signature}"

    def _sign(self, *facts: str) -> str:
        return hmac.new(self._key, "\n".join(facts).encode(), hashlib.sha256).hexdigest()

    def serve(self, request: Arrival) -> Reply:
        """Answer a request to this host.

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
        row = self._find("/" + path.removeprefix(self._path_prefix), Query(request.query))
        if row is None:
            raise PageError(404, "There is nothing at this address.")
        return self._reply(row, request)

    def _find(self, path: str, query: Query) -> FileRow | None:
        signature = query.get("signature")
        if signature is None:
            row = self._store.file_at(path)
            return row if row is not None and row.access in _OPEN else None
        file_id, expires = query.get("id") or "", query.get("expires") or ""
        expected = self._sign(path, file_id, expires, query.get("size") or "")
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise PageError(403, "The signature does not match the request.")
        if self._clock.milliseconds() >= int(expires):
            raise PageError(403, "The request has expired.")
        # assumed: signed-url-follows
        return self._store.file(int(file_id))

    def _reply(self, row: FileRow, request: Arrival) -> Reply:
        etag = f'"{row.md5}"'
        modified = moment(row.updated_at).replace(microsecond=0)
        headers = {
            "Content-Type": media_type(row.extension, row.charset),
            "ETag": etag,
            "Last-Modified": format_datetime(modified, usegmt=True),
            "Accept-Ranges": "bytes" if self.ranges else "none",
        }
        # assumed: private-noindex
        if not row.access.endswith("_INDEXABLE") or row.access.endswith("_NOT_INDEXABLE"):
            headers["X-Robots-Tag"] = "noindex"
        # Compared weakly, as RFC 9110 has it; If-Range is not.
        tags = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
        if etag in tags or "*" in tags:
            return Reply(304, headers)
        # No other method than GET knows ranges.
        wanted = request.headers.get("range") if request.method == "GET" else None
        if not self.ranges or not self._unchanged(request.headers.get("if-range"), etag, modified):
            wanted = None
        stretch = _stretch(wanted, row.size)
        if stretch is None:
            return Reply(200, headers, self._store.extract(row, 0, row.size))
        first, last = stretch
        headers["Content-Range"] = f"bytes {first}-{last}/{row.size}"
        return Reply(206, headers, self._store.extract(row, first, last + 1))

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


def _stretch(wanted: str | None, size: int) -> tuple[int, int] | None:
    """First and last byte of a Range header; None where everything is to be answered.

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
