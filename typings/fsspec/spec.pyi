import io
from collections.abc import Callable
from typing import Any

class AbstractBufferedFile(io.IOBase):
    fs: Any
    path: str
    mode: str
    autocommit: bool
    buffer: io.BytesIO
    forced: bool
    def __init__(self, fs: Any, path: str, mode: str, **options: Any) -> None: ...
    @property
    def closed(self) -> bool: ...
    @closed.setter
    def closed(self, closed: bool) -> None: ...

make_instance: Callable[..., Any]
