"""Upload, share and fetch HubSpot files, with HubSpotFiles or AsyncHubSpotFiles.

from hubspot_files import HubSpotFiles

with HubSpotFiles() as hubspot:  # HUBSPOT_ACCESS_TOKEN
    file = hubspot.files.upload("cat.png", folder_path="/library/cat_archive")
    print(hubspot.files.signed_url(file.id).url)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubspot_files_api.spec_revision import __spec_revision__

from ._client import AsyncHubSpotFiles, HubSpotFiles
from ._engine.responses import Response, ResponseInfo
from ._errors import (
    APIError,
    AuthenticationError,
    BadRequestError,
    ClientStateError,
    ConflictError,
    ConnectionFailedError,
    DownloadCorruptedError,
    HubSpotFilesError,
    LockedError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RateLimitError,
    RequestTimeoutError,
    SearchLimitError,
    ServerError,
    SignedUrlExpiredError,
    SourceChangedError,
    UnexpectedResponseError,
    UnsupportedOperationError,
)
from ._operations.enums import Access, DuplicateScope, DuplicateStrategy, SignedUrlSize
from ._operations.options import DuplicateCheck
from ._operations.signed_url import SignedUrl
from ._operations.versions import ApiVersion
from ._version import __version__
from .resources.pagination import AsyncPager, Pager
from .resources.search_query import Page
from .resources.streams import AsyncContentStream, ContentStream
from .resources.tasks import AsyncTask, Task, TaskFailedError, TaskTimeoutError

if TYPE_CHECKING:
    from hubspot_files_api.models import (
        File,
        FileStat,
        Folder,
        FolderUpdateTask,
        ImportTask,
        TaskError,
        TaskStatus,
    )

    from .transfers.errors import JournalError, PlanRefusedError
    from .transfers.results import TransferFailedError, TransferStoppedError

__all__ = [
    "APIError",
    "Access",
    "ApiVersion",
    "AsyncContentStream",
    "AsyncHubSpotFiles",
    "AsyncPager",
    "AsyncTask",
    "AuthenticationError",
    "BadRequestError",
    "ClientStateError",
    "ConflictError",
    "ConnectionFailedError",
    "ContentStream",
    "DownloadCorruptedError",
    "DuplicateCheck",
    "DuplicateScope",
    "DuplicateStrategy",
    "File",
    "FileStat",
    "Folder",
    "FolderUpdateTask",
    "HubSpotFiles",
    "HubSpotFilesError",
    "ImportTask",
    "JournalError",
    "LockedError",
    "NotFoundError",
    "OutcomeUnknownError",
    "Page",
    "Pager",
    "PermissionDeniedError",
    "PlanRefusedError",
    "RateLimitError",
    "RequestTimeoutError",
    "Response",
    "ResponseInfo",
    "SearchLimitError",
    "ServerError",
    "SignedUrl",
    "SignedUrlExpiredError",
    "SignedUrlSize",
    "SourceChangedError",
    "Task",
    "TaskError",
    "TaskFailedError",
    "TaskStatus",
    "TaskTimeoutError",
    "TransferFailedError",
    "TransferStoppedError",
    "UnexpectedResponseError",
    "UnsupportedOperationError",
    "__spec_revision__",
    "__version__",
]

_MODELS = frozenset(["File", "FileStat", "Folder", "FolderUpdateTask", "ImportTask", "TaskError", "TaskStatus"])
_TRANSFER_ERRORS = frozenset(["JournalError", "PlanRefusedError", "TransferFailedError", "TransferStoppedError"])


def __getattr__(name: str) -> object:
    # They take longer to import than the rest of the package, and most programs never name them.
    if name in _MODELS:
        from hubspot_files_api import models

        return getattr(models, name)
    if name in _TRANSFER_ERRORS:
        from . import transfers

        return getattr(transfers, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
