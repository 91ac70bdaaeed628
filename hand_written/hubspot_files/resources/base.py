"""What the parts of a client share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from .._engine.settings import Settings

T = TypeVar("T")


class Operations:
    """Operations of one kind of thing, on the connections of one client."""

    def __init__(self, driver: Any, settings: Settings) -> None:
        self._driver = driver
        self._settings = settings


class _Section:
    """A part of a client where only its class is at hand, such as for `create_autospec`: one without connections."""

    def __init__(self, kind: type) -> None:
        self._kind = kind

    def __get__(self, instance: object, owner: type) -> Any:
        return object.__new__(self._kind)


def section(kind: type[T]) -> T:
    """What stands in a client's class for a part that each client makes for itself."""
    return cast("T", _Section(kind))
