"""The routes of the API."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from hubspot_files_api.versions import DEFAULT

from .._messages import PageError
from . import files, folders, imports, oauth, searches, uploads
from .operation import DECLARED, DELETE, PATH, READ, WRITE, Operation
from .versions import is_served

# The modules whose operations are served: importing them declares these.
_RESOURCES: Final = (uploads, files, folders, searches, imports, oauth)

# The scopes of a token that may do everything.
SCOPES: Final = ("files", "files.ui_hidden.read", "files.ui_hidden.write")
KNOWN_SCOPES: Final = frozenset({*READ, *WRITE, *DELETE})


def check_scopes(scopes: Collection[str]) -> frozenset[str]:
    """Return the scopes of a token.

    Raises:
        ValueError: The Files API has no such scope.
    """
    # A str would be taken for the collection of its letters.
    unknown = {scopes} if isinstance(scopes, str) else set(scopes) - KNOWN_SCOPES
    if unknown:
        names = ", ".join(repr(scope) for scope in sorted(unknown))
        raise ValueError(f"scopes are a list of some of {', '.join(sorted(KNOWN_SCOPES))}, not {names}")
    return frozenset(scopes)


@dataclass(frozen=True)
class Route:
    """The route of a request; the path parameters are decoded.

    `version` is that of the Files API; the default one for paths of other APIs.
    """

    operation: Operation
    path_parameters: tuple[str, ...]
    version: str


_FILES_API: Final = re.compile("/files/([^/]+)(/.*)")
# The first pattern that matches decides. That of a path matches any rest, and is therefore last.
_ROUTES: Final = [(re.compile(path), DECLARED[path]) for path in sorted(DECLARED, key=lambda path: path.endswith(PATH))]
_ALL: Final = [operation for _, operations in _ROUTES for operation in operations.values()]
OPERATIONS: Final = tuple(operation.name for operation in _ALL if operation.takes_token)
OAUTH_OPERATIONS: Final = tuple(operation.name for operation in _ALL if not operation.takes_token)


def route(method: str, raw_path: str) -> Route:
    """Return the route of a request.

    Raises:
        PageError: 404 for an unknown path, 405 for a method that it does not take.
    """
    version, path = DEFAULT, raw_path
    if match := _FILES_API.fullmatch(raw_path):
        version, path = match[1], f"/files/VERSION{match[2]}"
    for pattern, declared in _ROUTES:
        if match := pattern.fullmatch(path):
            operations = {name: entry for name, entry in declared.items() if is_served(version, entry.name)}
            if not operations:
                break
            if method not in operations:
                # assumed: wrong-method
                raise PageError(405, "Method Not Allowed", {"Allow": ", ".join(operations)})
            try:
                parameters = tuple(unquote(group, errors="strict") for group in match.groups())
            except UnicodeDecodeError:
                raise PageError(400, "The path is not UTF-8") from None
            return Route(operations[method], parameters, version)
    raise PageError(404, "Not Found")
