"""Operations of the API: each is declared at the function that performs it, with its route, its name and its scopes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from .._messages import Response
from .call import ApiContext, Call

Run: TypeAlias = Callable[[ApiContext, Call], Response]

FILES: Final = "/files/VERSION/files"
FOLDERS: Final = "/files/VERSION/folders"
# No id is longer than 19 digits; Python refuses to read numbers of thousands.
ID: Final = "([0-9]{1,30})"
TASK_ID: Final = "([^/]+)"
PATH: Final = "(.+)"

READ: Final = ("files", "files.read", "files.ui_hidden.read")
WRITE: Final = ("files", "files.write", "files.ui_hidden.write")
DELETE: Final = ("files", "files.delete", "files.ui_hidden.write")


@dataclass(frozen=True)
class Operation:
    """An operation: `name` is its operationId, one of `scopes` is required if it takes a token."""

    name: str
    run: Run
    scopes: tuple[str, ...]
    takes_form: bool = False
    takes_token: bool = True


DECLARED: Final[dict[str, dict[str, Operation]]] = {}
"""The operations that were declared, by the pattern of their path and their method."""


def operation(
    method: str,
    path: str,
    name: str,
    scopes: tuple[str, ...] = (),
    *,
    takes_form: bool = False,
    takes_token: bool = True,
) -> Callable[[Run], Run]:
    """Declare an operation.

    Args:
        method: HTTP method in capitals.
        path: regular expression of its path, with a group for each parameter, and `VERSION` for the version.
        name: its operationId.
        scopes: one of these is required.
        takes_form: whether its body is a multipart form.
        takes_token: whether it is authenticated by a token.
    """

    def declare(run: Run) -> Run:
        DECLARED.setdefault(path, {})[method] = Operation(name, run, scopes, takes_form, takes_token)
        return run

    return declare
