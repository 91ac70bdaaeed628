"""The errors that this package raises, and how an answer of the API becomes one.

HubSpotFilesError
├── APIError                        an answer that is an error, or that cannot be read
│   ├── BadRequestError             400, 405, 413, 414, 415, 422 and other 4xx, and redirects
│   ├── AuthenticationError         401
│   ├── PermissionDeniedError       403
│   ├── NotFoundError               404, 410
│   ├── ConflictError               409
│   ├── LockedError                 423
│   ├── RateLimitError              429, 477
│   ├── ServerError                 5xx
│   └── UnexpectedResponseError     a success whose body is not what the API describes
├── ConnectionFailedError           no answer: refused, reset, cut
│   └── RequestTimeoutError         no answer in time
├── OutcomeUnknownError             it may or may not have happened on the server
├── ClientStateError                the client cannot send: it is closed, or its http_client belongs elsewhere
├── SourceChangedError              what was to be uploaded changed while it was sent
├── TaskFailedError                 an import or a folder change ended without its result
├── TaskTimeoutError                it did not end in time
├── SignedUrlExpiredError           a signed URL is past its end
├── DownloadCorruptedError          the content that came is not the content that is stored
└── SearchLimitError                a search is larger than the API will page through
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

# A call that is about one file.
_FILE = re.compile(r"\w+ /(files/[^/]+|filemanager/api/v3)/files/\d+(/|$)")


class HubSpotFilesError(Exception):
    """Every error of this package, but for the ValueError and TypeError that misuse raises."""


class APIError(HubSpotFilesError):
    """HubSpot answered with an error.

    Attributes:
        message: HubSpot's own words, or what stands in for them.
        status_code: HTTP status, 477 and the 52x of gateways included.
        category: HubSpot's kind of error, such as `VALIDATION_ERROR`; None where the answer names none.
        sub_category: the finer kind, or None.
        correlation_id: what HubSpot's support asks for, or None.
        errors: the details of the body, each a mapping with `message` and maybe `in`, `code`, `context`.
        context: values that the message speaks of, such as `missingScopes`.
        headers: the headers of the answer, names in any case, without cookies and the queries of URLs.

    The token and signatures of URLs that the answer repeats are `[secret]` in all of these.
    """

    def __init__(
        self,
        message: str,
        *,
        request: str = "",
        status_code: int = 0,
        category: str | None = None,
        sub_category: str | None = None,
        correlation_id: str | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
        context: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.request = request
        self.status_code = status_code
        self.category = category
        self.sub_category = sub_category
        self.correlation_id = correlation_id
        self.errors: list[Mapping[str, Any]] = list(errors)
        self.context: dict[str, Any] = dict(context or {})
        self.headers: Mapping[str, str] = headers if headers is not None else {}

    def __str__(self) -> str:
        kind = f" {self.category}" if self.category else ""
        text = f"{self.request}: {self.status_code}{kind}: {self.message}" if self.request else self.message
        for error in self.errors:
            detail = error.get("message")
            if isinstance(detail, str) and detail and detail not in text:
                where = error.get("in")
                text += f"\n- {where}: {detail}" if isinstance(where, str) else f"\n- {detail}"
        if advice := self._advice():
            text += f"\n{advice}"
        if self.correlation_id:
            text += f"\nCorrelation id for HubSpot's support: {self.correlation_id}"
        return text

    def _advice(self) -> str:
        return ""

    def _named(self, key: str) -> list[str]:
        """The values that the body's context, or that of a detail, gives for a key."""
        found: list[str] = []
        for context in (self.context, *(error.get("context") for error in self.errors)):
            values = context.get(key) if isinstance(context, Mapping) else None
            if isinstance(values, list):
                found += [str(value) for value in values]
        return list(dict.fromkeys(found))


class BadRequestError(APIError):
    """HubSpot refuses what was asked (400, 413, 414, 415 and other 4xx); the same again cannot succeed."""


