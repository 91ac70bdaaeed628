"""Requests in the version of the API that a client uses, and the advice for what a version lacks."""

from __future__ import annotations

import os
from typing import Any, Final, TypeAlias

from hubspot_files_api import versions
from hubspot_files_api.versions import KnownVersion

from .._errors import ArgumentTypeError, ArgumentValueError, UnsupportedOperationError

ApiVersion: TypeAlias = KnownVersion | str
"""A known version of the API, or another date such as `2027-03`."""

_ADVICE: Final = {
    "updateFolderRecursively": "folders.update renames or moves a folder without a task",
    "getFolderUpdateTask": "a task is looked up in the version that started it",
}


def check_api_version(api_version: str | None) -> str:
    """Return a valid version: the given one, that of the environment, or the default.

    Raises:
        TypeError: it is not a str.
        ValueError: it is not the name of a version.
    """
    if api_version is None:
        api_version = os.environ.get("HUBSPOT_API_VERSION") or versions.DEFAULT
    try:
        return versions.check_version(api_version)
    except TypeError as error:
        raise ArgumentTypeError(str(error)) from None
    except ValueError as error:
        raise ArgumentValueError(str(error)) from None


def in_version(version: str, operation: str, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a request as a version has them.

    Args:
        version: the version.
        operation: name of the operation in the description of the API.
        kwargs: arguments of the request from the generated client.

    Raises:
        UnsupportedOperationError: the version lacks the operation, or an input of it that is passed.
    """
    try:
        return versions.in_version(version, operation, kwargs)
    except versions.UnsupportedRequestError as error:
        raise _unsupported(error) from None


def requested_in_version(version: str, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a request that a caller describes as a version has them.

    A path of the default version stands for that of the version. Other paths, and other methods, are not changed.

    Raises:
        UnsupportedOperationError: see `in_version`.
    """
    operation = versions.operation_at(kwargs["method"], kwargs["url"])
    if operation is not None:
        return in_version(version, operation, kwargs)
    return {**kwargs, "url": versions.versioned_path(version, kwargs["url"])}


def _unsupported(error: versions.UnsupportedRequestError) -> UnsupportedOperationError:
    advice = ["leave it out"] if error.input else []
    if not error.input and error.operation in _ADVICE:
        advice.append(_ADVICE[error.operation])
    if error.versions:
        advice.append(f"use a client with api_version={error.versions[-1]!r}")
    message = ": ".join(filter(None, (str(error), "; or ".join(advice))))
    return UnsupportedOperationError(message, error.operation, error.version, error.versions)
