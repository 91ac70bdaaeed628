import io
from collections.abc import Callable, MutableMapping
from typing import Any

class _Cached(type):
    def __call__(cls, *args: Any, **kwargs: Any) -> Any: ...

class AbstractFileSystem(metaclass=_Cached):
    blocksize: int
    dircache: MutableMapping[str, Any]
    storage_options: dict[str, Any]
    def __init__(self, **storage_options: Any) -> None: ...
    @classmethod
    def clear_instance_cache(cls) -> None: ...
    def exists(self, path: str) -> bool: ...
    def invalidate_cache(self, path: str | None = None) -> None: ...

class AbstractBufferedFile(io.IOBase):
    fs: Any
    path: str
    mode: str
    autocommit: bool
    buffer: io.BytesIO
    def __init__(self, fs: AbstractFileSystem, path: str, mode: str, **options: Any) -> None: ...
    @property
    def closed(self) -> bool: ...
    @closed.setter
    def closed(self, closed: bool) -> None: ...

make_instance: Callable[..., AbstractFileSystem]