class AuthenticationError(APIError):
    """The access token is not accepted (401)."""

    def _advice(self) -> str:
        if self.category == "EXPIRED_AUTHENTICATION":
            return (
                "The access token has expired. Give the client a callable that returns a fresh one: "
                "HubSpotFiles(access_token=get_token)."
            )
        return "Check the access token: that of a private app begins with pat-, and an OAuth one lives for minutes."


class PermissionDeniedError(APIError):
    """The access token lacks a scope (403)."""

    @property
    def missing_scopes(self) -> list[str]:
        """The scopes of which HubSpot says that they, or one of them, are needed."""
        return self._named("missingScopes") or self._named("requiredGranularScopes")

    def _advice(self) -> str:
        if scopes := self.missing_scopes:
            return f"Grant the app one of these scopes, and use a token made after that: {', '.join(scopes)}."
        return "Grant the app the scope files (files.ui_hidden.read for hidden files)."


class NotFoundError(APIError):
    """Nothing is there (404), or nothing that this token may see."""

    def _advice(self) -> str:
        if not _FILE.match(self.request):
            return ""
        return (
            "It does not exist or is deleted; a hidden file also looks so without the scope files.ui_hidden.read, "
            "and so does the signed URL of a sensitive file."
        )


class ConflictError(APIError):
    """Something of that name, or the same content, is there already (409)."""


class LockedError(APIError):
    """HubSpot is working on it (423); two seconds or more are worth waiting.

    Attributes:
        retry_after: seconds to wait as HubSpot names them, or None.
    """

    retry_after: float | None = None


class RateLimitError(APIError):
    """A limit was reached (429), or the account is being moved (477).

    Attributes:
        policy: `DAILY`, `SECONDLY` or `TEN_SECONDLY_ROLLING`, or None where HubSpot names none.
        retry_after: seconds to wait as HubSpot names them, or None.
    """

    policy: str | None = None
    retry_after: float | None = None

    def _advice(self) -> str:
        if self.policy == "DAILY":
            return "The daily limit of the account is used up: it comes back at midnight in the account's time zone."
        if self.status_code == 477:
            return "HubSpot is moving this account to another data centre: try again after retry_after seconds."
        return (
            "Send more slowly: with_options(pace=True) keeps all requests of a client and its copies under the limit."
        )


class ServerError(APIError):
    """HubSpot, or a gateway before it, failed (5xx).

    Attributes:
        retry_after: seconds to wait as HubSpot names them, or None.
    """

    retry_after: float | None = None


class UnexpectedResponseError(APIError):
    """The request succeeded by its status, but the answer is not what the API describes."""


class ConnectionFailedError(HubSpotFilesError):
    """There was no answer: the connection was refused, reset or cut. The cause is chained."""


class RequestTimeoutError(ConnectionFailedError):
    """There was no answer in time, which the message says how to prolong: `timeout=` or `deadline=`, in seconds.

    The cause is chained.
    """


class OutcomeUnknownError(HubSpotFilesError):
    """All was sent, and then nothing came, or a 5xx, or what could not be read: HubSpot may have done it.

    The message says what happened, what looking it up has told, and how to find out.
    """


class ClientStateError(HubSpotFilesError, RuntimeError):
    """The client cannot send: it is closed, or its http_client belongs to another process or event loop.

    Nothing was sent by the call that raises it.
    """


class SourceChangedError(HubSpotFilesError):
    """What was to be uploaded became longer or shorter while it was sent. Nothing was stored."""


class SignedUrlExpiredError(HubSpotFilesError):
    """A signed URL is past its end, or the storage host refuses it. Ask for another with `files.signed_url`."""


class DownloadCorruptedError(HubSpotFilesError):
    """The content that came has not the size or the MD5 of the stored one. Nothing is left of it on disk."""


class SearchLimitError(HubSpotFilesError):
    """HubSpot pages through 10,000 results of a search and no further; the message says how to narrow it."""
