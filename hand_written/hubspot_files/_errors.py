"""The errors that this package raises; those of tasks and transfers are defined with these.

HubSpotFilesError
├── InvalidArgumentError            an argument is not valid
│   ├── ArgumentValueError          its value; also a ValueError
│   │   └── NameChangedError        HubSpot would store the file under another name
│   └── ArgumentTypeError           its type; also a TypeError
├── APIError                        a response that is an error, or that cannot be read
│   ├── BadRequestError             400, 405, 413, 414, 415, 422 and other 4xx, and redirects
│   │   └── InvalidGrantError       the refresh token or the authorization code is not accepted
│   ├── AuthenticationError         401
│   ├── PermissionDeniedError       403
│   ├── NotFoundError               404, 410
│   │   └── FileMissingError        of the file or folder that the call names; also a FileNotFoundError
│   ├── ConflictError               409
│   ├── LockedError                 423
│   ├── RateLimitError              429, 477
│   ├── ServerError                 5xx
│   └── UnexpectedResponseError     a success whose body is not what the API describes
├── PathTakenError                  there is a file where there must be none; also a FileExistsError
├── PathIsFolderError               there is a folder at the path of a file; also an IsADirectoryError
├── PathIsFileError                 there is a file at the path of a folder; also a NotADirectoryError
├── ConnectionFailedError           no response: refused, reset, cut
│   └── RequestTimeoutError         no response in time
├── UnsupportedOperationError       the client's version of the API lacks the operation
├── OutcomeUnknownError             the server may or may not have acted on the request
├── TokenStoreError                 OAuth tokens cannot be loaded or saved
├── ClientStateError                the client is closed, or its http_client belongs to another process or event loop
├── FileChangedError                a file is not as it was when it was opened, or when a change of it was planned
├── SourceChangedError              the content changed while it was uploaded
├── TaskFailedError                 an import or a folder change ended without its result
├── TaskTimeoutError                an import or a folder change did not end in time
├── SignedUrlExpiredError           a signed URL has expired
├── DownloadCorruptedError          the received content is not the stored content
├── PlanRefusedError                a plan of a transfer would do what its options do not allow
├── JournalError                    the journal of a transfer cannot be used
├── TransferStoppedError            a transfer stopped before its end, and can be run again
├── TransferFailedError             some files of a transfer failed, or their outcome is unknown
└── SearchLimitError                a search has more results than the API pages through
"""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ._base_error import HubSpotFilesError as HubSpotFilesError

# The category of a 401 for a token that has expired.
EXPIRED_AUTHENTICATION = "EXPIRED_AUTHENTICATION"
# The label of a request for one file.
_FILE = re.compile(r"\w+ /(files/[^/]+|filemanager/api/v3)/files/\d+(/|$)")
# Older responses name the scopes in the message only.
_SCOPES_IN_MESSAGE = re.compile(r"scopes are required: \[([^\]]*)\]")
# Characters of a path in a message.
_MAX_SHOWN = 200
_DATED = re.compile(r"\w+ /files/(\d{4}-\d\d[^/]*)/")


class InvalidArgumentError(HubSpotFilesError):
    """An argument is not valid. The message says what to pass instead. Nothing was changed on HubSpot."""


class ArgumentValueError(InvalidArgumentError, ValueError):
    """An argument has an invalid value, or arguments exclude each other."""


class NameChangedError(ArgumentValueError):
    """HubSpot would store a file under another name. Nothing is stored; choose another name."""


class ArgumentTypeError(InvalidArgumentError, TypeError):
    """An argument has the wrong type."""


