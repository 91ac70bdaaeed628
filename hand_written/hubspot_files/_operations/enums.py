"""The enumerations of the API, whose unknown values are kept."""

from __future__ import annotations

from hubspot_files_api.models.access import Access
from hubspot_files_api.models.duplicate_scope import DuplicateScope
from hubspot_files_api.models.duplicate_strategy import DuplicateStrategy
from hubspot_files_api.models.signed_url_size import SignedUrlSize

__all__ = ["Access", "DuplicateScope", "DuplicateStrategy", "SignedUrlSize"]
