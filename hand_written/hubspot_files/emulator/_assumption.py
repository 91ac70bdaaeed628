"""A behaviour of the emulator that is neither documented by HubSpot nor observed there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Assumption:
    """A behaviour of the emulator without evidence.

    The code cites `name`, as `assumed: name`. `where` is an operationId, `fetchContent` for the
    storage host, or `any`.
    """

    name: str
    where: str
    what: str
    why: str