class APIError(HubSpotFilesError):
    """HubSpot responded with an error.

    Attributes:
        message: HubSpot's message, or a description of a response that has none.
        request: method and path of the request.
        status_code: HTTP status, including 477 and the 52x of gateways.
        category: HubSpot's category of the error, such as `VALIDATION_ERROR`, or None.
        sub_category: HubSpot's sub-category, or None.
        correlation_id: id of the request for HubSpot's support, or None.
        errors: details from the body, each a mapping with `message` and maybe `in`, `code` and `context`. A detail that
            is a text is a mapping with this `message`.
        context: values that belong to the message, such as `missingScopes`.
        body: all fields of the body as HubSpot sent them, such as `links`, `groupName` and `requestId`; empty if it is
            not a JSON object.
        headers: headers of the response, case-insensitive, without cookies and the queries of URLs.

    If the response repeats the token or the signature of a URL, it is `[secret]` in all attributes.
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
        body: Mapping[str, Any] | None = None,
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
        self.body: dict[str, Any] = dict(body or {})
        self.headers: Mapping[str, str] = headers if headers is not None else {}

    def _text(self) -> str:
        kind = f" {self.category}" if self.category else ""
        text = f"{self.request}: {self.status_code}{kind}: {self.message}" if self.request else self.message
        for error in self.errors:
            detail = error.get("message")
            if isinstance(detail, str) and detail and detail not in text:
                where = error.get("in")
                text += f"\n- {where}: {detail}" if isinstance(where, str) else f"\n- {detail}"
        if advice := self._advice():
            text += f"\n{advice}"
        return text

    def _advice(self) -> str:
        return ""

    def _named(self, key: str) -> list[str]:
        """Return the values for a key in the context of the body and of its details."""
        found: list[str] = []
        for context in (self.context, *(error.get("context") for error in self.errors)):
            values = context.get(key) if isinstance(context, Mapping) else None
            if isinstance(values, list):
                found += [str(value) for value in values]
            elif isinstance(context, str) and (match := re.search(rf"\b{key}=\[([^\]]*)\]", context)):
                # The text of a map of Java, such as {missingScopes=[files, files.read]}.
                found += _listed(match)
        return list(dict.fromkeys(found))


def _listed(match: re.Match[str]) -> list[str]:
    return [name.strip() for name in match[1].split(",") if name.strip()]


class BadRequestError(APIError):
    """HubSpot rejected the request (400, 413, 414, 415 and other 4xx). A retry cannot succeed."""


class InvalidGrantError(BadRequestError):
    """HubSpot does not accept a refresh token or an authorization code. The user has to authorize the app again.

    A retry cannot succeed. `category` is `invalid_grant`, the error code of RFC 6749, and `sub_category` is HubSpot's
    own, such as `BAD_REFRESH_TOKEN`.
    """

    def _advice(self) -> str:
        return (
            "The user has to authorize the app again: pass the new code to OAuthCredentials.exchange_code. A refresh "
            "token is not accepted if the app was uninstalled, if it belongs to another app or environment, or if it "
            "was replaced and the new one was not stored. A code is accepted once, within minutes, with the "
            "redirect_uri and the code_verifier of its authorization."
        )


class AuthenticationError(APIError):
    """The access token is not accepted (401), or the client_id and client_secret of OAuth."""

    def _advice(self) -> str:
        if self.category == "invalid_client":
            return "Check client_id and client_secret: they are those of the app's authentication settings in HubSpot."
        if self.category == EXPIRED_AUTHENTICATION:
            return (
                "The access token has expired. Pass OAuthCredentials, which renew it, or a callable that returns a "
                "valid one: HubSpotFiles(access_token=get_token)."
            )
        return (
            "Check the access token, which is a Service Key, the token of a private app, which begins with pat-, or an "
            "OAuth token, which expires after minutes."
        )


class PermissionDeniedError(APIError):
    """The access token lacks a scope (403)."""

    @property
    def missing_scopes(self) -> list[str]:
        """Scopes that HubSpot requires, all of them or one of them."""
        scopes = self._named("missingScopes") or self._named("requiredGranularScopes")
        if not scopes and (match := _SCOPES_IN_MESSAGE.search(self.message)):
            return _listed(match)
        return scopes

    def _advice(self) -> str:
        if scopes := self.missing_scopes:
            return f"Grant the app one of these scopes, and use a token issued after that: {', '.join(scopes)}."
        return "Grant the app the scope files (files.ui_hidden.read for hidden files)."


class NotFoundError(APIError):
    """The requested object does not exist, or the token has no access to it (404, 410)."""

    def _advice(self) -> str:
        advice: list[str] = []
        if _FILE.match(self.request):
            advice.append(
                "It does not exist or is deleted. HubSpot also responds 404 for a hidden file without the scope "
                "files.ui_hidden.read, and for the signed URL of a sensitive file."
            )
        # HubSpot's own errors have a correlation id or a category, those of paths that no server has do not.
        if not self.body and (match := _DATED.match(self.request)):
            advice.append(f"If HubSpot has not published version {match[1]} of the API, choose another api_version.")
        return " ".join(advice)


class FileMissingError(NotFoundError, FileNotFoundError):
    """The file or folder that the call names by its path or id does not exist. It is a FileNotFoundError, too.

    Methods that send content raise NotFoundError instead, because their FileNotFoundError is about a local file.

    Attributes:
        filename: the path on HubSpot, or None if the call names an id.
    """

    errno: int | None = errno.ENOENT
    strerror: str | None = "there is no such file or folder on HubSpot"
    filename: str | None = None

    def _advice(self) -> str:
        missing = "" if self.filename is None else f"There is no file or folder at {self.filename[:_MAX_SHOWN]!r}."
        return f"{missing} {super()._advice()}".strip()


class ConflictError(APIError):
    """A file or folder with this name or this content already exists (409)."""


class LockedError(APIError):
    """The object is locked while HubSpot processes it (423). Try again after two seconds or more.

    Attributes:
        retry_after: seconds to wait, from the response, or None.
    """

    retry_after: float | None = None


class RateLimitError(APIError):
    """A rate limit was reached (429), or the account is being moved (477).

    Attributes:
        policy: `DAILY`, `SECONDLY` or `TEN_SECONDLY_ROLLING`, or None if the response names no policy.
        retry_after: seconds to wait, from the response, or None.
    """

    policy: str | None = None
    retry_after: float | None = None

    def _advice(self) -> str:
        if self.policy == "DAILY":
            return "The daily limit of the account is used up: it resets at midnight in the account's time zone."
        if self.status_code == 477:
            return "HubSpot is moving this account to another data centre: try again after retry_after seconds."
        if "creating files" in self.message.lower():
            wait = "a minute or so" if self.retry_after is None else f"{self.retry_after:g} seconds"
            return f"HubSpot limits the creation of files by itself: create more after {wait}."
        return "Send requests more slowly: pace=True of the client keeps it and its copies under the limit."


class ServerError(APIError):
    """HubSpot or a gateway in front of it failed (5xx).

    Attributes:
        retry_after: seconds to wait, from the response, or None.
    """

    retry_after: float | None = None


class UnexpectedResponseError(APIError):
    """The status of the response is a success, but its body is not what the API describes."""


class PathTakenError(HubSpotFilesError, FileExistsError):
    """There is a file at the path on HubSpot, and there must be none. It is a FileExistsError, too."""


class PathIsFolderError(HubSpotFilesError, IsADirectoryError):
    """There is a folder at the path on HubSpot, and a file is needed. It is an IsADirectoryError, too."""


class PathIsFileError(HubSpotFilesError, NotADirectoryError):
    """There is a file at the path on HubSpot, and a folder is needed. It is a NotADirectoryError, too."""


class ConnectionFailedError(HubSpotFilesError):
    """There was no response: the connection was refused, reset or cut. The cause is chained.

    Attributes:
        host: host of the request, with its port if that is not the usual one; empty if it is not known.
    """

    host: str = ""


class RequestTimeoutError(ConnectionFailedError):
    """There was no response in time. The message names the option that allows more: `timeout=` or `deadline=`.

    The cause is chained.
    """


class UnsupportedOperationError(HubSpotFilesError):
    """The client's version of the API lacks an operation, or an input of it. Nothing was sent.

    The message says which versions have it, and what to do instead.

    Attributes:
        operation: name of the operation in the description of the API, such as `updateFolderRecursively`.
        api_version: version of the client.
        versions: known versions that have it.
    """

    def __init__(self, message: str, operation: str = "", api_version: str = "", versions: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.operation: str = operation
        self.api_version: str = api_version
        self.versions: tuple[str, ...] = tuple(versions)


class OutcomeUnknownError(HubSpotFilesError):
    """The request was fully sent, but the response was lost, was a 5xx, or could not be read.

    HubSpot may have acted on the request, and a retry could repeat it. The message says what failed, what the lookup
    found, and how to find out what happened.
    """


class ClientStateError(HubSpotFilesError, RuntimeError):
    """The client is closed, or its http_client belongs to another process or event loop. Nothing was sent."""


class TokenStoreError(HubSpotFilesError):
    """The store of OAuth tokens is empty, damaged, locked, or cannot be read or written. The message says which.

    Tokens that could not be saved are not lost: `OAuthCredentials` keep them in memory, and save them before they use
    them.

    Attributes:
        credentials: the OAuthCredentials, or None. `error.credentials()` tries again.
    """

    credentials: Callable[[], str] | None = None
    _not_pickled = ("credentials",)


class FileChangedError(HubSpotFilesError):
    """A file is not as it was when it was opened for reading, or when a change of it was planned.

    Nothing was changed, and what was read until then is of one content.
    """


class SourceChangedError(HubSpotFilesError):
    """The content became longer or shorter while it was uploaded. Nothing was stored."""


class SignedUrlExpiredError(HubSpotFilesError):
    """A signed URL has expired, or the storage host refuses it. Request another with `files.signed_url`."""


class DownloadCorruptedError(HubSpotFilesError):
    """The size or the MD5 of the received content is not that of the stored content. No file is left on disk."""


class SearchLimitError(HubSpotFilesError):
    """A search has more than the 10,000 results that HubSpot pages through. The message says how to narrow it."""
