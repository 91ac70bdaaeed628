"""The enumerations of the API, whose unknown values are kept, and the names of their values for type checkers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from hubspot_files_api.models.access import Access
from hubspot_files_api.models.duplicate_scope import DuplicateScope
from hubspot_files_api.models.duplicate_strategy import DuplicateStrategy
from hubspot_files_api.models.signed_url_size import SignedUrlSize

from .._errors import ArgumentTypeError, ArgumentValueError
from .._validation import enum_member

if TYPE_CHECKING:
    from hubspot_files_api.models import File

__all__ = ["Access", "DuplicateScope", "DuplicateStrategy", "SignedUrlSize"]

NewAccessName: TypeAlias = Literal["PRIVATE", "PUBLIC_INDEXABLE", "PUBLIC_NOT_INDEXABLE", "SENSITIVE"]
"""The values of Access that a new file can have."""
AccessName: TypeAlias = Literal[
    NewAccessName, "HIDDEN_PRIVATE", "HIDDEN_INDEXABLE", "HIDDEN_NOT_INDEXABLE", "HIDDEN_SENSITIVE"
]
"""The values of Access."""
DuplicateStrategyName: TypeAlias = Literal["NONE", "REJECT", "RETURN_EXISTING"]
"""The values of DuplicateStrategy."""
DuplicateScopeName: TypeAlias = Literal["ENTIRE_PORTAL", "EXACT_FOLDER"]
"""The values of DuplicateScope."""
SignedUrlSizeName: TypeAlias = Literal["icon", "thumb", "medium", "preview"]
"""The values of SignedUrlSize."""
FileType: TypeAlias = Literal["IMG", "DOCUMENT", "AUDIO", "MOVIE", "OTHER"]
"""The types of files by which a search can filter."""

_NEW_ACCESS = get_args(NewAccessName)


def access_level(access: Access | str) -> Access:
    """Return the access of an existing file, which can be a hidden one.

    Raises:
        TypeError: it is not a str.
        ValueError: it is not a known value.
    """
    return enum_member(access, Access, "access", _NEW_ACCESS)


def new_access(access: Access | str) -> Access:
    """Return the access of a new file.

    Raises:
        TypeError: it is not a str.
        ValueError: it is not a known value, or that of hidden files.
    """
    member = access_level(access)
    if member.is_known and member not in _NEW_ACCESS:
        raise ArgumentValueError(
            f"access {member.value!r} is that of a file that HubSpot hides, and it creates no hidden files for the "
            f"API; use one of {', '.join(_NEW_ACCESS)}"
        )
    return member


def stated_access(file: File) -> Access:
    """Return the access of a file that is to keep it, which can be a value that is not known.

    Raises:
        TypeError: HubSpot did not state it, as some versions do not promise to.
    """
    if not file.access:
        raise ArgumentTypeError(
            f"HubSpot does not state the access of {file.path or file.id}, and a default could make a public file "
            "private; pass access="
        )
    return file.access
