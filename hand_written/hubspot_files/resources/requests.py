"""The request of each client to endpoints that have no method."""

from __future__ import annotations

from .._engine.methods import AsyncResource, SyncResource
from .custom_requests import CustomRequests


class Requests(CustomRequests, SyncResource):
    """The request of HubSpotFiles."""


class AsyncRequests(CustomRequests, AsyncResource):
    """The request of AsyncHubSpotFiles."""
