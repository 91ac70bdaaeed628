"""Base classes of the resources of a client."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from .._engine.context import start_call
from .._engine.effects import Flow
from .._engine.settings import Settings
from .._http.timeouts import Timeout
from .._operations.prepared_call import PreparedCall, perform

T = TypeVar("T")


class Operations:
    """Base of the operations on one resource, with the settings of a client."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def _version(self) -> str:
        """Version of the API that the client uses."""
        return self._settings.api_version

    def _perform(self, call: PreparedCall[T], timeout: Timeout) -> Flow[T]:
        """Perform an operation that is a single call."""
        context = yield from start_call(self._settings, timeout)
        return (yield from perform(context, call))


class _ClientPart:
    """Descriptor that returns a resource without connections, for tools that inspect a class, such as mocks."""

    def __init__(self, kind: type) -> None:
        self._kind = kind

    def __get__(self, instance: object, owner: type) -> Any:
        return object.__new__(self._kind)


def client_part(kind: type[T]) -> T:
    """Return a placeholder for a class attribute that each client replaces with a resource of its own."""
    return cast("T", _ClientPart(kind))
