"""Random sequences of changes on both sides, of runs that are cut, and of new accounts, with the same journals."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hubspot_files.testing import Emulator, use_clock
from hubspot_files.transfers import TransferReport

from .support import Client
from .transfer_case import FOLDER, Case, Stop, StoppingTransport, local_files, outcomes

LAG = 120
NAMES = ("a.txt", "b.txt", "sub/c.txt")
# A place where no local file is, and one outside of the folder.
PLACES = (*NAMES, "z.txt", "/elsewhere/a.txt")
CONTENTS = (b"1", b"2", b"longer")

names, places, contents = st.sampled_from(NAMES), st.sampled_from(PLACES), st.sampled_from(CONTENTS)
Step: TypeAlias = tuple[str, Any, Any]
steps = st.one_of(
    st.tuples(st.just("write"), names, contents),
    st.tuples(st.just("unlink"), names, st.none()),
    st.tuples(st.just("add"), names, contents),
    st.tuples(st.just("rename"), places, places),
    st.tuples(st.just("replace"), places, contents),
    st.tuples(st.just("delete"), places, st.none()),
    st.tuples(st.just("account"), st.none(), st.none()),
    st.tuples(st.just("wait"), st.sampled_from([10, 2 * LAG]), st.none()),
    st.tuples(st.just("upload"), st.none(), st.none()),
    st.tuples(st.just("cut"), st.integers(1, 12), st.booleans()),
    st.tuples(st.just("download"), st.none(), st.none()),
)


class Stored(NamedTuple):
    """A file on HubSpot."""

    path: str
    content: bytes


class World:
    """A directory, a copy that is downloaded, an account, and the program that transfers between them."""

    def __init__(self, root: Path, stack: ExitStack) -> None:
        self.stack = stack
        self.case = Case(Client("sync"), Emulator(), root)
        self.copy = root / "copy"
        self.journals = root / "journals"
        # Files of others by id, with the times at which the search finds them.
        self.unlisted: dict[int, float] = {}
        self.account()

    def account(self, *_: Any) -> None:
        """Start an emulator again: the same ids, no files, and a later time."""
        self.case.emulator = self.stack.enter_context(Emulator(search_lag=LAG))
        self.case.emulator.add_folder("/elsewhere")
        self.stack.enter_context(use_clock(self.case.emulator.clock))
        self.unlisted.clear()

    @property
    def stored(self) -> dict[int, Stored]:
        """The files on HubSpot by id."""
        return {
            file.id: Stored(file.path.removeprefix(f"{FOLDER}/"), file.content)
            for file in self.case.emulator.files
            if file.state == "live"
        }

    def at(self, path: str) -> int | None:
        """Return the id of the file at a path on HubSpot, or None."""
        return next((id for id, file in self.stored.items() if file.path == path), None)

    def write(self, path: str, content: bytes) -> None:
        self.case.write({path: content})

    def unlink(self, path: str, _: None) -> None:
        (self.case.directory / path).unlink(missing_ok=True)

    def add(self, path: str, content: bytes) -> None:
        if self.at(path) is None:
            file = self.case.emulator.add_file(f"{FOLDER}/{path}", content)
            self.unlisted[file.id] = self.case.emulator.clock.time() + LAG

    def rename(self, path: str, new: str) -> None:
        """Rename or move a file on HubSpot, or swap two."""
        one, other = self.at(path), self.at(new)
        moves = [(one, new)] if other is None else [(one, "y.txt"), (other, path), (one, new)]
        for id, target in moves if one is not None and path != new else []:
            folder, _, name = (target if target.startswith("/") else f"{FOLDER}/{target}").rpartition("/")
            if folder not in self.folders:
                self.case.emulator.add_folder(folder)
            self.case.run(
                lambda hubspot, id=id, folder=folder, name=name: hubspot.files.update(
                    str(id), name=name.removesuffix(".txt"), parent_folder_path=folder
                )
            )

    @property
    def folders(self) -> set[str]:
        return {folder.path for folder in self.case.emulator.folders}

    def replace(self, path: str, content: bytes) -> None:
        if (id := self.at(path)) is not None:
            name = path.rpartition("/")[2]
            self.case.run(lambda hubspot: hubspot.files.replace(str(id), content, name=name, access="PRIVATE"))

    def delete(self, path: str, _: None) -> None:
        if (id := self.at(path)) is not None:
            self.case.run(lambda hubspot: hubspot.files.delete(str(id)))

    def wait(self, seconds: int, _: None) -> None:
        self.case.emulator.clock.advance(seconds)

    def cut(self, number: int, after_effect: bool) -> None:
        """End the program at a request of an upload."""
        transport = StoppingTransport(self.case.emulator.transport, number, after_effect=after_effect)
        before = self.stored
        try:
            self.case.upload(journal=self.journals / "up", transport=transport)
        except Stop:
            self.check_others(before)

    def upload(self, *_: Any) -> TransferReport:
        before = self.stored
        report = self.case.upload(journal=self.journals / "up")
        self.check_others(before)
        found = outcomes(report)
        after = {file.path: file.content for file in self.stored.values()}
        for path, content in local_files(self.case.directory).items():
            outcome, reason = found.get(path, ("skipped", "unchanged"))
            assert outcome != "unknown"
            # Success is reported of files that are there, and of no others.
            assert (after.get(path) == content) == (outcome != "failed"), (path, outcome, reason)
        return report

    def check_others(self, before: Mapping[int, Stored]) -> None:
        """Check that only files at the paths of local ones have changed, and none that the program cannot have seen."""
        after, local, now = self.stored, local_files(self.case.directory), self.case.emulator.clock.time()
        for id, file in before.items():
            if file.path not in local or self.unlisted.get(id, 0) > now:
                assert after.get(id) == file

    def download(self, *_: Any) -> TransferReport | None:
        if FOLDER not in self.folders:
            return None
        before = local_files(self.copy) if self.copy.exists() else {}
        report = self.case.download(self.copy, journal=self.journals / "down")
        assert report.counts["failed"] + report.counts["unknown"] == 0
        after = local_files(self.copy)
        there = {file.path: file.content for file in self.stored.values() if not file.path.startswith("/")}
        for path, content in after.items():
            assert content in (there.get(path), before.get(path))
        return report

    def converge(self) -> None:
        """Check that the next runs transfer all, and those after them nothing."""
        self.case.emulator.clock.advance(2 * LAG)
        assert self.upload().counts["failed"] == 0
        self.case.emulator.clock.advance(2 * LAG)
        before = self.stored
        assert list(self.upload().results) == []
        assert self.stored == before
        report = self.download()
        if report is not None:
            copy = local_files(self.copy)
            assert {path: copy[path] for path in local_files(self.case.directory)} == local_files(self.case.directory)
            report = self.download()
            assert report is not None
            assert list(report.results) == []


UPLOADED: list[Step] = [("write", "a.txt", b"1"), ("upload", None, None)]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example([*UPLOADED, ("rename", "a.txt", "z.txt")])
@example([*UPLOADED, ("rename", "a.txt", "z.txt"), ("write", "a.txt", b"2"), ("upload", None, None)])
@example(
    [*UPLOADED, ("write", "b.txt", b"2"), ("upload", None, None), ("rename", "a.txt", "b.txt"), ("upload", None, None)]
)
@example([*UPLOADED, ("account", None, None), ("add", "b.txt", b"2"), ("write", "b.txt", b"1"), ("upload", None, None)])
@given(st.lists(steps, max_size=10))
def test_any_sequence_keeps_the_files_of_others_and_converges(sequence: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as root, ExitStack() as stack:
        world = World(Path(root), stack)
        for name, one, other in sequence:
            getattr(world, name)(one, other)
        world.converge()
