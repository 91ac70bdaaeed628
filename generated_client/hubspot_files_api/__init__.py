"""A client library for accessing HubSpot Files.

Generated from openapi/files-v3.yaml by `python -m generator regenerate`. Do not edit: change the description or the
generator's mends and run that command again.
"""

from .client import AuthenticatedClient, Client

__all__ = (
    "AuthenticatedClient",
    "Client",
)
