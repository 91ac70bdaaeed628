"""The walk through a local directory, and the state of single files."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from .._content.file_names import PARTIAL_PREFIX
from .._errors import SourceChangedError
from .._validation import file_name, folder_name
from .globs import Globs
from .journal import Journal
from .trees import Kind, LocalEntry, path_key

_CHUNK = 1024 * 1024


class _Folder(NamedTuple):
    """A folder to walk: its paths, and the device and inode of it and of the folders above it."""

    full: str
    local_path: str
    path: str
    chain: tuple[tuple[int, int], ...]


def walk(
    directory: str, globs: Globs, *, follow_symlinks: bool, fold: bool, recursive: bool = True
) -> Iterator[LocalEntry]:
    """Iterate over what is in a directory, and whether it can be transferred. Partial files are left out.

    Args:
        directory: its path.
        globs: patterns that select files.
        follow_symlinks: whether links are followed. Otherwise they are entries of the kind `link`.
        fold: whether the keys of the entries ignore upper and lower case.
        recursive: whether to walk through the folders below it.

    Raises:
        OSError: the directory itself cannot be read.
    """
    status = os.stat(directory)
    if not stat.S_ISDIR(status.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, "it is not a directory", directory)
    pending = [_Folder(directory, "", "", ((status.st_dev, status.st_ino),))]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(folder.full) as scan:
                found = sorted(scan, key=lambda item: item.name)
        except OSError as error:
            if not folder.path:
                raise
            yield LocalEntry(
                path_key(folder.path, fold=fold), folder.path, folder.local_path, "unreadable", note=_reason(error)
            )
            continue
        if folder.path:
            yield LocalEntry(path_key(folder.path, fold=fold), folder.path, folder.local_path, "folder")
        for item in found:
            entry = _entry(item, folder, globs, follow_symlinks=follow_symlinks, fold=fold)
            if isinstance(entry, _Folder):
                if recursive:
                    pending.append(entry)
            elif entry is not None:
                yield entry


def _entry(
    item: os.DirEntry[str], parent: _Folder, globs: Globs, *, follow_symlinks: bool, fold: bool
) -> LocalEntry | _Folder | None:
    if item.name.startswith(PARTIAL_PREFIX):
        return None
    local_path = f"{parent.local_path}/{item.name}".lstrip("/")
    # A name that is not UTF-8 has surrogates, which no message can hold.
    shown = unicodedata.normalize("NFC", item.name.encode("utf-8", "backslashreplace").decode())
    path = f"{parent.path}/{shown}".lstrip("/")

    def entry(kind: Kind, note: str = "", status: os.stat_result | None = None) -> LocalEntry | None:
        if not globs.selects_file(path):
            return None
        size, modified_ns = (status.st_size, status.st_mtime_ns) if status else (0, 0)
        # A name that cannot be stored is never opened.
        kept = local_path if kind == "file" else path
        return LocalEntry(path_key(path, fold=fold), path, kept, kind, size, modified_ns, note)

    try:
        if item.is_symlink() and not follow_symlinks:
            return entry("link", "a symbolic link, which is not followed")
        status = item.stat()
    except OSError as error:
        return entry("refused", _reason(error))
    if stat.S_ISDIR(status.st_mode):
        if not globs.takes_folder(path):
            return None
        place = (status.st_dev, status.st_ino)
        if place in parent.chain:
            return entry("refused", "a loop of symbolic links")
        refusal = _refusal(item.name, folder=True)
        return entry("refused", refusal) if refusal else _Folder(item.path, local_path, path, (*parent.chain, place))
    if not stat.S_ISREG(status.st_mode):
        return entry("link", "not a regular file")
    refusal = _refusal(item.name, folder=False)
    return entry("refused", refusal) if refusal else entry("file", status=status)


def source_entries(sources: Iterable[str], directory: str) -> Iterator[LocalEntry]:
    """Iterate over single files, each under its own name.

    Args:
        sources: absolute paths.
        directory: directory that all of them are below.
    """
    for source in sources:
        name = os.path.basename(source)
        path = unicodedata.normalize("NFC", name.encode("utf-8", "backslashreplace").decode())
        local_path = os.path.relpath(source, directory).replace(os.sep, "/")
        # A name that cannot be stored is never opened.
        refused = LocalEntry(path, path, path, "refused", note=_refusal(name, folder=False))
        try:
            status = os.stat(source)
        except OSError as error:
            yield refused._replace(note=_reason(error))
            continue
        if not stat.S_ISREG(status.st_mode):
            yield refused._replace(note="not a regular file; upload_folder uploads a directory")
        elif refused.note:
            yield refused
        else:
            yield LocalEntry(path, path, local_path, "file", status.st_size, status.st_mtime_ns)


def _refusal(name: str, *, folder: bool) -> str:
    """Return why a name cannot be stored on HubSpot, or an empty str."""
    try:
        (folder_name if folder else file_name)(unicodedata.normalize("NFC", name))
    except ValueError as error:
        return str(error)
    return ""


def _reason(error: OSError) -> str:
    return f"it cannot be read: {error.strerror or error}"


def folds_case(directory: str) -> bool:
    """Return whether the file system of a directory, which need not exist yet, ignores upper and lower case.

    Nothing is written: the directory, or the nearest one above it with a letter in its name, is looked up in the other
    case.
    """
    path = Path(directory).absolute()
    for place in (path, *path.parents):
        other = place.name.swapcase()
        if other != place.name and place.exists():
            swapped = place.with_name(other)
            return swapped.exists() and swapped.samefile(place)
    return False


def md5_of(path: str) -> tuple[str, os.stat_result]:
    """Return the MD5 of a file, and its state.

    Raises:
        OSError: it cannot be read.
        SourceChangedError: it changed meanwhile.
    """
    digest = hashlib.md5(usedforsecurity=False)
    with open(path, "rb") as stream:
        before = os.fstat(stream.fileno())
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
        after = os.fstat(stream.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise SourceChangedError(f"{path} changed while it was read; run the transfer again when it is complete")
    return digest.hexdigest(), after


def known_md5(path: str, local_path: str, journal: Journal | None, now: float) -> str:
    """Return the MD5 of a file, from the journal if the file has not changed since.

    Args:
        path: its path.
        local_path: its path below the directory, under which the journal knows it.
        journal: the journal, or None.
        now: seconds since 1970.

    Raises:
        OSError, SourceChangedError: see `md5_of`.
    """
    if journal is not None and (md5 := journal.known_md5(local_path, os.stat(path))) is not None:
        return md5
    md5, status = md5_of(path)
    if journal is not None:
        journal.store_md5(local_path, status, md5, now)
    return md5


def check_no_links(directory: str, local_path: str) -> None:
    """Check that no folder of a path below a directory is a symbolic link, which could lead out of it.

    Raises:
        OSError: one is.
    """
    place = Path(directory)
    # The directory itself may be a link: the caller has named it.
    for part in filter(None, local_path.split("/")[:-1]):
        place /= part
        if place.is_symlink():
            raise OSError(errno.ELOOP, "a folder of the path is a symbolic link; pass follow_symlinks=True", str(place))
