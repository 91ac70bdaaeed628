"""Transfers of many files: plans, the journal of a transfer, and the runners of both clients."""

from __future__ import annotations

from .errors import JournalError, PlanRefusedError
from .plan import Plan
from .planned_action import Action, PlannedAction
from .remote_path import RemotePath
from .resource import AsyncTransfers, Transfers
from .results import (
    EventKind,
    OnEvent,
    Outcome,
    TransferEvent,
    TransferFailedError,
    TransferReport,
    TransferResult,
    TransferStoppedError,
)
from .streaming import AsyncTransferResults, TransferResults

__all__ = [
    "Action",
    "AsyncTransferResults",
    "AsyncTransfers",
    "EventKind",
    "JournalError",
    "OnEvent",
    "Outcome",
    "Plan",
    "PlanRefusedError",
    "PlannedAction",
    "RemotePath",
    "TransferEvent",
    "TransferFailedError",
    "TransferReport",
    "TransferResult",
    "TransferResults",
    "TransferStoppedError",
    "Transfers",
]
