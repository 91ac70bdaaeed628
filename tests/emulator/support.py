"""Helpers of the emulator's tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import httpx

START = datetime(2026, 3, 1, 12, 0, 0, 393_000, tzinfo=UTC)
Upload = Callable[..., httpx.Response]


def message(response: httpx.Response) -> str:
    """Return the message of an error, after a check of its shape."""
    body = response.json()
    assert body["status"] == "error"
    # The category stands last, where there is one.
    assert "category" not in body or list(body)[-1] == "category"
    assert body["correlationId"] == response.headers["x-hubspot-correlation-id"]
    return str(body["message"])
