"""The `hubspot_files` logger: one line a request, and never a secret."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._flow import Request

logger = logging.getLogger("hubspot_files")


def answered(request: Request, status: int, seconds: float) -> None:
    logger.debug("%s -> %d in %.3f s", request.label, status, seconds)


def retrying(label: str, attempt: int, seconds: float, error: Exception) -> None:
    logger.info("%s: attempt %d failed (%s); again in %.1f s", label, attempt, type(error).__name__, seconds)
