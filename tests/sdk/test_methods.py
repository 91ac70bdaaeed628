"""The operations as seen by editors, `inspect`, `help` and mocks; they are written once for both clients."""

from __future__ import annotations

import builtins
import inspect
import pydoc
import re
from collections.abc import Callable
from typing import Any
from unittest.mock import create_autospec

import anyio
import pytest

import hubspot_files
from hubspot_files import AsyncHubSpotFiles, AsyncTask, HubSpotFiles, Task
from hubspot_files._engine.effects import Flow
from hubspot_files._engine.methods import Method, SyncResource, operation
from hubspot_files.resources.files import AsyncFiles, FileOperations, Files
from hubspot_files.resources.folders import AsyncFolders, Folders
from hubspot_files.resources.signed_url_cache import AsyncSignedUrlCache, SignedUrlCache

from .support import TOKEN

PAIRS: list[tuple[type, type]] = [
    (HubSpotFiles, AsyncHubSpotFiles),
    (Files, AsyncFiles),
    (Folders, AsyncFolders),
    (SignedUrlCache, AsyncSignedUrlCache),
    (Task, AsyncTask),
]
CLASSES = [kind for pair in PAIRS for kind in pair]
# These return an object to iterate over or to enter.
LAZY = {"search", "stream", "walk"}


def public(kind: type) -> dict[str, Any]:
    return {name: getattr(kind, name) for name in dir(kind) if not name.startswith("_")}


def operations(kind: type) -> dict[str, Callable[..., Any]]:
    """Return the operations that instances of this class have."""
    written = {name for base in kind.__mro__ for name, member in vars(base).items() if isinstance(member, Method)}
    return {name: getattr(kind, name) for name in sorted(written)}


def cases(*, asynchronous: bool | None = None) -> list[Any]:
    kinds = [kind for pair in PAIRS for kind in (pair if asynchronous is None else [pair[asynchronous]])]
    return [
        pytest.param(kind, name, function, id=f"{kind.__name__}.{name}")
        for kind in kinds
        for name, function in operations(kind).items()
    ]


def pairs() -> list[Any]:
    return [
        pytest.param(operations(sync)[name], operations(asynchronous)[name], id=f"{sync.__name__}.{name}")
        for sync, asynchronous in PAIRS
        for name in operations(sync)
    ]


class TestBothClients:
    @pytest.mark.parametrize(("sync", "asynchronous"), PAIRS)
    def test_have_the_same_members(self, sync: type, asynchronous: type) -> None:
        assert set(public(sync)) == set(public(asynchronous))

    @pytest.mark.parametrize("kind", [Files, Folders, Task, SignedUrlCache, HubSpotFiles])
    def test_have_every_operation_that_is_written(self, kind: type) -> None:
        written = {name for base in kind.__mro__ for name, member in vars(base).items() if isinstance(member, Method)}
        assert set(operations(kind)) == written != set()

    @pytest.mark.parametrize(("sync", "asynchronous"), pairs())
    def test_have_the_same_parameters_and_docstrings(
        self, sync: Callable[..., Any], asynchronous: Callable[..., Any]
    ) -> None:
        one, other = inspect.signature(sync), inspect.signature(asynchronous)
        assert one.parameters == other.parameters
        assert sync.__doc__ == asynchronous.__doc__
        assert sync.__name__ == asynchronous.__name__

    @pytest.mark.parametrize(("sync", "asynchronous"), PAIRS)
    def test_have_the_same_constructor(self, sync: type, asynchronous: type) -> None:
        one, other = inspect.signature(sync), inspect.signature(asynchronous)
        assert [(p.name, p.kind, p.default) for p in one.parameters.values()] == [
            (p.name, p.kind, p.default) for p in other.parameters.values()
        ]


