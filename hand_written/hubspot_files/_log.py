"""The `hubspot_files` logger."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


logger = logging.getLogger("hubspot_files")


def answered(label: str, status: int, seconds: float, attempt: int) -> None:
    """Log an answer at DEBUG. The label is a method and a path, without query and host."""
    logger.debug("%s: %d after %.3f s (attempt %d)", label, status, seconds, attempt)


def retrying(label: str, attempt: int, seconds: float, error: Exception) -> None:
    """Log at INFO that a request is sent again, and why."""
    logger.info("%s: attempt %d failed (%s), again in %.1f s", label, attempt, type(error).__name__, seconds)
