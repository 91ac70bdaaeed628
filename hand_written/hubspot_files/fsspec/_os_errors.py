"""Errors of HubSpot as those of a file system."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Generator

from .._errors import (
    AuthenticationError,
    ConflictError,
    ConnectionFailedError,
    FileChangedError,
    HubSpotFilesError,
    InvalidArgumentError,
    LockedError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
)
from ..resources.new_content import NameChangedError

# OSError makes an instance of its subclass for the number, such as FileNotFoundError.
_NUMBERS: tuple[tuple[type[HubSpotFilesError], int], ...] = (
    (NotFoundError, errno.ENOENT),
    (ConflictError, errno.EEXIST),
    (AuthenticationError, errno.EACCES),
    (PermissionDeniedError, errno.EACCES),
    (FileChangedError, errno.ESTALE),
    (LockedError, errno.EBUSY),
    (RateLimitError, errno.EBUSY),
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
    except NameChangedError as error:
        raise os_error(errno.EINVAL, path, str(error)) from error
    except InvalidArgumentError:
        # Such as a token that is not valid: nothing was sent, and it is a ValueError or a TypeError already.
        raise
    except ConnectionFailedError as error:
        # It is no TimeoutError, because fsspec would replace its message.
        raise ConnectionError(f"{error}: {path!r}") from error
    except HubSpotFilesError as error:
        number = next((number for kind, number in _NUMBERS if isinstance(error, kind)), errno.EIO)
        raise os_error(number, path, "\n".join([str(error), *getattr(error, "__notes__", ())])) from error


def os_error(number: int, path: str, message: str = "") -> OSError:
    """Return the OSError of a number.

    Args:
        number: such as `errno.EISDIR`.
        path: path of the file or folder.
        message: description of the error. By default, that of the number.
    """
    return OSError(number, message or os.strerror(number), path)
