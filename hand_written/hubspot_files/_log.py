"""The `hubspot_files` logger."""

from __future__ import annotations

import logging

logger = logging.getLogger("hubspot_files")


def log_response(label: str, status: int, seconds: float, attempt: int) -> None:
    """Log a response at DEBUG. The label is the method and the path, without query and host."""
    logger.debug("%s: %d after %.3f s (attempt %d)", label, status, seconds, attempt)


def log_retry(label: str, attempt: int, seconds: float, error: Exception, why: str) -> None:
    """Log a retry and its reason at INFO. The record has the wait as `wait`, for a display."""
    logger.info(
        "%s: attempt %d failed (%s), retry in %.1f s",
        label,
        attempt,
        type(error).__name__,
        seconds,
        extra={"wait": (seconds, why)},
    )


def log_shorter_life(label: str, life: float, requested: int) -> None:
    """Log at WARNING that HubSpot gave a signed URL a shorter life than was requested."""
    logger.warning(
        "%s: the signed URL expires in %.0f s, not in the %d s that were requested by expires_in=",
        label,
        life,
        requested,
    )


def log_not_stored(name: str, reason: str) -> None:
    """Log at WARNING that a file which was open for writing is not stored."""
    logger.warning("%s is not stored, because its content may be incomplete: %s", name, reason)


def log_whole_content(name: str, size: int | None, why: str) -> None:
    """Log at WARNING that a file which is open for reading is fetched as a whole."""
    length = "" if size is None else f" ({size} bytes)"
    logger.warning("%s: the whole content%s is fetched, because %s", name, length, why)


def log_wait(label: str, seconds: float, why: str) -> None:
    """Log a wait before a request at DEBUG. The record has it as `wait`, for a display."""
    logger.debug("%s: waits %.1f s for %s", label, seconds, why, extra={"wait": (seconds, why)})
