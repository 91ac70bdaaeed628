"""The SDK on the emulator against a model: the stored items and the results after any sequence of steps."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hubspot_files import (
    BadRequestError,
    ConflictError,
    DuplicateCheck,
    FileMissingError,
    HubSpotFilesError,
    NotFoundError,
    OutcomeUnknownError,
    SignedUrl,
    TaskFailedError,
)
from hubspot_files.testing import Clock, Emulator

from .support import lacks

T = TypeVar("T")
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_LIFE = 21_600

FILE_NAMES = st.sampled_from(["a.txt", "a.png", "a-1.txt", "A.txt", "c"])
STEMS = st.sampled_from(["a", "b", "a-1", "c", "a.txt"])
FOLDER_NAMES = st.sampled_from(["in", "out", "c"])
ACCESS = st.sampled_from(["PRIVATE", "SENSITIVE", "PUBLIC_INDEXABLE"])
CONTENTS = st.sampled_from([b"", b"one", bytes(70_000)])
DUPLICATES = st.none() | st.builds(
    DuplicateCheck,
    st.sampled_from(["REJECT", "RETURN_EXISTING"]),
    st.sampled_from(["EXACT_FOLDER", "ENTIRE_PORTAL"]),
)
LIVES = st.none() | st.sampled_from([timedelta(days=1), timedelta(days=2), timedelta(days=365)])
FAULTS = st.sampled_from(
    [
        {"kind": "connect"},
        {"kind": "write-reset"},
        {"kind": "truncate"},
        {"kind": "status", "status": 429, "headers": {"Retry-After": "1"}},
        *(
            {"kind": kind, "after_effect": after_effect}
            for kind in ("status", "read-timeout", "reset", "disconnect")
            for after_effect in (False, True)
        ),
    ]
)


@dataclasses.dataclass
class Folder:
    """A folder of the model."""

    id: str
    name: str
    parent: Folder | None

    @property
    def path(self) -> str:
        return f"{place(self.parent)}/{self.name}"

    def is_below(self, other: Folder) -> bool:
        return self is other or (self.parent is not None and self.parent.is_below(other))


@dataclasses.dataclass
class File:
    """A file of the model; `expires_at` is None if it does not expire."""

    id: str
    name: str
    extension: str
    folder: Folder | None
    access: str
    content: bytes
    expires_at: datetime | None
    usable: bool = True

    @property
    def full_name(self) -> str:
        return f"{self.name}.{self.extension}" if self.extension else self.name

    @property
    def path(self) -> str:
        return f"{place(self.folder)}/{self.full_name}"


def place(folder: Folder | None) -> str:
    return "" if folder is None else folder.path


class HubSpot(RuleBasedStateMachine):
    """The state machine: the operations of users in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock(START, frozen=True)
        self.emulator = Emulator(clock=self.clock, strict=True)
        self.hubspot = self.emulator.client()
        self.web = httpx.Client(transport=self.emulator.transport)
        self.files: dict[str, File] = {}
        self.folders: dict[str, Folder] = {}
        self.deleted: dict[str, File] = {}
        self.erased: set[str] = set()
        self.signed: list[tuple[SignedUrl, str, datetime]] = []

    def teardown(self) -> None:
        self.web.close()
        self.emulator.close()

    # queries of the model

    def file_at(self, path: str) -> File | None:
        return next((file for file in self.files.values() if file.path == path), None)

    def folder_at(self, path: str) -> Folder | None:
        return next((folder for folder in self.folders.values() if folder.path == path), None)

    def a_file(self, data: st.DataObject) -> File:
        return self.files[data.draw(st.sampled_from(sorted(self.files)), "file")]

    def a_folder(self, data: st.DataObject) -> Folder:
        return self.folders[data.draw(st.sampled_from(sorted(self.folders)), "folder")]

    def drop(self, file: File) -> None:
        self.deleted[file.id] = self.files.pop(file.id)

    def pass_time(self, by: timedelta) -> None:
        self.clock.advance(by)
        for held in (self.files, self.deleted):
            for file in list(held.values()):
                if file.expires_at is not None and file.expires_at <= self.clock.now():
                    del held[file.id]
                    self.erased.add(file.id)

    def expect(self, call: Callable[[], T], error: type[HubSpotFilesError] | None) -> T | None:
        """Return the result of a call, or None if it raises the expected error."""
        try:
            result = call()
        except HubSpotFilesError as raised:
            assert type(raised) is error, f"{raised!r} instead of {error}"  # noqa: PT017 - which may be none
            return None
        assert error is None, f"{result!r} instead of {error}"
        return result

    # files

    @rule(
        data=st.data(),
        filename=FILE_NAMES,
        content=CONTENTS,
        access=ACCESS,
        life=LIVES,
        overwrite=st.booleans(),
        duplicates=DUPLICATES,
    )
    def upload(
        self,
        data: st.DataObject,
        filename: str,
        content: bytes,
        access: str,
        life: timedelta | None,
        overwrite: bool,
        duplicates: DuplicateCheck | None,
    ) -> None:
        names: list[str] = []
        target: dict[str, Any]
        if self.folders and data.draw(st.booleans(), "by id"):
            folder: Folder | None = self.a_folder(data)
            target = {"folder_id": folder.id if folder else None}
        else:
            names = data.draw(st.lists(FOLDER_NAMES, max_size=2), "path")
            target = {"folder_path": "/" + "/".join(names)}
            folder = self.folder_at(target["folder_path"])
        self.stored(filename, content, access, life, overwrite, duplicates, target, folder, names)

    @precondition(lambda self: self.files)
    @rule(data=st.data(), fault=FAULTS, overwrite=st.booleans())
    def upload_again(self, data: st.DataObject, fault: dict[str, Any], overwrite: bool) -> None:
        """Upload existing content again: the result must be a new file."""
        file = self.a_file(data)
        self.inject_fault(fault)
        target = {"folder_id": file.folder.id} if file.folder else {"folder_path": "/"}
        self.stored(file.full_name, file.content, file.access, None, overwrite, None, target, file.folder, [])

    def stored(
        self,
        filename: str,
        content: bytes,
        access: str,
        life: timedelta | None,
        overwrite: bool,
        duplicates: DuplicateCheck | None,
        target: dict[str, Any],
        folder: Folder | None,
        names: list[str],
    ) -> None:
        options: dict[str, Any] = {"access": access, "ttl": life, "overwrite": overwrite, "duplicates": duplicates}
        twin = self.twin(content, folder, duplicates, exists=folder is not None or not names)
        try:
            stored = self.hubspot.files.upload(content, name=filename, **target, **options)
        except ConflictError:
            assert twin is not None
            assert duplicates is not None
            assert duplicates.strategy.value == "REJECT"
            return
        except OutcomeUnknownError:
            # After a fault the file may exist, but only once.
            new = [file for file in self.emulator.files if file.state == "live" and file.id not in self.files]
            assert len(new) <= 1
            if not new:
                return
            file_id = new[0].id
        else:
            file_id = stored.id
            if twin is not None:
                assert duplicates is not None
                assert (file_id, duplicates.strategy.value) == (twin.id, "RETURN_EXISTING")
                return
        assert file_id not in self.files
        expires_at = None if life is None else self.clock.now() + life
        self.add(file_id, filename, self.ensured(names) if names else folder, access, content, expires_at, overwrite)

    def twin(
        self, content: bytes, folder: Folder | None, duplicates: DuplicateCheck | None, *, exists: bool
    ) -> File | None:
        """Return the oldest file with the same content, which a duplicate check finds."""
        if duplicates is None or duplicates.strategy.value == "NONE":
            return None
        everywhere = duplicates.scope.value == "ENTIRE_PORTAL"
        alike = [
            file
            for file in self.files.values()
            if file.content == content and (everywhere or (exists and file.folder is folder))
        ]
        return min(alike, key=lambda file: int(file.id), default=None)

    def ensured(self, names: list[str]) -> Folder | None:
        """Return the folder of a path; folders created on the way get the ids that HubSpot gave them."""
        folder: Folder | None = None
        for name in names:
            path = f"{place(folder)}/{name}"
            found = self.folder_at(path)
            if found is None:
                [made] = [made for made in self.emulator.folders if made.path == path and not made.archived]
                found = self.folders[made.id] = Folder(made.id, name, folder)
            folder = found
        return folder

    def add(
        self,
        file_id: str,
        filename: str,
        folder: Folder | None,
        access: str,
        content: bytes,
        expires_at: datetime | None,
        overwrite: bool,
    ) -> None:
        stem, dot, extension = filename.rpartition(".")
        file = File(file_id, stem if dot else filename, extension if dot else "", folder, access, content, expires_at)
        taken = self.file_at(file.path)
        if taken is not None and overwrite:
            self.drop(taken)
        stem, number = file.name, 0
        while self.file_at(file.path) is not None:
            number += 1
            file.name = f"{stem}-{number}"
        self.files[file_id] = file

    @precondition(lambda self: self.files)
    @rule(data=st.data(), content=CONTENTS, access=ACCESS, life=LIVES)
    def replace(self, data: st.DataObject, content: bytes, access: str, life: timedelta | None) -> None:
        file = self.a_file(data)
        expires_at = None if life is None else self.clock.now() + timedelta(minutes=1) + life
        replaced = self.expect(
            lambda: self.hubspot.files.replace(file.id, content, name="any.bin", access=access, expires_at=expires_at),
            None,
        )
        assert replaced is not None
        file.content, file.access, file.expires_at = content, access, expires_at or file.expires_at

    @precondition(lambda self: self.files)
    @rule(
        data=st.data(),
        stem=st.none() | STEMS,
        access=st.none() | ACCESS,
        life=LIVES,
        clear=st.booleans(),
        usable=st.none() | st.booleans(),
        move=st.sampled_from(["no", "by id", "by path", "to the root", "nowhere"]),
    )
    def update(
        self,
        data: st.DataObject,
        stem: str | None,
        access: str | None,
        life: timedelta | None,
        clear: bool,
        usable: bool | None,
        move: str,
    ) -> None:
        file = self.a_file(data)
        changes: dict[str, Any] = {"name": stem, "access": access, "is_usable_in_content": usable}
        if clear:
            changes["clear_expires"] = True
        elif life is not None:
            changes["expires_at"] = self.clock.now() + timedelta(minutes=1) + life
        folder, error = file.folder, None
        if move == "to the root":
            folder, changes["parent_folder_path"] = None, "/"
        elif move == "nowhere":
            error, changes["parent_folder_path"] = FileMissingError, "/in/no/such"
        elif move != "no" and self.folders:
            folder = self.a_folder(data)
            key = "parent_folder_id" if move == "by id" else "parent_folder_path"
            changes[key] = folder.id if move == "by id" else folder.path
        if all(value is None for value in changes.values()):
            changes["is_usable_in_content"] = usable = True
        name = file.name if stem is None else stem
        if file.extension:
            name = name.removesuffix(f".{file.extension}")
        moved = dataclasses.replace(file, name=name, folder=folder)
        if error is None and self.file_at(moved.path) not in (None, file):
            error = ConflictError
        if self.expect(lambda: self.hubspot.files.update(file.id, **changes), error) is not None:
            file.name, file.folder = moved.name, moved.folder
            file.access, file.usable = access or file.access, file.usable if usable is None else usable
            file.expires_at = None if clear else changes.get("expires_at", file.expires_at)

    @precondition(lambda self: self.files)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        file = self.a_file(data)
        self.expect(lambda: self.hubspot.files.delete(file.id), None)
        self.drop(file)

    @precondition(lambda self: self.files or self.deleted)
    @rule(data=st.data())
    def erase(self, data: st.DataObject) -> None:
        file_id = data.draw(st.sampled_from(sorted({*self.files, *self.deleted})), "file")
        self.expect(lambda: self.hubspot.files.gdpr_delete(file_id), None)
        self.files.pop(file_id, None)
        self.deleted.pop(file_id, None)
        self.erased.add(file_id)

    @precondition(lambda self: self.deleted or self.erased)
    @rule(data=st.data(), what=st.sampled_from(["get", "signed_url", "read", "update", "replace"]))
    def get_missing(self, data: st.DataObject, what: str) -> None:
        file_id = data.draw(st.sampled_from(sorted({*self.deleted, *self.erased})), "file")
        files = self.hubspot.files
        calls: dict[str, Callable[[], object]] = {
            "get": lambda: files.get(file_id),
            "signed_url": lambda: files.signed_url(file_id),
            "read": lambda: files.read(file_id),
            "update": lambda: files.update(file_id, name="x"),
            "replace": lambda: files.replace(file_id, b"x", name="x", access="PRIVATE"),
        }
        self.expect(calls[what], NotFoundError if what == "replace" else FileMissingError)

    @precondition(lambda self: self.files)
    @rule(data=st.data())
    def get(self, data: st.DataObject) -> None:
        file = self.a_file(data)
        for found in (
            self.expect(lambda: self.hubspot.files.get(file.id), None),
            self.expect(lambda: self.hubspot.files.stat(file.path).file, None),
        ):
            assert found is not None
            assert (found.id, found.path, found.access.value) == (file.id, file.path, file.access)
            assert (found.name, found.extension or "") == (file.name, file.extension)
            assert (found.size, found.file_md5) == (len(file.content), hashlib.md5(file.content).hexdigest())
            assert found.parent_folder_id == (file.folder.id if file.folder else None)
            assert found.expires_at == (
                None if file.expires_at is None else (file.expires_at - EPOCH) // timedelta(milliseconds=1)
            )

    @precondition(lambda self: self.files)
    @rule(data=st.data())
    def read(self, data: st.DataObject) -> None:
        file = self.a_file(data)
        assert self.expect(lambda: self.hubspot.files.read(file.id), None) == file.content

    @rule(
        name=st.none() | st.sampled_from(["a", "TXT", "-1", "zebra"]),
        extension=st.none() | st.sampled_from(["txt", "png"]),
        content=st.none() | CONTENTS,
        sort=st.sampled_from([None, "name", "-name"]),
        limit=st.integers(1, 4),
        data=st.data(),
    )
    def search(
        self,
        name: str | None,
        extension: str | None,
        content: bytes | None,
        sort: str | None,
        limit: int,
        data: st.DataObject,
    ) -> None:
        filters: dict[str, Any] = {"name": name, "extension": extension, "sort": sort, "limit": limit}
        folder = self.a_folder(data) if self.folders and data.draw(st.booleans(), "in a folder") else None
        if folder is not None:
            filters["parent_folder_ids"] = [folder.id]
        if content is not None:
            filters["file_md5"] = hashlib.md5(content).hexdigest()
        found = self.expect(lambda: [file.id for file in self.hubspot.files.search(**filters)], None)
        wanted = [
            file
            for file in sorted(self.files.values(), key=lambda file: int(file.id))
            if (name is None or name.lower() in file.full_name.lower())
            and extension in (None, file.extension)
            and content in (None, file.content)
            and (folder is None or file.folder is folder)
        ]
        if sort is not None:
            wanted.sort(key=lambda file: file.name, reverse=sort.startswith("-"))
        assert found == [file.id for file in wanted]

    # signed URLs

    @precondition(lambda self: self.files)
    @rule(data=st.data(), life=st.none() | st.integers(60, 30_000))
    def sign(self, data: st.DataObject, life: int | None) -> None:
        file = self.a_file(data)
        error = FileMissingError if file.access == "SENSITIVE" else None
        signed = self.expect(lambda: self.hubspot.files.signed_url(file.id, expires_in=life), error)
        if signed is not None:
            expires_at = self.clock.now() + timedelta(seconds=min(life or 3600, LONGEST_LIFE))
            assert signed.expires_at == expires_at
            self.signed.append((signed, file.id, expires_at))

    @precondition(lambda self: self.signed)
    @rule(data=st.data())
    def fetch(self, data: st.DataObject) -> None:
        signed, file_id, expires_at = data.draw(st.sampled_from(self.signed), "signed URL")
        self.emulator.clear_faults()
        response = self.web.get(signed.url)
        if self.clock.now() >= expires_at:
            assert response.status_code == 403
        elif file_id in self.files:
            assert (response.status_code, response.content) == (200, self.files[file_id].content)
        else:
            assert response.status_code == 404

    # folders

    @rule(data=st.data(), name=FOLDER_NAMES, how=st.sampled_from(["in the root", "by id", "by path"]))
    def create_folder(self, data: st.DataObject, name: str, how: str) -> None:
        parent = self.a_folder(data) if self.folders and how != "in the root" else None
        target: dict[str, Any] = {}
        if parent is not None:
            target = {"parent_folder_id": parent.id} if how == "by id" else {"parent_path": parent.path}
        error = ConflictError if self.folder_at(f"{place(parent)}/{name}") is not None else None
        made = self.expect(lambda: self.hubspot.folders.create(name, **target), error)
        if made is not None:
            self.folders[made.id] = Folder(made.id, name, parent)

    @precondition(lambda self: self.folders)
    @rule(data=st.data(), name=st.none() | FOLDER_NAMES, move=st.booleans(), at_once=st.booleans())
    def update_folder(self, data: st.DataObject, name: str | None, move: bool, at_once: bool) -> None:
        folder = self.a_folder(data)
        parent = self.a_folder(data) if move else folder.parent
        changes = {"name": name, "parent_folder_id": parent.id if move and parent else None}
        if changes == {"name": None, "parent_folder_id": None}:
            changes["name"] = folder.name
        moved = dataclasses.replace(folder, name=name or folder.name, parent=parent)
        error: type[HubSpotFilesError] | None = None
        if move and parent is not None and parent.is_below(folder):
            error = BadRequestError
        elif moved != folder and self.folder_at(moved.path) is not None:
            error = ConflictError
        if at_once or lacks("updateFolderRecursively"):
            done = self.expect(lambda: self.hubspot.folders.update(folder.id, **changes), error)
        else:
            # Starting the task again moves the folder again.
            self.emulator.clear_faults()
            error = None if error is None else TaskFailedError
            done = self.expect(lambda: self.hubspot.folders.update_recursively(folder.id, **changes).wait(), error)
        if done is not None:
            folder.name, folder.parent = moved.name, moved.parent

    @precondition(lambda self: self.folders)
    @rule(data=st.data(), by_path=st.booleans())
    def delete_folder(self, data: st.DataObject, by_path: bool) -> None:
        folder = self.a_folder(data)
        folders = self.hubspot.folders
        self.expect(lambda: folders.delete_by_path(folder.path) if by_path else folders.delete(folder.id), None)
        for file in list(self.files.values()):
            if file.folder is not None and file.folder.is_below(folder):
                self.drop(file)
        self.folders = {key: other for key, other in self.folders.items() if not other.is_below(folder)}

    @rule(limit=st.integers(1, 4))
    def search_folders(self, limit: int) -> None:
        found = self.expect(lambda: [folder.id for folder in self.hubspot.folders.search(limit=limit)], None)
        assert found == sorted(self.folders, key=int)

    # events

    @rule(by=st.sampled_from([1, 3600, 86_400, 40 * 86_400]))
    def wait(self, by: int) -> None:
        self.pass_time(timedelta(seconds=by))

    @rule(fault=FAULTS)
    def inject_fault(self, fault: dict[str, Any]) -> None:
        """Make the next request fail; the SDK has to handle it."""
        self.emulator.clear_faults()
        self.emulator.fail(**fault)

    @invariant()
    def check_state(self) -> None:
        # A Date has whole seconds: without this, the item of one step could be mistaken for that of the next.
        self.pass_time(timedelta(seconds=5))
        live = {file.id: file for file in self.emulator.files if file.state == "live"}
        assert {
            key: (file.path, file.access, file.content, file.is_usable_in_content) for key, file in live.items()
        } == {key: (file.path, file.access, file.content, file.usable) for key, file in self.files.items()}
        assert {key: file.expires_at for key, file in live.items()} == {
            key: file.expires_at for key, file in self.files.items()
        }
        folders = {folder.id: folder.path for folder in self.emulator.folders if not folder.archived}
        assert folders == {key: folder.path for key, folder in self.folders.items()}


TestModel = HubSpot.TestCase
TestModel.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