class TestSignatures:
    @pytest.mark.parametrize(
        ("kind", "name", "expected"),
        [
            (
                Folders,
                "create",
                "(self, name: str, *, parent_folder_id: str | int | None = None, parent_path: str | None = None, "
                "timeout: Timeout = None) -> Folder",
            ),
            (
                AsyncFiles,
                "get",
                "(self, file_id: File | str | int, *, properties: Iterable[str] | None = None, "
                "timeout: Timeout = None) -> File",
            ),
            (Files, "delete", "(self, file_id: File | str | int, *, timeout: Timeout = None) -> None"),
            (
                Files,
                "download",
                "(self, file: File | str | int, destination: Destination, *, if_exists: IfExists | None = None, "
                "on_progress: Progress | None = None, timeout: Timeout = None) -> Path | None",
            ),
            (
                Files,
                "stream",
                "(self, file: File | str | int, *, on_progress: Progress | None = None, "
                "timeout: Timeout = None) -> ContentStream",
            ),
            (
                AsyncFiles,
                "stream",
                "(self, file: File | str | int, *, on_progress: Progress | None = None, "
                "timeout: Timeout = None) -> AsyncContentStream",
            ),
            (Files, "get_import_task", "(self, task_id: str) -> Task[File]"),
            (AsyncFiles, "get_import_task", "(self, task_id: str) -> AsyncTask[File]"),
            (AsyncFolders, "get_update_task", "(self, task_id: str) -> AsyncTask[Folder]"),
        ],
    )
    def test_are_exact(self, kind: type, name: str, expected: str) -> None:
        text = str(inspect.signature(getattr(kind, name)))
        assert re.sub(r"'([^']*)'(?=[,)]| =|$)", r"\1", text).replace("PRIVATE>", "PRIVATE'>") == expected

    @pytest.mark.parametrize(("sync", "asynchronous"), pairs())
    def test_differ_only_in_lazy_results(self, sync: Callable[..., Any], asynchronous: Callable[..., Any]) -> None:
        one = str(inspect.signature(sync).return_annotation)
        other = str(inspect.signature(asynchronous).return_annotation)
        if sync is Files.open:
            # Only the synchronous client opens text files.
            assert (one, other) == (
                "FileReader | FileWriter | io.TextIOWrapper",
                "AsyncFileReader | AsyncFileWriter",
            )
            return
        assert other in (one, f"Async{one}")
        assert one.count("[") == one.count("]")
        assert not re.search(r"Flow|Plan|Walk|Transfer", one)

    @pytest.mark.parametrize(("kind", "name", "function"), cases())
    def test_of_bound_methods_lack_self(self, kind: type, name: str, function: Callable[..., Any]) -> None:
        if kind in (Task, AsyncTask):
            instance: Any = kind(None, type("Plan", (), {"id": "1"}))
        else:
            instance = object.__new__(kind)
        assert (
            list(inspect.signature(getattr(instance, name)).parameters)
            == list(inspect.signature(function).parameters)[1:]
        )

    @pytest.mark.parametrize(("kind", "name", "function"), cases())
    def test_options_are_keyword_only(self, kind: type, name: str, function: Callable[..., Any]) -> None:
        for parameter in inspect.signature(function).parameters.values():
            assert parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
            # The mode of `open` comes second, as in the built-in function.
            optional = parameter.default is not parameter.empty and parameter.name != "mode"
            assert not (optional and parameter.kind is parameter.POSITIONAL_OR_KEYWORD), parameter.name

    @pytest.mark.parametrize(("kind", "name", "function"), cases())
    def test_functions_have_the_right_qualified_name(self, kind: type, name: str, function: Callable[..., Any]) -> None:
        assert inspect.isfunction(function)
        owner = next(base for base in kind.__mro__ if vars(base).get(name) is function)
        assert (function.__name__, function.__qualname__) == (name, f"{owner.__name__}.{name}")
        assert function.__module__ == owner.__module__


class TestCoroutineFunctions:
    @pytest.mark.parametrize(("kind", "name", "function"), cases(asynchronous=True))
    def test_are_the_async_operations_that_return_a_result(
        self, kind: type, name: str, function: Callable[..., Any]
    ) -> None:
        assert inspect.iscoroutinefunction(function) is (name not in LAZY)

    @pytest.mark.parametrize(("kind", "name", "function"), cases(asynchronous=False))
    def test_exclude_the_sync_operations(self, kind: type, name: str, function: Callable[..., Any]) -> None:
        assert not inspect.iscoroutinefunction(function)
        assert not inspect.isgeneratorfunction(function)


