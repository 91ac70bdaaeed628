"""The patch of a process that leads its requests to HubSpot to an emulator."""

from __future__ import annotations

import functools
import inspect
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Collection
from types import TracebackType
from typing import Any, Final, Generic, Protocol, TypeVar, cast

import httpx

from .._clock import DEFAULT_CLOCK
from ._clock import Clock
from ._transport import Origin, RequestHandler, origin_of


class Target(RequestHandler, Protocol):
    """The part of an emulator that a patch needs."""

    clock: Clock
    token: str
    base_url: str


E = TypeVar("E", bound=Target)
F = TypeVar("F", bound=Callable[..., Any])
# A value of the process: a function that returns it, and one that replaces it.
_Place = tuple[Callable[[], Any], Callable[[Any], None]]


def _attribute(owner: object, name: str) -> _Place:
    return lambda: getattr(owner, name), lambda value: setattr(owner, name, value)


def _variable(name: str) -> _Place:
    def write(value: str | None) -> None:
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value

    return lambda: os.environ.get(name), write


_PLACES: Final[dict[str, _Place]] = {
    "send": _attribute(httpx.HTTPTransport, "handle_request"),
    "send_async": _attribute(httpx.AsyncHTTPTransport, "handle_async_request"),
    "clock": _attribute(DEFAULT_CLOCK, "current"),
    "token": _variable("HUBSPOT_ACCESS_TOKEN"),
    "base_url": _variable("HUBSPOT_BASE_URL"),
    "state": _variable("HUBSPOT_FILES_STATE"),
}


class _Layer:
    """The values of a patch in effect, and those that it has replaced."""

    def __init__(self, emulator: Target, origins: Collection[Origin]) -> None:
        def handle_request(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
            if origin_of(request.url) in origins:
                return emulator.handle(request)
            response: httpx.Response = self.replaced["send"](transport, request)
            return response

        async def handle_async_request(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
            if origin_of(request.url) in origins:
                return await emulator.handle_async(request)
            response: httpx.Response = await self.replaced["send_async"](transport, request)
            return response

        # A journal of a transfer to this emulator is of no use to any other.
        self.state = tempfile.mkdtemp(prefix="hubspot-files-")
        values = {
            "state": self.state,
            "send": handle_request,
            "send_async": handle_async_request,
            "clock": emulator.clock,
            "token": emulator.token,
            "base_url": emulator.base_url,
        }
        self.replaced: dict[str, Any] = {name: read() for name, (read, _) in _PLACES.items()}
        for name, (_, write) in _PLACES.items():
            write(values[name])


# The patches in effect, the latest last. They are those of the process, like the values that they replace.
_LAYERS: Final[list[_Layer]] = []
_LOCK: Final = threading.Lock()


class Patch(Generic[E]):
    """Leads the requests of this process to an emulator, as a context manager or as a decorator of a function.

    `Emulator.patch` makes it, and describes its effect.
    """

    def __init__(self, emulator: E, origins: Collection[Origin]) -> None:
        self._emulator = emulator
        self._origins = origins
        self._entered: list[_Layer] = []

    def __enter__(self) -> E:
        with _LOCK:
            layer = _Layer(self._emulator, self._origins)
            _LAYERS.append(layer)
            self._entered.append(layer)
        return self._emulator

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with _LOCK:
            layer = self._entered.pop()
            shutil.rmtree(layer.state, ignore_errors=True)
            index = _LAYERS.index(layer)
            _LAYERS.remove(layer)
            if index < len(_LAYERS):
                # A later patch is still in effect, such as that of another thread, and restores the values at its end.
                _LAYERS[index].replaced = layer.replaced
                return
            for name, (_, write) in _PLACES.items():
                write(layer.replaced[name])

    def __call__(self, function: F) -> F:
        """Decorate a function or a coroutine function.

        Raises:
            TypeError: It is a class.
        """
        if isinstance(function, type):
            raise TypeError(
                f"patch() decorates functions, not classes such as {function.__name__}: "
                "call self.enterContext(emulator.patch()) in its setUp"
            )
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def patched_async(*args: Any, **kwargs: Any) -> Any:
                with self:
                    return await function(*args, **kwargs)

            return cast(F, patched_async)

        @functools.wraps(function)
        def patched(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return cast(F, patched)
