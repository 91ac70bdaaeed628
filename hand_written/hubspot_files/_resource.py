"""What the parts of a client share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._client import Settings


class Operations:
    """Operations of one kind of thing, on the connections of one client."""

    def __init__(self, driver: Any, settings: Settings) -> None:
        self._driver = driver
        self._settings = settings
