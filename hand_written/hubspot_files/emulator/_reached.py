"""The URLs at which a request has reached a served emulator, which has several if it listens on all addresses."""

from __future__ import annotations

import re
from contextvars import ContextVar
from typing import Final, NamedTuple

_HOST: Final = re.compile(r"(?P<name>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?", re.ASCII)


class Reached(NamedTuple):
    """The origins of the two hosts, as the client of a request knows them."""

    base_url: str
    storage_url: str


# In the context of a request. None: those that the emulator was made with.
REACHED: Final[ContextVar[Reached | None]] = ContextVar("hubspot_files_emulator_reached", default=None)


def reached(host: str, port: int, storage_port: int) -> Reached | None:
    """Return the URLs for the header Host of a request to the API, or None if it is not valid.

    Args:
        host: The header. Its port is another one where a container's ports are published under other numbers.
        port: The port that the API listens on.
        storage_port: The port that the storage host listens on. The client is to find it as far from the API's.
    """
    match = _HOST.fullmatch(host)
    if match is None:
        return None
    storage = int(match["port"] or 80) + storage_port - port
    if not 0 < storage < 65_536:
        return None
    return Reached(f"http://{host}", f"http://{match['name']}:{storage}")
