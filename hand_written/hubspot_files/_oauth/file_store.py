"""The store that keeps OAuth tokens in a file."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Generator
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from .._errors import ArgumentTypeError, ArgumentValueError, TokenStoreError
from .._redaction import Secret
from .._validation import shown
from .tokens import OAuthTokens

_FORMAT: Final = "hubspot-files OAuth tokens"
_VERSION: Final = 1
_MAX_SIZE: Final = 64 * 1024
# Longer than a token request takes with all its retries.
_LOCK_TIMEOUT: Final = 600.0
_INSTALL: Final = 'FileTokenStore needs filelock, which is not installed: pip install "hubspot-files[oauth]"'


class FileTokenStore:
    """A store of OAuth tokens in a file that only its owner can read, for any number of processes of one machine.

    The file is replaced atomically. A second file beside it, with `.lock` at the end of its name, is the lock. It needs
    `pip install "hubspot-files[oauth]"`.

    Args:
        path: path of the file, in an existing directory. It is created when tokens are saved for the first time.
        lock_timeout: seconds to wait for another process that renews the token.

    Raises:
        ImportError: filelock is not installed.
        ValueError: there is no such directory, or lock_timeout is not positive.
        TypeError: a value of the wrong type.
    """

    def __init__(self, path: str | os.PathLike[str], *, lock_timeout: float = _LOCK_TIMEOUT) -> None:
        if isinstance(lock_timeout, bool) or not isinstance(lock_timeout, int | float):
            raise ArgumentTypeError(f"lock_timeout must be seconds as a number, not {type(lock_timeout).__name__}")
        if not lock_timeout > 0:
            raise ArgumentValueError(f"lock_timeout must be more than 0 seconds, not {lock_timeout}")
        # A relative path would be another one after a change of the directory. A link stays a link to the file.
        self._path = Path(os.path.realpath(os.fspath(path)))
        if not self._path.parent.is_dir():
            raise ArgumentValueError(f"path {shown(str(path))} must be in an existing directory: create it first")
        self._lock_timeout = lock_timeout
        _import_filelock()

    def load(self) -> OAuthTokens | None:
        """Return the tokens in the file, or None if there is no file.

        Raises:
            TokenStoreError: the file cannot be read, is damaged or was not written by this class.
        """
        try:
            with self._path.open("rb") as file:
                content = Secret(file.read(_MAX_SIZE + 1).decode("utf-8", "replace"))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise TokenStoreError(f"the tokens in {self._path} cannot be read: {error.strerror}") from error
        tokens = _parsed(content)
        if tokens is None:
            raise TokenStoreError(
                f"{self._path} does not contain OAuth tokens that this version can read, and was not changed: remove "
                "the damaged file, or pass another path"
            )
        return tokens

    def save(self, tokens: OAuthTokens) -> None:
        """Replace the file.

        Raises:
            TokenStoreError: the file cannot be written, is damaged or was not written by this class.
        """
        self.load()
        temporary = ""
        try:
            # It has the mode 0600 from its creation.
            descriptor, temporary = tempfile.mkstemp(prefix=f".{self._path.name}.", dir=self._path.parent)
            with open(descriptor, "wb") as file:
                file.write(_formatted(tokens).reveal().encode("ascii"))
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, self._path)
        except OSError as error:
            raise TokenStoreError(f"the tokens cannot be written to {self._path}: {error.strerror}") from error
        finally:
            if temporary:
                with contextlib.suppress(FileNotFoundError):  # it was renamed
                    os.unlink(temporary)

    @contextlib.contextmanager
    def lock(self) -> Generator[None, None, None]:
        """Exclude other processes within the context.

        Raises:
            TokenStoreError: the lock cannot be acquired, or another process holds it for too long.
        """
        filelock = _import_filelock()
        lock = filelock.FileLock(f"{self._path}.lock", timeout=self._lock_timeout, mode=0o600)
        try:
            lock.acquire()
        except filelock.Timeout:
            raise TokenStoreError(
                f"another process has held the lock of {self._path} for {self._lock_timeout:g} s: end it if it hangs"
            ) from None
        except OSError as error:
            raise TokenStoreError(f"the lock of {self._path} cannot be acquired: {error.strerror}") from error
        try:
            yield
        finally:
            lock.release()

    def __repr__(self) -> str:
        return f"FileTokenStore({str(self._path)!r})"


def _import_filelock() -> ModuleType:
    """Import filelock, which only programs with this store need.

    Raises:
        ImportError: it is not installed; the message contains the command that installs it.
    """
    try:
        import filelock
    except ImportError as error:
        raise ImportError(_INSTALL) from error
    return filelock


def _formatted(tokens: OAuthTokens) -> Secret:
    return Secret(json.dumps({"format": _FORMAT, "version": _VERSION, **tokens.to_dict()}, indent=2) + "\n")


def _parsed(content: Secret) -> OAuthTokens | None:
    """Return the tokens in the content of a file, or None if it is anything else. An error could quote the content."""
    try:
        fields: Any = json.loads(content.reveal())
        if fields["format"] != _FORMAT or fields["version"] != _VERSION:
            return None
        return OAuthTokens.from_dict(fields)
    except (ValueError, TypeError, LookupError, RecursionError):
        return None
