"""A HubSpot Files API for tests: stateful, in process or served, with clock and faults under control."""

from __future__ import annotations

from .._clock import use_clock
from ..emulator._assumption import Assumption
from ..emulator._assumptions import ASSUMPTIONS
from ..emulator._clock import Clock
from ..emulator._emulator import Emulator
from ..emulator._faults import Fault
from ..emulator._oauth_store import OAuthApp
from ..emulator._records import SeenRequest, StoredFile, StoredFolder, StoredTask
from ..emulator._server import serve
from ..emulator._transport import EmulatorTransport

__all__ = [
    "ASSUMPTIONS",
    "Assumption",
    "Clock",
    "Emulator",
    "EmulatorTransport",
    "Fault",
    "OAuthApp",
    "SeenRequest",
    "StoredFile",
    "StoredFolder",
    "StoredTask",
    "serve",
    "use_clock",
]
