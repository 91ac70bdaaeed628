"""The errors that are raised before anything is transferred."""

from __future__ import annotations

from .._errors import HubSpotFilesError


class PlanRefusedError(HubSpotFilesError):
    """The plan would do what its options do not allow, such as delete too many files. Nothing was changed."""


class JournalError(HubSpotFilesError):
    """The journal is used by another run, or is not a journal of this package. Nothing was sent."""
