"""A HubSpot Files API for tests: stateful, in process or served, with clock and faults under control."""

from __future__ import annotations

from .._clock import use_clock
from ._clock import Clock
from ._faults import Fault
from ._server import serve
from ._transport import EmulatorTransport
from .assumptions import ASSUMPTIONS, Assumption
from .emulator import Emulator, SeenRequest, StoredFile, StoredFolder, StoredTask

__all__ = [
    "ASSUMPTIONS",
    "Assumption",
    "Clock",
    "Emulator",
    "EmulatorTransport",
    "Fault",
    "SeenRequest",
    "StoredFile",
    "StoredFolder",
    "StoredTask",
    "serve",
    "use_clock",
]
