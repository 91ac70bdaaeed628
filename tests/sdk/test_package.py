"""The exports and imports of the package, and one program that works on both clients."""

from __future__ import annotations

import ast
import builtins
import datetime
import importlib
import importlib.metadata
import inspect
import pathlib
import pkgutil
import re
import subprocess
import sys
import textwrap
from typing import Any, get_origin

import anyio
import pytest

import hubspot_files
import hubspot_files_api
from hubspot_files import AsyncHubSpotFiles, HubSpotFiles
from hubspot_files.testing import Emulator

from .support import RECURSIVE

MODELS = ["File", "FileStat", "Folder", "FolderUpdateTask", "ImportTask", "TaskError", "TaskStatus"]
FOLDER = pathlib.Path(hubspot_files.__file__).parent


def modules() -> list[str]:
    found = [name for _, name, _ in pkgutil.walk_packages([str(FOLDER)], "hubspot_files.")]
    return ["hubspot_files", *(name for name in found if not name.endswith("__main__"))]


def fresh(program: str) -> str:
    """Return the output of a program run in a new process."""
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(program)]
    completed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert completed.stderr == ""
    return completed.stdout.strip()


CLASSES = [name for name in hubspot_files.__all__ if inspect.isclass(getattr(hubspot_files, name))]


class TestExports:
    def test_match_import_star(self) -> None:
        namespace: dict[str, Any] = {}
        exec("from hubspot_files import *", namespace)
        del namespace["__builtins__"]
        assert sorted(namespace) == sorted(hubspot_files.__all__)

    def test_are_sorted_and_unique(self) -> None:
        assert hubspot_files.__all__ == sorted(set(hubspot_files.__all__))

    def test_are_complete(self) -> None:
        """All public names that are not modules, and the version."""
        tree = ast.parse(inspect.getsource(hubspot_files))
        imported = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module not in ("__future__", "typing", None)
            for alias in node.names
            if alias.name != "models"
        }
        assert imported == set(hubspot_files.__all__)

    @pytest.mark.parametrize("name", hubspot_files.__all__)
    def test_exist(self, name: str) -> None:
        value = getattr(hubspot_files, name)
        assert inspect.isclass(value) or get_origin(value) or name in ("__spec_revision__", "__version__")
        assert name in dir(hubspot_files)

    @pytest.mark.parametrize("name", CLASSES)
    def test_have_a_docstring(self, name: str) -> None:
        value = getattr(hubspot_files, name)
        inherited = {base.__doc__ for base in value.__mro__[1:]}
        enumeration = hasattr(value, "__members__")
        assert enumeration or (value.__doc__ and value.__doc__ not in inherited)

    def test_exclude_private_names_of_the_generated_client(self) -> None:
        """Request and response models are private, and import star shadows no builtin."""
        private = {"AuthenticatedClient", "Client", "UNSET", "Unset", "Error", "Paging", "FilePage", "FileUpload"}
        assert not private & set(hubspot_files.__all__)
        assert not set(hubspot_files.__all__) & set(dir(builtins))

    def test_of_unknown_names_fail(self) -> None:
        with pytest.raises(AttributeError, match=r"^module 'hubspot_files' has no attribute 'Flie'$"):
            hubspot_files.Flie  # type: ignore[attr-defined]  # noqa: B018 - the point of the test
        with pytest.raises(ImportError, match=r"cannot import name 'FilePage'"):
            exec("from hubspot_files import FilePage")


