"""A HubSpot Files API for tests: stateful, in process, with clock and faults under control."""

from __future__ import annotations

from ._clock import Clock
from ._faults import Fault
from .assumptions import ASSUMPTIONS, Assumption
from .emulator import Emulator, EmulatorTransport, SeenRequest, StoredFile, StoredFolder, StoredTask

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
]
