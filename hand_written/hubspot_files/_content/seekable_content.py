"""A file's content that is open for reading: a position, and a cache of blocks that are fetched ahead."""

from __future__ import annotations

import io
from collections import OrderedDict

from .._engine.context import CallContext, start_call
from .._engine.effects import Acquire, Flow, Lock, NewLock
from .._engine.settings import Settings
from .._errors import ArgumentValueError, RequestTimeoutError
from .._http.failures import NoResponseError
from .._http.timeouts import Timeout
from .._validation import shown
from .ranged_reader import RangedReader


class SeekableContent:
    """Content with a position. Each read is a call of its own, and several threads or tasks can share it.

    It keeps the blocks that were read last, in memory of a fixed size. A read at the end of the previous request is
    taken for a sequential one: each request then fetches twice as many blocks as the one before, up to half of the
    cache. Any other read fetches only its own blocks.

    Args:
        settings: settings of the client.
        reader: reader of the content.
        lock: lock under which the position and the blocks are used.
        block_size: bytes of a block.
        cache_size: bytes of all blocks that are kept.
        timeout: timeout of each step of a connection, or None for the client's.

    Attributes:
        reader, block_size: the arguments.
    """

    def __init__(
        self, settings: Settings, reader: RangedReader, lock: Lock, block_size: int, cache_size: int, timeout: Timeout
    ) -> None:
        self.reader: RangedReader = reader
        self.block_size: int = block_size
        self._settings = settings
        self._timeout = timeout
        self._lock = lock
        self._position = 0
        self._capacity = cache_size // block_size
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        # The block after the last request, and the number of blocks that a sequential read fetches there.
        self._next_block = -1
        self._window = 1

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def seek(self, offset: int, whence: int) -> int:
        """Move the position, and return it. Nothing is sent.

        Raises:
            ValueError: the position would be negative, or whence is not valid.
        """
        if whence == io.SEEK_SET:
            position = offset
        elif whence == io.SEEK_CUR:
            position = self._position + offset
        elif whence == io.SEEK_END:
            position = self.reader.size + offset
        else:
            raise ArgumentValueError(f"whence must be 0, 1 or 2, not {shown(whence)}")
        if position < 0:
            raise ArgumentValueError(f"the position {position} would be before the start of the content")
        self._position = position
        return position

    def read(self, size: int) -> Flow[bytes]:
        """Return bytes from the position: up to a size, or to the end of the content if it is negative.

        Raises:
            HubSpotFilesError: see `RangedReader.fetch`.
        """
        return self._locked(size, b"")

    def read_line(self, size: int) -> Flow[bytes]:
        """Return bytes from the position up to and with the next line feed, and not more than `read`.

        Raises:
            HubSpotFilesError: see `RangedReader.fetch`.
        """
        return self._locked(size, b"\n")

    def _locked(self, size: int, terminator: bytes) -> Flow[bytes]:
        context = yield from start_call(self._settings, self._timeout)
        try:
            yield from Acquire(self._lock, context.deadline)
            return (yield from self._read(context, size, terminator))
        except NoResponseError as lost:
            # Another read takes longer than the deadline of this one allows.
            raise RequestTimeoutError(f"read of file {self.reader.file.id}: {lost.reason(late=True)}") from lost.cause
        finally:
            self._lock.release()

    def _read(self, context: CallContext, size: int, terminator: bytes) -> Flow[bytes]:
        parts: list[bytes] = []
        start = position = self._position
        while size < 0 or position < start + size:
            number, offset = divmod(position, self.block_size)
            block = yield from self._block(context, number, -1 if size < 0 else start + size)
            end = len(block) if size < 0 else min(len(block), offset + start + size - position)
            found = block.find(terminator, offset, end) if terminator else -1
            part = block[offset : end if found < 0 else found + 1]
            if not part:
                break
            parts.append(part)
            position += len(part)
            if found >= 0:
                break
        # An error leaves the position where it was.
        self._position = position
        return b"".join(parts)

    def _block(self, context: CallContext, number: int, wanted: int) -> Flow[bytes]:
        """Return a block, which is empty after the end of the content."""
        if number not in self._blocks:
            yield from self._fetch(context, number, wanted)
        if number not in self._blocks:
            return b""
        self._blocks.move_to_end(number)
        return self._blocks[number]

    def _fetch(self, context: CallContext, first: int, wanted: int) -> Flow[None]:
        """Fetch a block and those after it, up to a position that is wanted or as far as a sequential read goes."""
        limit = max(1, self._capacity // 2)
        self._window = min(self._window * 2, limit) if first == self._next_block else 1
        if wanted < 0:
            self._window = limit
        count = min(max(self._window, -(-wanted // self.block_size) - first), limit)
        last = first + 1
        while last < first + count and last not in self._blocks:
            last += 1
        pending = bytearray()
        number = first

        def take(chunk: bytes) -> None:
            nonlocal number
            pending.extend(chunk)
            while len(pending) >= self.block_size:
                self._store(number, bytes(pending[: self.block_size]))
                del pending[: self.block_size]
                number += 1

        yield from self.reader.fetch(context, first * self.block_size, last * self.block_size, take)
        if pending:
            self._store(number, bytes(pending))
        self._next_block = last

    def _store(self, number: int, block: bytes) -> None:
        self._blocks[number] = block
        if len(self._blocks) > self._capacity:
            self._blocks.popitem(last=False)

    def close(self) -> Flow[None]:
        """Forget the blocks, and remove the temporary file of the reader."""
        self._blocks.clear()
        yield from self.reader.close()


def open_seekable(
    settings: Settings, reader: RangedReader, block_size: int, cache_size: int, timeout: Timeout
) -> Flow[SeekableContent]:
    """Return content that is open for reading, at its start. Nothing is sent."""
    return SeekableContent(settings, reader, (yield from NewLock()), block_size, cache_size, timeout)