def on_one_line(text: str) -> str:
    """Join the lines of a help text, whose breaks differ between versions of Python."""
    return re.sub(r"(?<=\() | (?=\))", "", " ".join(pydoc.plain(text).split()))


class TestHelp:
    def test_shows_signature_and_docstring(self) -> None:
        text = on_one_line(pydoc.render_doc(Files.upload))
        assert "upload(self, source: 'Source', *, access: 'Access | NewAccessName' = <Access.PRIVATE" in text
        assert "Upload a file in constant memory." in text
        assert "on_progress: called with the bytes sent, the total bytes and the number of the attempt" in text

    def test_shows_async(self) -> None:
        text = on_one_line(pydoc.render_doc(AsyncFiles.get))
        assert "async get(self, file_id: 'File | str | int', *, properties:" in text
        assert "-> 'File'" in text

    @pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
    def test_shows_every_operation_of_a_class(self, kind: type) -> None:
        text = pydoc.plain(pydoc.render_doc(kind))
        for name in operations(kind):
            assert re.search(rf"^ \|  (async )?{name}\(", text, re.MULTILINE), name


class TestAutospec:
    WRONG: tuple[tuple[str, tuple[Any, ...], dict[str, Any]], ...] = (
        ("get", (), {}),
        ("get", ("1", "2"), {}),
        ("get", ("1",), {"unheard_of": True}),
        ("upload", ("cat.png", "PRIVATE"), {}),
        ("upload", (), {"folder_path": "/"}),
        ("replace", ("1", b""), {}),
        ("search", ("cat",), {}),
        ("search", (), {"extention": "png"}),
        ("import_from_url", (), {}),
        ("stream", (), {}),
    )

    @pytest.mark.parametrize("kind", [Files, AsyncFiles])
    @pytest.mark.parametrize(("name", "arguments", "options"), WRONG)
    def test_of_the_operations_refuses_wrong_calls(
        self, kind: type, name: str, arguments: tuple[Any, ...], options: dict[str, Any]
    ) -> None:
        mock = create_autospec(kind, instance=True)
        with pytest.raises(TypeError, match=r"argument"):
            getattr(mock, name)(*arguments, **options)

    @pytest.mark.parametrize("client", [HubSpotFiles(TOKEN), AsyncHubSpotFiles(TOKEN)])
    @pytest.mark.parametrize(("name", "arguments", "options"), WRONG)
    def test_of_a_client_refuses_wrong_calls(
        self, client: Any, name: str, arguments: tuple[Any, ...], options: dict[str, Any]
    ) -> None:
        mock = create_autospec(client)
        with pytest.raises(TypeError, match=r"argument"):
            getattr(mock.files, name)(*arguments, **options)

    @pytest.mark.parametrize("kind", [HubSpotFiles, AsyncHubSpotFiles])
    def test_of_a_clients_class_refuses_wrong_calls(self, kind: type) -> None:
        mock = create_autospec(kind)
        with pytest.raises(TypeError, match=r"unexpected keyword argument 'unheard_of'"):
            mock(TOKEN, unheard_of=True)
        with pytest.raises(TypeError, match=r"too many positional arguments"):
            mock(TOKEN).close(True)
        with pytest.raises(TypeError, match=r"missing a required argument: 'path'"):
            mock(TOKEN).request("GET")

    @pytest.mark.parametrize("kind", [HubSpotFiles, AsyncHubSpotFiles])
    @pytest.mark.parametrize(("name", "arguments", "options"), WRONG)
    def test_of_a_clients_class_has_its_operations(
        self, kind: type, name: str, arguments: tuple[Any, ...], options: dict[str, Any]
    ) -> None:
        mock = create_autospec(kind)
        with pytest.raises(TypeError, match=r"argument"):
            getattr(mock(TOKEN).files, name)(*arguments, **options)

    @pytest.mark.parametrize("kind", [HubSpotFiles, AsyncHubSpotFiles])
    def test_has_no_other_operation(self, kind: Any) -> None:
        mock = create_autospec(kind(TOKEN))
        with pytest.raises(AttributeError, match=r"uplaod"):
            mock.files.uplaod(b"")

    def test_accepts_valid_calls(self) -> None:
        mock = create_autospec(HubSpotFiles(TOKEN))
        mock.files.get.return_value = "the file"
        assert mock.files.get(1, properties=["size"]) == "the file"
        mock.files.get.assert_called_once_with(1, properties=["size"])

    def test_async_operations_are_awaited(self) -> None:
        mock = create_autospec(AsyncHubSpotFiles(TOKEN))
        mock.files.get.return_value = "the file"
        assert anyio.run(mock.files.get, "1") == "the file"
        mock.files.get.assert_awaited_once_with("1")
        assert not inspect.iscoroutinefunction(mock.files.search)