class TestModels:
    @pytest.mark.parametrize("name", MODELS)
    def test_are_those_of_the_generated_client(self, name: str) -> None:
        assert getattr(hubspot_files, name) is getattr(importlib.import_module("hubspot_files_api.models"), name)

    def test_are_imported_on_first_use(self) -> None:
        printed = fresh(
            """
            import sys
            import hubspot_files
            hubspot_files.HubSpotFiles("token")
            before = [name for name in sys.modules if name.startswith("hubspot_files_api.models.")]
            hubspot_files.File
            print(sorted(before))
            print("hubspot_files_api.models.file" in sys.modules, "hubspot_files_api.models.folder" in sys.modules)
            """
        )
        enumerations = ["access", "duplicate_scope", "duplicate_strategy", "signed_url_size"]
        assert printed.splitlines() == [
            str([f"hubspot_files_api.models.{name}" for name in enumerations]),
            "True False",
        ]

    @pytest.mark.parametrize(
        "name",
        [
            "attrs",
            "attr",
            "anyio",
            "trio",
            "asyncio",
            "python_multipart",
            "hubspot_files.emulator",
            "hubspot_files.testing",
            "hubspot_files._oauth",
            "filelock",
        ],
    )
    def test_optional_modules_are_not_imported(self, name: str) -> None:
        """In addition to those that `import httpx` imports itself."""
        brought = fresh(f"import sys, httpx; print({name!r} in sys.modules)")
        assert fresh(f"import sys, hubspot_files; print({name!r} in sys.modules)") == brought


class TestFiles:
    @pytest.mark.parametrize("package", [hubspot_files, hubspot_files_api])
    def test_include_py_typed(self, package: Any) -> None:
        assert (pathlib.Path(package.__file__).parent / "py.typed").is_file()

    @pytest.mark.parametrize("name", modules())
    def test_start_with_a_docstring(self, name: str) -> None:
        module = importlib.import_module(name)
        source = pathlib.Path(str(module.__file__)).read_text(encoding="utf-8")
        assert re.match(r'"""\S.*\.("""|\n)', source.partition("\n\n")[0] + "\n"), source[:80]
        is_docstring_only = len(ast.parse(source).body) == 1
        assert "from __future__ import annotations\n" in source or is_docstring_only or name == "hubspot_files._version"

    def test_main_starts_with_a_docstring(self) -> None:
        assert (
            (FOLDER / "cli" / "__main__.py").read_text(encoding="utf-8").startswith('"""`python -m hubspot_files.cli`')
        )

    def test_only_two_modules_call_the_generated_operations(self) -> None:
        users = {
            str(path.relative_to(FOLDER))
            for path in FOLDER.rglob("*.py")
            if re.search(r"^\s+from hubspot_files_api\.api", path.read_text(encoding="utf-8"), re.MULTILINE)
        }
        assert users == {"_operations/file_calls.py", "_operations/folder_calls.py"}


class TestVersion:
    def test_is_that_of_the_metadata(self) -> None:
        assert hubspot_files.__version__ == importlib.metadata.version("hubspot-files")

    def test_is_a_version(self) -> None:
        assert re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", hubspot_files.__version__)

    def test_names_the_published_description(self) -> None:
        assert datetime.date.fromisoformat(hubspot_files.__spec_revision__) >= datetime.date(2026, 8, 17)

    def test_the_distribution_needs_httpx_and_attrs_only(self) -> None:
        requirements = importlib.metadata.requires("hubspot-files") or []
        core = [re.split(r"[<>=! ]", line)[0] for line in requirements if "extra ==" not in line]
        assert sorted(core) == ["attrs", "httpx"]


