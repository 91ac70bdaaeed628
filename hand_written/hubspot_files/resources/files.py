"""Files: `hubspot.files`."""

from __future__ import annotations

from .._engine.effects import AsyncDriver, Driver
from .._engine.methods import AsyncResource, SyncResource
from .._engine.settings import Settings
from .file_changes import FileChanges
from .file_content import FileContent
from .file_opening import FileOpening
from .file_uploads import FileUploads
from .signed_url_cache import AsyncSignedUrlCache, SignedUrlCache


class FileOperations(FileUploads, FileContent, FileOpening, FileChanges):
    """Operations on files, for both clients. Each can also raise any other HubSpotFilesError."""


class Files(FileOperations, SyncResource):
    """Files: `hubspot.files` of HubSpotFiles.

    Attributes:
        signed_url_cache: cache of signed URLs.
    """

    def __init__(self, driver: Driver, settings: Settings) -> None:
        super().__init__(settings)
        self._driver = driver
        self.signed_url_cache: SignedUrlCache = SignedUrlCache(driver, settings)


class AsyncFiles(FileOperations, AsyncResource):
    """Files: `hubspot.files` of AsyncHubSpotFiles.

    Attributes:
        signed_url_cache: cache of signed URLs.
    """

    def __init__(self, driver: AsyncDriver, settings: Settings) -> None:
        super().__init__(settings)
        self._driver = driver
        self.signed_url_cache: AsyncSignedUrlCache = AsyncSignedUrlCache(driver, settings)
