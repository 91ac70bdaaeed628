"""The `hubspot_files` logger."""

from __future__ import annotations

import logging

logger = logging.getLogger("hubspot_files")


def log_response(label: str, status: int, seconds: float, attempt: int) -> None:
    """Log a response at DEBUG. The label is the method and the path, without query and host."""
    logger.debug("%s: %d after %.3f s (attempt %d)", label, status, seconds, attempt)


def log_retry(label: str, attempt: int, seconds: float, error: Exception) -> None:
    """Log a retry and its reason at INFO."""
    logger.info("%s: attempt %d failed (%s), retry in %.1f s", label, attempt, type(error).__name__, seconds)
