"""Opening of files for reading and writing, like that of local files with the built-in `open`."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, overload

from .._engine.context import start_call
from .._engine.effects import Flow
from .._engine.flow import run, run_async
from .._engine.methods import AsyncResource, Method, SyncResource
from .._errors import ArgumentTypeError, ArgumentValueError
from .._fork import import_before_fork
from .._http.timeouts import check_timeout
from .._operations.enums import Access, AccessName, access_level, new_access, stated_access
from .._operations.ids import file_reference
from .._validation import absolute_path, file_name, non_negative_int, shown
from .file_records import FileRecords

if TYPE_CHECKING:
    from hubspot_files_api.models import File

    from .._content.seekable_content import SeekableContent
    from .._http.timeouts import Timeout
    from .new_content import NewContent
    from .open_files import FileReader, FileWriter, TextFileWriter

    Content: TypeAlias = SeekableContent | NewContent[IO[bytes]]

# Imported on first use, because most programs open no file.
import_before_fork(f"{__package__}.open_files", f"{__package__}.async_open_files", f"{__package__}.new_content")

ReadText: TypeAlias = Literal["r", "rt"]
Write: TypeAlias = Literal["wb", "xb"]
WriteText: TypeAlias = Literal["w", "wt", "x", "xt"]

_MODES = {
    **{spelling: kind + form for kind in "rwx" for form in "bt" for spelling in (kind + form, form + kind)},
    **{kind: f"{kind}t" for kind in "rwx"},
}
_BLOCK_SIZE = 256 * 1024
_CACHE_SIZE = 16 * 1024 * 1024


class OpenSpec(NamedTuple):
    """A file that is to be opened.

    Attributes:
        mode: the mode, such as `rb` or `wt`.
        text: options of a text file.
        content: opens its content.
    """

    mode: str
    text: dict[str, Any]
    content: Flow[Content]


def opened(flow: Callable[..., Flow[OpenSpec]]) -> Any:
    """Decorate a flow that opens a file. The result depends on the client and on the mode."""
    results = ("FileReader | FileWriter | io.TextIOWrapper", "AsyncFileReader | AsyncFileWriter")
    return Method(flow, sync=_opens, asynchronous=_opens_async, results=results)


def _opens(flow: Callable[..., Flow[OpenSpec]]) -> Callable[..., Any]:
    def method(self: SyncResource, *args: Any, **kwargs: Any) -> Any:
        mode, text, opening = run(self._driver, flow(self, *args, **kwargs))
        content = run(self._driver, opening)
        from .new_content import NewContent
        from .open_files import FileReader, FileWriter, TextFileWriter

        if isinstance(content, NewContent):
            writer = FileWriter(self._driver, content, f"{mode[0]}b")
            return TextFileWriter(writer, **text) if mode.endswith("t") else writer
        reader = FileReader(self._driver, content)
        return io.TextIOWrapper(reader, **text) if mode == "rt" else reader

    return method


def _opens_async(flow: Callable[..., Flow[OpenSpec]]) -> Callable[..., Any]:
    async def method(self: AsyncResource, *args: Any, **kwargs: Any) -> Any:
        mode, _, opening = await run_async(self._driver, flow(self, *args, **kwargs))
        if mode.endswith("t"):
            raise ArgumentValueError(
                "AsyncHubSpotFiles opens binary files only: use 'rb', 'wb' or 'xb', and decode or encode"
            )
        content = await run_async(self._driver, opening)
        from .async_open_files import AsyncFileReader, AsyncFileWriter
        from .new_content import NewContent

        if isinstance(content, NewContent):
            return AsyncFileWriter(self._driver, content, mode)
        return AsyncFileReader(self._driver, content)

    return method


class FileOpening(FileRecords):
    """Open files."""

    @overload
    def open(
        self,
        file: File | str | int,
        mode: Literal["rb"] = "rb",
        *,
        block_size: int | None = None,
        cache_size: int | None = None,
        timeout: Timeout = None,
    ) -> Flow[FileReader]: ...
    @overload
    def open(
        self,
        file: File | str | int,
        mode: ReadText,
        *,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        block_size: int | None = None,
        cache_size: int | None = None,
        timeout: Timeout = None,
    ) -> Flow[io.TextIOWrapper]: ...
    @overload
    def open(
        self, file: File | str | int, mode: Write, *, access: Access | AccessName | None = None, timeout: Timeout = None
    ) -> Flow[FileWriter]: ...
    @overload
    def open(
        self,
        file: File | str | int,
        mode: WriteText,
        *,
        access: Access | AccessName | None = None,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        timeout: Timeout = None,
    ) -> Flow[TextFileWriter]: ...
    @overload
    def open(
        self,
        file: File | str | int,
        mode: str,
        *,
        access: Access | AccessName | None = None,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        block_size: int | None = None,
        cache_size: int | None = None,
        timeout: Timeout = None,
    ) -> Flow[Any]: ...
    @opened
    def open(
        self,
        file: File | str | int,
        mode: str = "rb",
        *,
        access: Access | AccessName | None = None,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        block_size: int | None = None,
        cache_size: int | None = None,
        timeout: Timeout = None,
    ) -> Flow[OpenSpec]:
        """Open a file for reading or writing, like the built-in `open`. Use it in a `with` (or `async with`) block.

        Reading can seek, and fetches only the ranges that are read, from a URL that is renewed when it expires. If the
        content is replaced meanwhile, a read raises FileChangedError. Calls of the API are needed to open the file and
        for the URL, but not for the ranges; see docs/operations.md.

        Writing goes to a temporary file, which is stored when it is closed: `file` of the closed file is its record.
        Nothing is stored if the block ends with an exception, or that of an object which closes the file. A file that
        exists keeps its id, and its access unless another is passed. A new one is private by default.

        Args:
            file: a File, its id, or a path such as `/library/report.csv`.
            mode: `rb` reads, `wb` writes, and `xb` writes a file that must not exist. `r`, `w` and `x` open a text
                file, on HubSpotFiles only. HubSpot cannot append to a file.
            access: access level, for writing.
            encoding: encoding of a text file, by default `utf-8`.
            errors, newline: see the built-in `open`, for a text file.
            block_size: bytes that a read of less fetches, by default 256 KiB. Sequential reads fetch more and more
                blocks in a request, up to half of the cache.
            cache_size: bytes of the blocks that are kept in memory, by default 16 MiB.
            timeout: see `upload`, for each read.

        Returns:
            A FileReader or a FileWriter, or an io.TextIOWrapper on it. On AsyncHubSpotFiles, an AsyncFileReader or an
            AsyncFileWriter.

        Raises:
            FileMissingError: there is no such file to read, or no file with this id. It is a FileNotFoundError, too.
            PathTakenError: there is a file at the path, and the mode is `x` or `xb`. It is a FileExistsError, too.
            PathIsFolderError: there is a folder at the path. It is an IsADirectoryError, too.
            ValueError: the mode is not valid, an option is for another mode, or file, access, block_size or cache_size
                is not valid.
            TypeError: file or an option has the wrong type, or HubSpot did not state the access of a file that is named
                by its record or its id, and none was passed.
        """
        canonical = _checked_mode(mode)
        check_timeout(timeout)
        reads, is_text = canonical[0] == "r", canonical[1] == "t"
        text = {"encoding": encoding, "errors": errors, "newline": newline}
        _check_unused(mode, not is_text, text)
        _check_unused(mode, reads, {"access": access})
        _check_unused(mode, not reads, {"block_size": block_size, "cache_size": cache_size})
        reference = file_reference(file)
        yield from ()
        if reads:
            block = _BLOCK_SIZE if block_size is None else _positive(block_size, "block_size")
            cache = _CACHE_SIZE if cache_size is None else _positive(cache_size, "cache_size")
            content = self._open_to_read(file, block, max(block, cache), timeout)
        else:
            exclusive = canonical[0] == "x"
            check = new_access if exclusive else access_level
            level = None if access is None else check(access)
            content = self._open_to_write(file, reference, level, exclusive, timeout)
        return OpenSpec(canonical, {**text, "encoding": encoding or "utf-8"}, content)

    def _open_to_read(
        self, file: File | str | int, block_size: int, cache_size: int, timeout: Timeout
    ) -> Flow[Content]:
        from .._content.file_record import find_record
        from .._content.ranged_reader import open_ranges
        from .._content.seekable_content import open_seekable

        context = yield from start_call(self._settings, timeout)
        record = yield from find_record(context, file)
        reader = yield from open_ranges(context, record)
        return (yield from open_seekable(self._settings, reader, block_size, cache_size, timeout))

    def _open_to_write(
        self, file: File | str | int, reference: str, access: Access | None, exclusive: bool, timeout: Timeout
    ) -> Flow[Content]:
        from .._content.source_opener import new_copy
        from .new_content import NewContent

        target: File | str
        if reference.startswith("/"):
            target = absolute_path(reference, "file")
            file_name(target.rpartition("/")[2])
        elif exclusive:
            raise ArgumentValueError("the modes 'x' and 'xb' write a new file: pass its path")
        elif isinstance(file, str | int) or access is None:
            # The access of a record that the caller has may be that of a file which is not public any more.
            target = yield from FileRecords.get(self, file, timeout=timeout)
            access = access or stated_access(target)
        else:
            target = file
        content = NewContent(self._settings, target, new_copy(), exclusive=exclusive, access=access, timeout=timeout)
        if exclusive:
            try:
                content.check((yield from content.find()))
            except BaseException:
                content.source.close()
                raise
        return content


def _checked_mode(mode: str) -> str:
    """Return a mode in its canonical form, such as `rt` for `r`.

    Raises:
        TypeError: it is not a str.
        ValueError: it is not valid.
    """
    if not isinstance(mode, str):
        raise ArgumentTypeError(f"mode must be a str such as 'rb', not {type(mode).__name__}")
    if mode in _MODES:
        return _MODES[mode]
    if "a" in mode or "+" in mode:
        raise ArgumentValueError(
            f"mode {shown(mode)}: HubSpot replaces the whole content of a file, and cannot append to it or change a "
            "part; read it, and write all of it with 'wb'"
        )
    raise ArgumentValueError(f"mode {shown(mode)} is not valid; use 'rb', 'wb' or 'xb', or 'r', 'w' or 'x' for text")


def _check_unused(mode: str, unused: bool, options: dict[str, Any]) -> None:
    for name, value in options.items():
        if unused and value is not None:
            raise ArgumentValueError(f"{name} is not for the mode {shown(mode)}: leave it out")


def _positive(value: int, name: str) -> int:
    if not non_negative_int(value, name):
        raise ArgumentValueError(f"{name} must be positive")
    return value