def section(docstring: str, name: str) -> str:
    """Return a section of a docstring, such as Args."""
    match = re.search(rf"^{name}:\n((?:    .*\n|\n)+)", f"{docstring}\n\n", re.MULTILINE)
    return inspect.cleandoc(match[1]) if match else ""


def documented(docstring: str) -> set[str]:
    """Return the parameters that Args documents; `a, b: ...` counts as two, with their `_gte` and `_lte` forms if
    named.
    """
    found: set[str] = set()
    for entry in re.split(r"\n(?=\S)", section(docstring, "Args")):
        names, _, words = entry.partition(":")
        for name in re.split(r", +", names.strip()):
            found.add(name)
            if "`_gte` and `_lte`" in re.sub(r"\s+", " ", words):
                found |= {f"{name}_gte", f"{name}_lte"}
    return found - {""}


class TestDocstrings:
    @pytest.mark.parametrize(("kind", "name", "function"), cases())
    def test_document_exactly_the_parameters(self, kind: type, name: str, function: Callable[..., Any]) -> None:
        parameters = set(inspect.signature(function).parameters) - {"self"}
        assert documented(inspect.getdoc(function) or "") == parameters

    @pytest.mark.parametrize(("kind", "name", "function"), cases(asynchronous=False))
    def test_document_the_errors(self, kind: type, name: str, function: Callable[..., Any]) -> None:
        raises = section(inspect.getdoc(function) or "", "Raises")
        assert re.match(r"([A-Z]\w+Error(, [A-Z]\w+Error)*: |as )\S", raises), raises

    @pytest.mark.parametrize(("kind", "name", "function"), cases(asynchronous=False))
    def test_name_existing_errors_only(self, kind: type, name: str, function: Callable[..., Any]) -> None:
        for error in re.findall(r"\b[A-Z]\w+Error\b", inspect.getdoc(function) or ""):
            assert hasattr(hubspot_files, error) or hasattr(builtins, error), error

    @pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
    def test_every_public_member_has_one(self, kind: type) -> None:
        assert inspect.getdoc(kind)
        for name, member in public(kind).items():
            assert (inspect.getdoc(member) or "").strip(), name

    @pytest.mark.parametrize(("kind", "name", "function"), cases(asynchronous=False))
    def test_begin_with_a_sentence(self, kind: type, name: str, function: Callable[..., Any]) -> None:
        first = (inspect.getdoc(function) or "").partition("\n\n")[0]
        assert re.match(r"[A-Z].*\.$", first, re.DOTALL), first


class TestDecorators:
    def test_require_a_client(self) -> None:
        alone: Any = object.__new__(FileOperations)
        with pytest.raises(TypeError, match=r"^this class derives from neither SyncResource nor AsyncResource$"):
            alone.get("1")

    def test_a_subclass_keeps_the_operations(self) -> None:
        class MyClient(HubSpotFiles):
            """A client of a user."""

        assert inspect.signature(MyClient.request) == inspect.signature(HubSpotFiles.request)
        assert MyClient(TOKEN).files.get.__qualname__ == "Files.get"
        assert repr(MyClient(TOKEN)) == "<MyClient https://api.hubapi.com>"

    def test_a_subclass_can_override_an_operation(self) -> None:
        class Written:
            @operation
            def get(self) -> Flow[str]:
                """Get."""
                yield from ()
                return "written"

        class Resource(Written, SyncResource):
            _driver = None

        class Mine(Resource):
            def get(self) -> str:
                return "mine"

        assert Resource().get() == "written"
        assert Mine().get() == "mine"