# For AsyncHubSpotFiles. For HubSpotFiles, it is the same without `async` and `await`.
PROGRAM = """
async def main(hubspot):
    seen = []
    progress = []
    async with hubspot:
        file = await hubspot.files.upload(
            b"first", name="a.txt", folder_path="/in", on_progress=lambda *arguments: progress.append(arguments)
        )
        seen.append(("upload", file.name, file.path, file.access, file.size))
        seen.append(("progress", progress))
        file = await hubspot.files.replace(file.id, b"second", name="a.txt", access="PUBLIC_INDEXABLE")
        seen.append(("replace", file.access, file.size))
        file = await hubspot.files.update(file.id, name="b")
        seen.append(("update", file.path, (await hubspot.files.get(file.id)).name))
        seen.append(("stat", (await hubspot.files.stat("/in/b.txt")).file.id == file.id))
        signed = await hubspot.files.signed_url(file.id, expires_in=600)
        cached = await hubspot.files.signed_url_cache.get(file.id)
        seen.append(("signed", signed.is_expired(), cached is await hubspot.files.signed_url_cache.get(file.id)))
        seen.append(("read", await hubspot.files.read(file.id)))
        chunks = []
        async with hubspot.files.stream(file.id) as content:
            async for chunk in content:
                chunks.append(chunk)
        seen.append(("stream", b"".join(chunks), content.file.id == file.id))
        names = []
        for number in range(5):
            await hubspot.files.upload(b"x", name=f"{number}.txt", folder_path="/more")
        async for item in hubspot.files.search(sort="name", limit=2):
            names.append(item.name)
        pages = []
        async for page in hubspot.files.search(limit=4, sort="name").pages():
            pages.append(len(page.items))
        seen.append(("search", names, pages))
        folder = await hubspot.folders.create("sub", parent_path="/in")
        seen.append(("folder", (await hubspot.folders.get(folder.id)).path))
        seen.append(("by path", (await hubspot.folders.get_by_path("/in/sub")).id == folder.id))
        task = await hubspot.folders.update_recursively(folder.id, name="other")
        moved = await task.wait()
        seen.append(("task", moved.name, task.state.status.value))
        await hubspot.folders.delete_by_path("/in/other")
        await hubspot.files.delete(file.id)
        try:
            await hubspot.files.get(file.id)
        except NotFoundError as error:
            seen.append(("gone", error.status_code))
        try:
            await hubspot.files.upload(b"x", name="x", folder_id="..")
        except ValueError as error:
            seen.append(("refused", str(error)))
        answer = await hubspot.request("GET", "/files/v3/folders/search", params={"limit": 1})
        seen.append(("request", answer.status_code, len(answer.json()["results"])))
        copy = hubspot.with_options(max_retries=0)
        seen.append(("copy", [folder.name async for folder in copy.folders.search(sort="name")]))
        await copy.close()
    return seen
"""


class TestOneProgram:
    @pytest.fixture
    def sync(self) -> str:
        return re.sub(r"\b(async|await) ", "", PROGRAM)

    def test_differs_only_by_await_and_async(self, sync: str) -> None:
        assert "async" not in sync
        assert "await" not in sync
        assert len(PROGRAM) - len(sync) == len(re.findall(r"\b(?:async|await)\b", PROGRAM)) * len("async ")

    @RECURSIVE
    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_gives_equal_results_on_both_clients(self, sync: str, backend: str) -> None:
        results = []
        for program in (sync, PROGRAM):
            namespace: dict[str, Any] = {"NotFoundError": hubspot_files.NotFoundError}
            exec(program, namespace)
            with Emulator(seed=1) as emulator:
                if program is sync:
                    client: Any = emulator.client()
                    assert type(client) is HubSpotFiles
                    results.append(namespace["main"](client))
                else:
                    client = emulator.async_client()
                    assert type(client) is AsyncHubSpotFiles
                    results.append(anyio.run(namespace["main"], client, backend=backend))
        assert results[0] == results[1]
        by_name = {name: rest for name, *rest in results[0]}
        assert len(by_name) == len(results[0]) == 16
        assert by_name["upload"] == ["a", "/in/a.txt", "PRIVATE", 5]
        assert by_name["progress"] == [[(5, 5, 1)]]
        assert by_name["replace"] == ["PUBLIC_INDEXABLE", 6]
        assert by_name["update"] == ["/in/b.txt", "b"]
        assert by_name["stat"] == [True]
        assert by_name["signed"] == [False, True]
        assert by_name["read"] == [b"second"]
        assert by_name["stream"] == [b"second", True]
        assert by_name["search"] == [["0", "1", "2", "3", "4", "b"], [4, 2]]
        assert by_name["folder"] == ["/in/sub"]
        assert by_name["by path"] == [True]
        assert by_name["task"] == ["other", "COMPLETE"]
        assert by_name["gone"] == [404]
        assert by_name["refused"] == ["folder_id '..' must be digits only, as in the id of a File or a Folder"]
        assert by_name["request"] == [200, 1]
        assert by_name["copy"] == [["in", "more"]]
