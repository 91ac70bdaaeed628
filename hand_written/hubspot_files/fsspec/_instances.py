"""The instances of the file system: which one fsspec takes from its cache, and what of it travels."""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
from collections.abc import AsyncIterator, MutableMapping
from typing import TYPE_CHECKING, Any

from fsspec.asyn import get_loop
from fsspec.config import apply_config
from fsspec.dircache import DirCache
from fsspec.json import FilesystemJSONEncoder
from fsspec.spec import make_instance

from .._errors import ArgumentTypeError
from .._validation import shown, suggestion
from ._accounts import SHARED_CLIENTS, Environment, environment
from ._token_sources import NOT_PICKLED, environment_token, held_token

if TYPE_CHECKING:
    # fsspec has no types, and users' type checkers need those of a base class.
    class _Cached(type):
        def __call__(cls, *args: Any, **options: Any) -> Any: ...

    class AsyncFileSystem(metaclass=_Cached):
        asynchronous: bool
        batch_size: int | None
        blocksize: int
        dircache: MutableMapping[str, Any]
        storage_options: dict[str, Any]
        _loop: asyncio.AbstractEventLoop | None
        _pid: int

        def __init__(self, **options: Any) -> None: ...
        def __getattr__(self, name: str) -> Any: ...
        @property
        def loop(self) -> asyncio.AbstractEventLoop | None: ...
        @classmethod
        def clear_instance_cache(cls) -> None: ...
        def invalidate_cache(self, path: str | None = None) -> None: ...
        def open(self, path: str, mode: str = "rb", *arguments: Any, **options: Any) -> Any: ...
        async def _cat_ranges(self, paths: list[str], starts: Any, ends: Any, **kwargs: Any) -> list[bytes]: ...
        def _walk(self, path: str, **kwargs: Any) -> AsyncIterator[tuple[str, Any, Any]]: ...

else:
    from fsspec.asyn import AsyncFileSystem
    from fsspec.spec import _Cached


class CachedByOptions(_Cached):
    """The class of HubSpotFileSystem: it checks the options, and holds a token, before fsspec sees them.

    fsspec keeps the options of an instance, and a digest of them, which must not be that of a token. It ignores options
    that it does not know.
    """

    @property
    def _environment(cls) -> Environment:  # noqa: N805 - this is a metaclass
        """A part of the key of the cache of instances: options that are not passed come from the environment."""
        return environment()

    def __call__(cls, *args: Any, **options: Any) -> Any:  # noqa: N805
        if args:
            del args
            raise ArgumentTypeError("pass the options of HubSpotFileSystem by name, such as token_file=")
        options = apply_config(cls, options)
        known = _option_names(cls)
        unknown = next((name for name in options if name not in known), None)
        if unknown is not None:
            # The value may be a token.
            del options
            # `access_token` is nearer to `access` than to `token`.
            likely = [name for name in known if "token" in name] if "token" in unknown else known
            raise ArgumentTypeError(
                f"{cls.__name__} has no option {shown(unknown)}; it has {', '.join(known)}{suggestion(unknown, likely)}"
            )
        if options.get("token") is not None:
            options["token"] = held_token(options["token"])
        return super().__call__(**options)


@functools.cache
def _option_names(cls: type) -> list[str]:
    """Return the options of a class and its base classes, those of fsspec included."""
    names: dict[str, None] = {}
    for kind in (*cls.__mro__, DirCache):
        for parameter in inspect.signature(vars(kind).get("__init__", object.__init__)).parameters.values():
            if parameter.kind is parameter.KEYWORD_ONLY or parameter.default is not parameter.empty:
                names[parameter.name] = None
    return [*names, "skip_instance_cache"]


class HubSpotInstance(AsyncFileSystem, metaclass=CachedByOptions):
    """A file system that travels without its token, and works in a forked process."""

    protocol = "hubspot"
    _extra_tokenize_attributes = ("_environment",)

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """The event loop of fsspec, which is another one in a forked process."""
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self._loop = None if self.asynchronous else get_loop()
        return self._loop

    @classmethod
    def clear_instance_cache(cls) -> None:
        """Forget all instances, their clients, and their changes that searches may not show yet."""
        super().clear_instance_cache()
        SHARED_CLIENTS.forget()

    def _travelling_options(self) -> dict[str, Any]:
        """Return the options for another process.

        Raises:
            TypeError: the token is an option, and not that of the environment.
        """
        options = dict(self.storage_options)
        token = options.pop("token", None)
        if token is not None and token is not environment_token():
            raise TypeError(NOT_PICKLED)
        return options

    def __reduce__(self) -> tuple[Any, ...]:
        return make_instance, (type(self), (), self._travelling_options())

    def to_dict(self, *, include_password: bool = True) -> dict[str, Any]:
        """Return the file system as JSON, without its token. See `fsspec.AbstractFileSystem`.

        Raises:
            TypeError: the token is an option, and not that of the environment.
        """
        return {
            "cls": f"{type(self).__module__}:{type(self).__name__}",
            "protocol": self.protocol,
            "args": (),
            **FilesystemJSONEncoder().make_serializable(self._travelling_options()),
        }
