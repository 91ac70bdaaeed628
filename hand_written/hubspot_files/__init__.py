"""Upload, share and fetch HubSpot files, with HubSpotFiles or AsyncHubSpotFiles.

from hubspot_files import HubSpotFiles

with HubSpotFiles() as hubspot:  # HUBSPOT_ACCESS_TOKEN
    file = hubspot.files.upload("cat.png", folder_path="/library/cat_archive")
    print(hubspot.files.signed_url(file.id).url)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from hubspot_files_api.spec_revision import __spec_revision__

from ._client import AsyncHubSpotFiles, HubSpotFiles
from ._engine.responses import Response, ResponseInfo
from ._errors import (
    APIError,
    ArgumentTypeError,
    ArgumentValueError,
    AuthenticationError,
    BadRequestError,
    ClientStateError,
    ConflictError,
    ConnectionFailedError,
    DownloadCorruptedError,
    FileChangedError,
    FileMissingError,
    HubSpotFilesError,
    InvalidArgumentError,
    InvalidGrantError,
    LockedError,
    NameChangedError,
    NotFoundError,
    OutcomeUnknownError,
    PathIsFileError,
    PathIsFolderError,
    PathTakenError,
    PermissionDeniedError,
    RateLimitError,
    RequestTimeoutError,
    SearchLimitError,
    ServerError,
    SignedUrlExpiredError,
    SourceChangedError,
    TokenStoreError,
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

    from ._content.atomic_file import IfExists
    from ._content.destination import Destination, Writable
    from ._content.source import Progress, Readable, Source
    from ._engine.settings import OnResponse
    from ._http.timeouts import Timeout
    from ._http.tokens import AsyncTokenProvider, TokenProvider
    from ._oauth.credentials import OAuthCredentials
    from ._oauth.file_store import FileTokenStore
    from ._oauth.tokens import OAuthTokens, TokenInfo, TokenStore
    from ._operations.enums import (
        AccessName,
        DuplicateScopeName,
        DuplicateStrategyName,
        FileType,
        NewAccessName,
        SignedUrlSizeName,
    )
    from .resources.async_open_files import AsyncFileReader, AsyncFileWriter
    from .resources.audit import Audit, Finding
    from .resources.changes import ChangePlan, PlannedChange
    from .resources.open_files import FileReader, FileWriter, TextFileWriter
    from .resources.sort_properties import FileSort, FolderSort
    from .transfers.errors import JournalError, PlanRefusedError
    from .transfers.results import TransferFailedError, TransferStoppedError

__all__ = [
    "APIError",
    "Access",
    "AccessName",
    "ApiVersion",
    "ArgumentTypeError",
    "ArgumentValueError",
    "AsyncContentStream",
    "AsyncFileReader",
    "AsyncFileWriter",
    "AsyncHubSpotFiles",
    "AsyncPager",
    "AsyncTask",
    "AsyncTokenProvider",
    "Audit",
    "AuthenticationError",
    "BadRequestError",
    "ChangePlan",
    "ClientStateError",
    "ConflictError",
    "ConnectionFailedError",
    "ContentStream",
    "Destination",
    "DownloadCorruptedError",
    "DuplicateCheck",
    "DuplicateScope",
    "DuplicateScopeName",
    "DuplicateStrategy",
    "DuplicateStrategyName",
    "File",
    "FileChangedError",
    "FileMissingError",
    "FileReader",
    "FileSort",
    "FileStat",
    "FileTokenStore",
    "FileType",
    "FileWriter",
    "Finding",
    "Folder",
    "FolderSort",
    "FolderUpdateTask",
    "HubSpotFiles",
    "HubSpotFilesError",
    "IfExists",
    "ImportTask",
    "InvalidArgumentError",
    "InvalidGrantError",
    "JournalError",
    "LockedError",
    "NameChangedError",
    "NewAccessName",
    "NotFoundError",
    "OAuthCredentials",
    "OAuthTokens",
    "OnResponse",
    "OutcomeUnknownError",
    "Page",
    "Pager",
    "PathIsFileError",
    "PathIsFolderError",
    "PathTakenError",
    "PermissionDeniedError",
    "PlanRefusedError",
    "PlannedChange",
    "Progress",
    "RateLimitError",
    "Readable",
    "RequestTimeoutError",
    "Response",
    "ResponseInfo",
    "SearchLimitError",
    "ServerError",
    "SignedUrl",
    "SignedUrlExpiredError",
    "SignedUrlSize",
    "SignedUrlSizeName",
    "Source",
    "SourceChangedError",
    "Task",
    "TaskError",
    "TaskFailedError",
    "TaskStatus",
    "TaskTimeoutError",
    "TextFileWriter",
    "Timeout",
    "TokenInfo",
    "TokenProvider",
    "TokenStore",
    "TokenStoreError",
    "TransferFailedError",
    "TransferStoppedError",
    "UnexpectedResponseError",
    "UnsupportedOperationError",
    "Writable",
    "__spec_revision__",
    "__version__",
]

# These take longer to import than the rest of the package, and most programs name none of them.
_MODELS = ("File", "FileStat", "Folder", "FolderUpdateTask", "ImportTask", "TaskError", "TaskStatus")
_LAZY = {
    **dict.fromkeys(_MODELS, "hubspot_files_api.models"),
    **dict.fromkeys(("AsyncFileReader", "AsyncFileWriter"), ".resources.async_open_files"),
    **dict.fromkeys(("Audit", "Finding"), ".resources.audit"),
    **dict.fromkeys(("ChangePlan", "PlannedChange"), ".resources.changes"),
    **dict.fromkeys(("FileReader", "FileWriter", "TextFileWriter"), ".resources.open_files"),
    **dict.fromkeys(("JournalError", "PlanRefusedError"), ".transfers.errors"),
    **dict.fromkeys(("TransferFailedError", "TransferStoppedError"), ".transfers.results"),
    **dict.fromkeys(("Progress", "Readable", "Source"), "._content.source"),
    **dict.fromkeys(("Destination", "Writable"), "._content.destination"),
    "IfExists": "._content.atomic_file",
    "Timeout": "._http.timeouts",
    **dict.fromkeys(("AsyncTokenProvider", "TokenProvider"), "._http.tokens"),
    "OnResponse": "._engine.settings",
    **dict.fromkeys(
        ("AccessName", "DuplicateScopeName", "DuplicateStrategyName", "FileType", "NewAccessName", "SignedUrlSizeName"),
        "._operations.enums",
    ),
    **dict.fromkeys(("FileSort", "FolderSort"), ".resources.sort_properties"),
    "FileTokenStore": "._oauth.file_store",
    "OAuthCredentials": "._oauth.credentials",
    **dict.fromkeys(("OAuthTokens", "TokenInfo", "TokenStore"), "._oauth.tokens"),
}


def __getattr__(name: str) -> object:
    if (module := _LAZY.get(name)) is not None:
        return getattr(importlib.import_module(module, __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
