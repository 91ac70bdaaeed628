"""A client library for accessing HubSpot Files.

Generated from openapi/files-v3.yaml by `python -m generator regenerate`. Do not edit: change the description or the
generator's template patches and run that command again.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .client import AuthenticatedClient, Client
else:

    def __getattr__(name):
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from . import client

        value = globals()[name] = getattr(client, name)
        return value


__all__ = (
    "AuthenticatedClient",
    "Client",
)
