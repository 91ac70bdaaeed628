"""The account past the API: persistent settings, and the records that a test adds and reads."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Final

from .._http.urls import EMULATOR_TOKEN
from ._api.api import Api
from ._api.fields import ACCESS_LEVELS, path_segments
from ._api.routes import SCOPES, check_scopes
from ._api.uploads import create_file
from ._clock import Clock, to_milliseconds, to_timedelta
from ._contents import ContentReader
from ._messages import ApiError
from ._oauth_account import OAuthAccount
from ._records import StoredFile, StoredFolder, StoredTask, stored_file, stored_folder
from ._store import FileRow, Store, TokenRow

_PORTAL_ID: Final = 12345


class AccountSettings:
    """The settings of an account, created when it is opened for the first time.

    Attributes:
        opening: How often the account has been opened, this time included.
        portal_id: The account's number.
        key: The secret of the signatures.
        ahead: Microseconds that its clock is ahead of the machine's.

    Args:
        store: Stores them.
        seed: Generates the key and the ids of a new account.
        portal_id: The number of a new account; that of an existing one has to be the same.

    Raises:
        ValueError: The account has another number.
    """

    def __init__(self, store: Store, seed: int, portal_id: int | None) -> None:
        self._store = store
        database = store.database
        with store.transaction():
            self.opening: int = database.next_number("opening")
            key, account = database.setting("key"), database.setting("account")
            if key is None or account is None:
                key = random.Random(f"{seed} signatures").randbytes(32).hex()
                account = str(_PORTAL_ID if portal_id is None else portal_id)
                database.put_setting("key", key)
                database.put_setting("account", account)
                database.start_ids(seed)
            elif portal_id is not None and str(portal_id) != account:
                raise ValueError(f"the folder holds account {account}, not {portal_id}")
            self.portal_id: int = int(account)
            self.key: bytes = bytes.fromhex(key)
            self.ahead: int = int(database.setting("ahead") or 0)

    def first_token(self, create: Callable[[], str]) -> str:
        """Return the token that was created when the account was opened for the first time."""
        with self._store.transaction():
            token = self._store.database.setting("token")
            if token is None:
                token = create()
                self._store.database.put_setting("token", token)
            return token

    def save_clock(self, clock: Clock) -> None:
        """Store how far the clock is ahead, if it has been moved."""
        if self._store.on_disk and clock.ahead != self.ahead:
            self.ahead = clock.ahead
            self._store.database.put_setting("ahead", str(self.ahead))


class Account(OAuthAccount):
    """The part of `Emulator` that seeds the account and looks at it, past the API."""

    def __init__(self, api: Api, settings: AccountSettings) -> None:
        context = api.context
        self.clock: Clock = context.clock
        self.portal_id: int = settings.portal_id
        self._api = api
        self._store = context.store
        self._settings = settings
        self.token: str = settings.first_token(self.add_token)

    def pass_time(self) -> None:
        """Bring tasks and expired files to the clock's time, as every request does."""
        with self._store.transaction():
            self._settings.save_clock(self.clock)
            self._api.pass_time()

    # tokens

    def add_token(
        self,
        scopes: Collection[str] = SCOPES,
        *,
        token: str | None = None,
        oauth: bool = False,
        expires_in: float | timedelta | None = None,
    ) -> str:
        """Create a token.

        Args:
            scopes: Scopes of the Files API, which are all that matters here; an empty list is a token that may do
                nothing. Default: everything.
            token: The token itself; an existing one gets these scopes and this life. The SDK sends those that begin
                with `pat-emu-` over http to any host. Default: such a one that follows from the seed.
            oauth: Whether it is an OAuth token: responses then lack the daily rate-limit headers.
            expires_in: Its life, in seconds or as a timedelta. Default: no end.

        Raises:
            ValueError: The Files API has no such scope, or the life is out of range.
        """
        granted = check_scopes(scopes)
        expires_at = None
        if expires_in is not None:
            seconds = to_timedelta(expires_in, "expires_in")
            expires_at = self.clock.milliseconds() + seconds // timedelta(milliseconds=1)
        with self._store.transaction():
            token = f"{EMULATOR_TOKEN}{self._api.context.new_uuid()}" if token is None else token
            self._store.tokens.put(TokenRow(token, granted, oauth, expires_at))
        return token

    def expire_token(self, token: str) -> None:
        """Let a token expire: the response to it is 401 EXPIRED_AUTHENTICATION from now on.

        Raises:
            KeyError: The token is unknown.
        """
        with self._store.transaction():
            row = self._store.tokens.get(token)
            if row is None:
                raise KeyError(f"no token {token!r}")
            self._store.tokens.put(TokenRow(token, row.scopes, row.oauth, self.clock.milliseconds()))

    def revoke_token(self, token: str) -> None:
        """Revoke a token: it is unknown from now on."""
        with self._store.transaction():
            self._store.tokens.delete(token)

    @property
    def tokens(self) -> dict[str, frozenset[str]]:
        """All tokens with their scopes, expired ones included."""
        with self._store.transaction():
            return {row.token: row.scopes for row in self._store.tokens.all()}

    # inspection

    @property
    def files(self) -> list[StoredFile]:
        """All files that ever were, by id: hidden, archived, erased and expired ones included."""
        return self._files(with_content=True)

    def _files(self, *, with_content: bool) -> list[StoredFile]:
        with self._store.transaction():
            self.pass_time()
            return [self._stored_file(row, with_content=with_content) for row in self._store.files.all()]

    @property
    def folders(self) -> list[StoredFolder]:
        """All folders that ever were, by id."""
        with self._store.transaction():
            self.pass_time()
            return [stored_folder(row) for row in self._store.folders.all()]

    @property
    def tasks(self) -> list[StoredTask]:
        """All imports and folder updates, in the order of their requests."""
        with self._store.transaction():
            self.pass_time()
            return [StoredTask(row.id, row.kind, row.status) for row in self._store.tasks.all()]

    def file(self, file_id: str | int) -> StoredFile:
        """Return the file of an id, in any state.

        Raises:
            KeyError: There never was such a file.
        """
        with self._store.transaction():
            self.pass_time()
            row = self._store.files.get_any(int(file_id))
            if row is None:
                raise KeyError(file_id)
            return self._stored_file(row)

    def content(self, file_id: str) -> ContentReader | None:
        """Open the content of a file in any state. Return None if it has no content."""
        with self._store.transaction():
            self.pass_time()
            row = self._store.files.get_any(int(file_id)) if file_id.isdecimal() and len(file_id) < 19 else None
            return None if row is None or row.blob is None else self._store.files.reader(row)

    def _stored_file(self, row: FileRow, *, with_content: bool = True) -> StoredFile:
        content = self._store.files.content(row) if with_content else None
        return stored_file(row, self._api.context.storage.url(row.path), content)

    # seeding

    def add_folder(self, path: str, *, id: int | None = None) -> StoredFolder:
        """Create a folder with the parents that are missing, or find it.

        Args:
            path: Like `/library/cats`.
            id: The id of a new folder. Default: the next that is free.

        Raises:
            ValueError: The path is the root, or not a path; or the id is taken, or the folder there has another.
        """
        names = _path_names(path)
        if not names:
            raise ValueError("the root is not a folder that can be made")
        folders = self._store.folders
        with self._store.transaction():
            now = self.clock.milliseconds()
            parent = folders.ensure(names[:-1], now)
            folder = folders.at("/" + "/".join(names))
            if folder is None:
                folder = folders.add(parent, names[-1], now, self._require_free(id))
            elif id is not None and id != folder.id:
                raise ValueError(f"the folder {folder.path} has the id {folder.id}")
            return stored_folder(folder)

    def add_file(
        self,
        path: str,
        content: bytes = b"",
        *,
        access: str = "PRIVATE",
        expires_at: datetime | None = None,
        is_usable_in_content: bool = True,
        id: int | None = None,
    ) -> StoredFile:
        """Create a file; unlike a call, a hidden one too. A name that is taken gets a number.

        Args:
            path: Like `/library/cat.png`; missing folders are created.
            content: Its bytes.
            access: One of HubSpot's eight values.
            expires_at: When it is deleted for good, timezone-aware.
            is_usable_in_content: Whether new content should use it.
            id: The id of the file. Default: the next that is free.

        Raises:
            ValueError: The path is not one of a file, or the access is unknown, or the id is taken.
        """
        if access not in ACCESS_LEVELS:
            raise ValueError(f"access is one of {', '.join(ACCESS_LEVELS)}, not {access!r}")
        if expires_at is not None and expires_at.tzinfo is None:
            raise ValueError("expires_at needs a time zone")
        names = _path_names(path)
        if not names:
            raise ValueError("the path names no file")
        with self._store.transaction():
            folder = self._store.folders.ensure(names[:-1], self.clock.milliseconds())
            writer = self._store.contents.writer(max(len(content), 1))
            try:
                writer.write(content)
                row = create_file(
                    self._api.context,
                    writer,
                    names[-1],
                    folder,
                    access,
                    expires_at=None if expires_at is None else to_milliseconds(expires_at),
                    usable=is_usable_in_content,
                    file_id=self._require_free(id),
                )
            finally:
                self._store.contents.discard(writer)
            return self._stored_file(row)

    def publish_url(self, url: str, content: bytes = b"", *, status: int = 200) -> None:
        """Publish a content at a URL for imports. Others cannot be reached, but for `loopback_imports`.

        Args:
            url: The absolute URL that an import will name.
            content: Its content.
            status: The status of the response; any but 2xx makes the import fail.
        """
        self._api.context.sources.publish(url, status, content)

    def _require_free(self, wanted: int | None) -> int | None:
        if wanted is not None and not (0 < wanted < 2**62 and self._store.database.is_free_id(wanted)):
            raise ValueError(f"{wanted} is not an id, or is that of another file or folder")
        return wanted


def _path_names(path: str) -> tuple[str, ...]:
    if not path.startswith("/"):
        raise ValueError(f"{path!r} is not a path such as /library/cat.png")
    try:
        return path_segments(path, "path")
    except ApiError as error:
        raise ValueError(str(error)) from None
