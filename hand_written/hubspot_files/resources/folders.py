"""Folders: `hubspot.folders`."""

from __future__ import annotations

from .._engine.effects import AsyncDriver, Driver
from .._engine.methods import AsyncResource, SyncResource
from .._engine.settings import Settings
from .folder_records import FolderOperations


class Folders(FolderOperations, SyncResource):
    """Folders: `hubspot.folders` of HubSpotFiles."""

    def __init__(self, driver: Driver, settings: Settings) -> None:
        super().__init__(settings)
        self._driver = driver


class AsyncFolders(FolderOperations, AsyncResource):
    """Folders: `hubspot.folders` of AsyncHubSpotFiles."""

    def __init__(self, driver: AsyncDriver, settings: Settings) -> None:
        super().__init__(settings)
        self._driver = driver
