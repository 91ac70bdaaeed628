"""The errors of transfers.

HubSpotFilesError
├── PlanRefusedError                the plan would do what its options do not allow; nothing was changed
├── JournalError                    the journal cannot be used; nothing was sent
├── TransferStoppedError            the transfer stopped before its end, and can be run again
└── TransferFailedError             some files failed, or their outcome is unknown
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._errors import HubSpotFilesError

if TYPE_CHECKING:
    from .results import TransferReport


class PlanRefusedError(HubSpotFilesError, ValueError):
    """The plan would do what its options do not allow, such as delete too many files. Nothing was changed."""


class JournalError(HubSpotFilesError):
    """The journal is used by another run, or is not a journal of this package. Nothing was sent."""


class TransferStoppedError(HubSpotFilesError):
    """The transfer stopped before its end, such as for a full disk. The cause is chained. The same call continues it.

    Attributes:
        report: the outcomes up to there.
    """

    def __init__(self, message: str, report: TransferReport | None = None) -> None:
        super().__init__(message)
        self.report = report


class TransferFailedError(HubSpotFilesError):
    """Some files failed, or their outcome is unknown.

    Attributes:
        report: all outcomes.
    """

    def __init__(self, message: str, report: TransferReport | None = None) -> None:
        super().__init__(message)
        self.report = report
