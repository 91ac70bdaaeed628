"""The same program on the file system of HubSpot and on fsspec's in memory has the same results."""

from __future__ import annotations

from typing import Any

import fsspec
from fsspec.implementations.memory import MemoryFileSystem
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hubspot_files.testing import Emulator

# These differences are known, and the programs avoid them:
# - In memory, a folder that no `mkdir` made ends with its last file. The programs make the folders of their files.
# - In memory, a file and a folder can have one name, after a copy or a `mkdir` above a file. Names of files differ from
#   those of folders here.
# - In memory, a folder can be copied into itself, with parts of the copy.
# - `makedirs(exist_ok=True)` of a file, and `mkdir(create_parents=False)` without the folder above, are no errors in
#   memory.
# - In memory, `mv` of a folder without `recursive` deletes it if it is empty. HubSpot's is moved, as a local one is.
# - In memory, `pipe_file` belongs to a transaction, and the path of the root is empty.
# - `walk` of no folder yields nothing in synchronous file systems of fsspec, and an empty folder in asynchronous ones.
FOLDERS = ("a", "b", "2024")
FILES = ("x.csv", "y.csv", "z.tmp")

folders = st.lists(st.sampled_from(FOLDERS), max_size=2).map(lambda names: "".join(f"/{name}" for name in names))
paths = st.tuples(folders, st.sampled_from(FILES)).map(lambda parts: f"{parts[0]}/{parts[1]}")
contents = st.binary(max_size=20)
bounds = st.none() | st.integers(-25, 25)
steps = st.one_of(
    st.tuples(st.just("pipe_file"), paths, contents),
    st.tuples(st.just("create"), paths, contents),
    st.tuples(st.just("write"), paths, contents),
    st.tuples(st.just("transaction"), paths, paths, contents, st.booleans()),
    st.tuples(st.just("read"), paths, st.integers(0, 25), st.integers(0, 25)),
    st.tuples(st.just("cat_file"), paths, bounds, bounds),
    st.tuples(st.just("mkdir"), folders),
    st.tuples(st.just("rm_file"), paths),
    st.tuples(st.just("rm"), paths | folders, st.booleans()),
    st.tuples(st.just("cp_file"), paths, paths),
    st.tuples(st.just("cp"), folders, folders),
    st.tuples(st.just("mv"), paths, paths),
    st.tuples(st.sampled_from(("ls", "find", "du", "walk", "exists", "isdir", "isfile", "size")), paths | folders),
    st.tuples(st.just("glob"), st.sampled_from(("/*", "/**", "/*/x.*", "/a/**/*.csv", "/[ab]/?.csv"))),
)


class Program:
    """A program on a file system, below a folder of its own."""

    def __init__(self, fs: Any, top: str) -> None:
        self.fs = fs
        self.top = top
        fs.makedirs(top)

    def run(self, steps: list[tuple[Any, ...]]) -> list[Any]:
        """Return the results of the steps, and what there is at the end."""
        results = [(step, self._result(*step)) for step in steps]
        found = self.fs.find(self.top, withdirs=True, detail=True)
        return [results, {path: info["type"] == "file" and self.fs.cat_file(path) for path, info in found.items()}]

    def _result(self, name: str, *arguments: Any) -> Any:
        arguments = tuple(f"{self.top}{value}" if isinstance(value, str) else value for value in arguments)
        try:
            return getattr(self, f"_{name}", getattr(self.fs, name, None))(*arguments)  # type: ignore[misc]
        except (FileNotFoundError, FileExistsError, ZeroDivisionError) as error:
            return type(error)
        except OSError:
            return OSError

    def _pipe_file(self, path: str, content: bytes) -> None:
        self._make_folder_of(path)
        self.fs.pipe_file(path, content)

    def _create(self, path: str, content: bytes) -> None:
        self._make_folder_of(path)
        self.fs.pipe_file(path, content, mode="create")

    def _write(self, path: str, content: bytes) -> None:
        self._make_folder_of(path)
        with self.fs.open(path, "wb") as file:
            file.write(content)

    def _transaction(self, first: str, second: str, content: bytes, fail: bool) -> None:
        with self.fs.transaction:
            self._write(first, content)
            self._write(second, content[::-1])
            if fail:
                raise ZeroDivisionError

    def _read(self, path: str, start: int, size: int) -> bytes:
        with self.fs.open(path) as file:
            file.seek(start)
            content: bytes = file.read(size)
            return content

    def _cp_file(self, source: str, target: str) -> None:
        self._make_folder_of(target)
        self.fs.cp_file(source, target)

    def _mv(self, source: str, target: str) -> None:
        self._make_folder_of(target)
        self.fs.mv(source, target)

    def _cp(self, source: str, target: str) -> None:
        if not f"{target}/".startswith(f"{source}/"):
            self._make_folder_of(target)
            self.fs.cp(source, target, recursive=True)

    def _ls(self, path: str) -> list[str]:
        return sorted(self.fs.ls(path, detail=False))

    def _walk(self, path: str) -> list[Any]:
        steps = self.fs.walk(path) if self.fs.isdir(path) else ()
        return sorted((folder, sorted(below), sorted(files)) for folder, below, files in steps)

    def _make_folder_of(self, path: str) -> None:
        self.fs.makedirs(path.rpartition("/")[0], exist_ok=True)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, max_size=12))
def test_a_program_has_the_results_of_the_one_in_memory(
    hubspot_emulator: Emulator, program: list[tuple[Any, ...]]
) -> None:
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]
    top = f"/{len(hubspot_emulator.folders)}"
    results = [Program(fsspec.filesystem(protocol), top).run(program) for protocol in ("hubspot", "memory")]
    assert results[0] == results[1]
