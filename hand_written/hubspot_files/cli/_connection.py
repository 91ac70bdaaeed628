"""The client of a command: its token, or a sample account on an embedded emulator."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from .. import HubSpotFiles
from .._http.tokens import check_token
from ._errors import MISUSE, TOKEN_ADVICE, CommandError
from ._extras import missing_module
from ._output import Output

_SERVICE: Final = "hubspot-files"


class ConnectionOptions(NamedTuple):
    """How to connect to HubSpot.

    Attributes:
        token_file: file that holds the access token, or None.
        keyring: name of the keyring's entry that holds the access token, or None.
        emulator: whether to use a sample account on an embedded emulator.
        api_version: version of the API, or None for the default.
    """

    token_file: Path | None
    keyring: str | None
    emulator: bool
    api_version: str | None


@contextmanager
def connect(options: ConnectionOptions, output: Output) -> Generator[HubSpotFiles, None, None]:
    """Return a context manager of a client that keeps below the account's rate limit.

    Raises:
        CommandError: there is no token, or more than one.
    """
    if options.emulator:
        if options.token_file or options.keyring:
            raise CommandError("--emulator takes no token: leave --token-file and --keyring out", MISUSE)
        if message := missing_module("emulator"):
            raise CommandError(message)
        from ._sample import sample_account

        output.note("This is a sample account in memory. It is gone when the command ends.")
        with sample_account() as emulator:
            yield emulator.client(api_version=options.api_version)
        return
    with HubSpotFiles(_checked_token(options), api_version=options.api_version, pace=True) as hubspot:
        yield hubspot


def _checked_token(options: ConnectionOptions) -> str:
    """Return the token.

    Raises:
        CommandError: there is no token, or more than one.
        ValueError: it is not valid. The message says where it is.
    """
    place = "HUBSPOT_ACCESS_TOKEN"
    if options.token_file is not None:
        place = f"the token in {options.token_file}"
    elif options.keyring is not None:
        place = f"the token of the keyring's entry {options.keyring!r}"
    return check_token(_token(options), place)


def _token(options: ConnectionOptions) -> str:
    if options.token_file is not None and options.keyring is not None:
        raise CommandError("pass one of --token-file and --keyring", MISUSE)
    if options.token_file is not None:
        token = options.token_file.read_text(encoding="utf-8").strip()
        if not token:
            raise CommandError(f"{options.token_file} is empty; it must hold an access token", MISUSE)
        return token
    if options.keyring is not None:
        return _token_of_keyring(options.keyring)
    token = os.environ.get("HUBSPOT_ACCESS_TOKEN", "")
    if not token:
        raise CommandError(
            f"no access token. {TOKEN_ADVICE}\nTo try the command without an account, pass --emulator.", MISUSE
        )
    return token


def _token_of_keyring(name: str) -> str:
    if importlib.util.find_spec("keyring") is None:
        raise CommandError('--keyring needs keyring; install it with: pip install "hubspot-files[keyring]"', MISUSE)
    import keyring
    from keyring.errors import KeyringError

    try:
        token = keyring.get_password(_SERVICE, name)
    except KeyringError as error:
        raise CommandError(f"the keyring cannot be used: {error}", MISUSE) from error
    if not token:
        raise CommandError(
            f"the keyring has no entry {name!r}; store the token with: keyring set {_SERVICE} {name}", MISUSE
        )
    return token
