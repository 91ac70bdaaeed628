"""The emulated API: its routes, the operations by resource, and the checks of their input."""

from __future__ import annotations
