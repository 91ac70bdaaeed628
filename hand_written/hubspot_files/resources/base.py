"""The bases of the parts of a client."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from .._engine.context import start_call
from .._engine.effects import Flow
from .._engine.settings import Settings
from .._http.timeouts import Timeout
from .._operations.prepared_call import PreparedCall, perform

T = TypeVar("T")


class Operations:
    """Operations of one kind of thing, on the connections of one client."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def _perform(self, call: PreparedCall[T], timeout: Timeout) -> Flow[T]:
        """Perform a call that is all there is to an operation."""
        context = yield from start_call(self._settings, timeout)
        return (yield from perform(context, call))


class _ClientPart:
    """A part of a client where only its class is at hand, such as for `create_autospec`: one without connections."""

    def __init__(self, kind: type) -> None:
        self._kind = kind

    def __get__(self, instance: object, owner: type) -> Any:
        return object.__new__(self._kind)


def client_part(kind: type[T]) -> T:
    """Return a placeholder for a client's class, for a part that each client makes for itself."""
    return cast("T", _ClientPart(kind))
