"""Files that get their final name once they are complete, and destinations that are not regular files."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
import threading
from collections.abc import Generator
from pathlib import Path
from typing import IO, Literal, TypeAlias

from .file_names import PARTIAL_PREFIX, numbered

IfExists: TypeAlias = Literal["refuse", "number", "replace"]
"""The policy for a download whose name is taken."""
# Windows does not have it, and opening does not block there.
_NONBLOCK = getattr(os, "O_NONBLOCK", 0)
_MAX_LINKS = 40
_DESCRIPTOR = re.compile(r"/(?:dev|proc/(?:self|thread-self|([0-9]+)))/fd/([0-9]{1,9})", re.ASCII)
# Without attributes that describe the content, such as checksums and capabilities.
_ACCESS_ATTRIBUTES = ("system.posix_acl_access", "security.selinux")
_NO_NEW_FILES = (
    "a partial file is written to the same folder, which accepts no new files; to write into an existing file, pass "
    "open(path, 'wb')"
)
_FOLDER_ERRORS = {
    errno.ENOENT: "there is no such folder",
    errno.EACCES: _NO_NEW_FILES,
    errno.EPERM: _NO_NEW_FILES,
    errno.EROFS: _NO_NEW_FILES,
}


class AtomicFile:
    """A file that is written under another name in the same folder, and renamed once it is complete.

    A FIFO, a character device and a descriptor such as /dev/stdout are written to directly.

    Args:
        destination: a path, or a directory.
        name: name of the file in a directory.
        if_exists: policy for a name that is taken. None replaces the file at a path, and refuses in a directory.
        token: part of the name of the partial file, by which a later process can find it, or None for a random one.

    Attributes:
        path: the final path. It is set by `open`, and by `commit` for a numbered name.
    """

    def __init__(
        self, destination: str | os.PathLike[str], name: str, if_exists: IfExists | None, *, token: str | None = None
    ) -> None:
        self.path = Path(destination)
        self._destination = destination
        self._name = name
        self._if_exists = if_exists
        self._token = token
        # The file that is replaced. If the path is a link, it is the target of the link.
        self._target = self.path
        self._old: os.stat_result | None = None
        self._partial: Path | None = None
        self._stream: IO[bytes] | None = None
        # A cancelled task of asyncio does not wait for its worker thread, which may still open the file during the
        # cleanup. The lock is reentrant because a KeyboardInterrupt can come just before it is released.
        self._lock = threading.RLock()
        self._abandoned = False

    def open(self) -> bool:
        """Open the file at the destination, or under its name in a directory.

        Returns:
            False for a FIFO without a reader. Call it again later. It does not block, because a blocked thread cannot
            be cancelled.

        Raises:
            FileExistsError: the name is taken and must not be replaced.
            OSError: the file cannot be opened for writing.
        """
        with self._lock:
            if self._abandoned:
                return True
            path, if_exists = Path(self._destination), self._if_exists or "replace"
            if os.fspath(self._destination).endswith(("/", os.sep)) or path.is_dir():
                path, if_exists = path / self._name, self._if_exists or "refuse"
            self.path = self._target = path
            self._if_exists = if_exists
            with self._naming_path():
                return self._open_to_replace() if if_exists == "replace" else self._open_to_add()

    def _open_to_add(self) -> bool:
        try:
            os.lstat(self.path)
        except FileNotFoundError:
            pass
        else:
            if self._if_exists == "refuse":
                raise _exists(self.path)
        self._create(0o666)
        return True

    def _open_to_replace(self) -> bool:
        descriptor = _descriptor(self.path)
        if descriptor is not None:
            self._stream = open(os.dup(descriptor), "wb", buffering=0)
            return True
        with contextlib.suppress(FileNotFoundError):
            self._old = os.stat(self.path)
        if self._old is not None and not stat.S_ISREG(self._old.st_mode):
            return self._open_special(self._old.st_mode)
        if self.path.is_symlink():
            # Like `open`, follow a link, even if its target does not exist yet.
            self._target = Path(os.path.realpath(self.path))
        # The replacement of a private file must be private from the start.
        self._create(0o666 if self._old is None else 0o600)
        return True

    def _open_special(self, mode: int) -> bool:
        if stat.S_ISDIR(mode):
            raise OSError(errno.EISDIR, "a folder has this name; pass another path", str(self.path))
        if not stat.S_ISFIFO(mode) and not stat.S_ISCHR(mode):
            raise OSError(errno.ENXIO, "a socket or a disk cannot be written to; pass another path", str(self.path))
        try:
            self._stream = open(self.path, "wb", buffering=0, opener=_open_existing)
        except OSError as error:
            if error.errno == errno.ENXIO and stat.S_ISFIFO(mode):
                return False
            raise
        if _NONBLOCK:
            os.set_blocking(self._stream.fileno(), True)
        return True

    def _create(self, mode: int) -> None:
        """Create the partial file. Its name is stored before the file exists, for the cleanup."""
        while self._stream is None:
            self._partial = self._target.with_name(partial_name(self._token or secrets.token_hex(8)))
            try:
                self._stream = open(
                    self._partial, "xb", buffering=0, opener=lambda path, flags: os.open(path, flags, mode)
                )
            except FileExistsError:
                self._partial = self._token = None
            except OSError as error:
                if error.errno not in _FOLDER_ERRORS:
                    raise
                raise OSError(error.errno, _FOLDER_ERRORS[error.errno], str(self._target.parent)) from None

    def write(self, data: bytes) -> None:
        """Write all data. If the disk is nearly full, a write can be partial, and only the next one raises the error.

        Raises:
            OSError: the data cannot be written.
        """
        assert self._stream is not None
        remaining = memoryview(data)
        with self._naming_path():
            while remaining:
                written: int | None = self._stream.write(remaining)
                if written is None:
                    raise OSError(errno.EAGAIN, "it is in non-blocking mode; set it to blocking mode")
                remaining = remaining[written:]

    @property
    def can_restart(self) -> bool:
        """Whether what was written can be discarded, unlike what was written to a FIFO."""
        return self._partial is not None

    def restart(self) -> None:
        """Discard what was written.

        Raises:
            OSError: the file cannot be truncated.
        """
        with self._lock, self._naming_path():
            if not self._abandoned:
                assert self._stream is not None
                self._stream.seek(0)
                self._stream.truncate()

    def commit(self) -> None:
        """Flush the file to disk and rename it to its final name.

        Raises:
            FileExistsError: the name was taken meanwhile and must not be replaced.
            OSError: the file cannot be flushed or renamed.
        """
        with self._lock, self._naming_path():
            if self._abandoned:
                return
            assert self._stream is not None
            if self._partial is None:
                self._stream.close()
                return
            # Otherwise the name could survive a power failure without the content. Some file systems do not support it.
            try:
                os.fsync(self._stream.fileno())
            except OSError as error:
                if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS):
                    raise
            self._stream.close()
            if self._if_exists == "replace":
                self._replace(self._partial)
            else:
                self._add(self._partial)

    def _replace(self, partial: Path) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._old = os.stat(self._target)
        if self._old is not None:
            _keep_access(partial, self._target, self._old)
        try:
            os.replace(partial, self._target)
        except OSError as error:
            if error.errno not in (errno.EBUSY, errno.EXDEV):
                raise
            # Copying into it could fail halfway, with an incomplete file under the final name.
            reason = "a mount point cannot be replaced; to write into it, pass open(path, 'wb')"
            raise OSError(error.errno, reason, str(self.path)) from None

    def _add(self, partial: Path) -> None:
        path = self.path
        number = 0
        while True:
            try:
                _move_without_replacing(partial, path)
                break
            except FileExistsError:
                if self._if_exists == "refuse":
                    raise _exists(path) from None
            number += 1
            path = self.path.with_name(numbered(self.path.name, number))
        self.path = path

    def abandon(self) -> None:
        """Close the file, and remove the partial file if there is one. It can be called again after an interrupt.

        Raises:
            OSError: the partial file cannot be removed.
        """
        with self._lock, self._naming_path():
            self._abandoned = True
            try:
                if self._stream is not None:
                    self._stream.close()
            finally:
                if self._partial is not None:
                    self._partial.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _naming_path(self) -> Generator[None, None, None]:
        """Make errors name the path instead of the partial file."""
        try:
            yield
        except OSError as error:
            if error.filename not in (None, str(self._partial)):
                raise
            raise OSError(error.errno, error.strerror or str(error), str(self.path)) from None


def partial_name(token: str) -> str:
    """Return the name of a partial file."""
    return f"{PARTIAL_PREFIX}{token}.part"


def _exists(path: Path) -> OSError:
    advice = 'the name is taken; pass if_exists="number" or if_exists="replace", or a path of your own'
    return OSError(errno.EEXIST, advice, str(path))


def _move_without_replacing(partial: Path, path: Path) -> None:
    """Rename a complete file, unless the name is taken. The file system decides which names are equal.

    The partial file's own name may remain.

    Raises:
        FileExistsError: the name is taken.
        OSError: the file cannot be renamed.
    """
    try:
        os.link(partial, path)
    except FileExistsError:
        raise
    except OSError:
        # FAT and some network and container mounts have no hard links. Any other error also occurs here.
        _reserve_and_move(partial, path)


def _reserve_and_move(partial: Path, path: Path) -> None:
    reserved: int | None = None
    try:
        reserved = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        # Windows cannot replace an open file.
        os.close(reserved)
        os.replace(partial, path)
    except BaseException:
        if reserved is not None:
            path.unlink(missing_ok=True)
        raise


def _open_existing(path: str, flags: int) -> int:
    """Open a FIFO or a device without blocking, and without creating a file."""
    flags &= ~(os.O_CREAT | os.O_TRUNC)
    return os.open(path, flags | _NONBLOCK | getattr(os, "O_NOCTTY", 0))


def _descriptor(path: Path) -> int | None:
    """Return the descriptor of this process for a path such as /dev/stdout, or None for other paths."""
    name = os.path.abspath(path)
    for _ in range(_MAX_LINKS):
        match = _DESCRIPTOR.fullmatch(name)
        if match is not None and match[1] in (None, str(os.getpid())):
            return int(match[2])
        try:
            link = os.readlink(name)
        except OSError:
            break
        name = os.path.normpath(os.path.join(os.path.dirname(name), link))
    return None


def _keep_access(partial: Path, target: Path, old: os.stat_result) -> None:
    """Copy the owner, the mode and the access control list of the replaced file, as far as that is permitted.

    On Windows, the new file has the access rights of its folder.
    """
    if not hasattr(os, "chown"):
        return
    mode = old.st_mode & 0o777  # without setuid and setgid, which writing into a file clears, too
    with contextlib.suppress(OSError):
        os.chown(partial, old.st_uid, -1)
    try:
        os.chown(partial, -1, old.st_gid)
    except OSError:
        # The file keeps another group, which must not get more access than everyone.
        mode = mode & 0o707 | (mode & 0o007) << 3
    os.chmod(partial, mode)
    if hasattr(os, "getxattr"):  # not on macOS
        for attribute in _ACCESS_ATTRIBUTES:
            with contextlib.suppress(OSError):
                os.setxattr(partial, attribute, os.getxattr(target, attribute))
