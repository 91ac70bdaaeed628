"""Errors of HubSpot as those of a file system."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Generator

from .._errors import (
    APIError,
    AuthenticationError,
    ConflictError,
    ConnectionFailedError,
    FileChangedError,
    HubSpotFilesError,
    InvalidArgumentError,
    LockedError,
    NameChangedError,
    NotFoundError,
    PathIsFileError,
    PathIsFolderError,
    PathTakenError,
    PermissionDeniedError,
    RateLimitError,
)

# OSError makes an instance of its subclass for the number, such as FileNotFoundError. HubSpot's own message and the
# correlation id are those of the cause.
_MEANINGS: tuple[tuple[type[HubSpotFilesError], int, str], ...] = (
    (NotFoundError, errno.ENOENT, "No file or folder at this path"),
    (ConflictError, errno.EEXIST, "Another file or folder is at this path"),
    (AuthenticationError, errno.EACCES, "HubSpot does not accept the token"),
    (PermissionDeniedError, errno.EACCES, "The token lacks a scope"),
    (FileChangedError, errno.ESTALE, "The file was replaced after it was opened"),
    (LockedError, errno.EBUSY, "HubSpot is processing this file or folder; try again in a few seconds"),
    (RateLimitError, errno.EBUSY, "A rate limit of HubSpot is reached; try again later"),
)


@contextlib.contextmanager
def as_os_error(path: str) -> Generator[None, None, None]:
    """Raise an OSError, with HubSpot's error as its cause, for an error within the context.

    Args:
        path: path of the file or folder.

    Raises:
        FileNotFoundError: there is no such file or folder.
        FileExistsError: there is another file or folder at the path.
        PermissionError: the token is not accepted, or lacks a scope.
        ConnectionError: there was no response.
        OSError: any other error of HubSpot, with ESTALE for a file that was replaced while it
            was read, EBUSY for a rate limit or a lock, else EIO.
    """
    try:
        yield
    except (PathTakenError, PathIsFileError, PathIsFolderError) as error:
        raise os_error(error.errno or errno.EIO, path, str(error.strerror)) from error
    except NameChangedError as error:
        raise os_error(errno.EINVAL, path, str(error)) from error
    except InvalidArgumentError:
        # Such as a token that is not valid: nothing was sent, and it is a ValueError or a TypeError already.
        raise
    except ConnectionFailedError as error:
        # It is no TimeoutError, because fsspec would replace its message.
        raise ConnectionError(f"HubSpot did not respond for {path!r}: {error}") from error
    except HubSpotFilesError as error:
        number, message = _meaning(error)
        raise os_error(number, path, "\n".join([message, *getattr(error, "__notes__", ())])) from error


def _meaning(error: HubSpotFilesError) -> tuple[int, str]:
    """Return the number and the message of the OSError for an error."""
    for kind, number, message in _MEANINGS:
        if isinstance(error, kind):
            scopes = ", ".join(error.missing_scopes) if isinstance(error, PermissionDeniedError) else ""
            return number, f"{message}: {scopes}" if scopes else message
    if isinstance(error, APIError):
        return errno.EIO, f"HubSpot responded with {error.status_code}: {error.message}"
    return errno.EIO, str(error)


def os_error(number: int, path: str, message: str = "") -> OSError:
    """Return the OSError of a number.

    Args:
        number: such as `errno.EISDIR`.
        path: path of the file or folder.
        message: description of the error. By default, that of the number.
    """
    return OSError(number, message or os.strerror(number), path)
