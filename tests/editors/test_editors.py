"""Completions, signatures, documentation and results in editors: jedi, and the language server of pyright."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jedi
import pytest

from hubspot_files import AsyncHubSpotFiles, AsyncTask, HubSpotFiles, Task
from hubspot_files._engine.methods import Method
from hubspot_files.resources.files import AsyncFiles, Files
from hubspot_files.resources.folders import AsyncFolders, Folders
from hubspot_files.resources.signed_url_cache import AsyncSignedUrlCache, SignedUrlCache
from hubspot_files.transfers import AsyncTransfers, Transfers

# The parts of the clients, by the expression that a user writes.
PARTS: list[tuple[str, type]] = [
    ("hubspot", HubSpotFiles),
    ("hubspot.files", Files),
    ("hubspot.files.signed_url_cache", SignedUrlCache),
    ("hubspot.folders", Folders),
    ("hubspot.transfers", Transfers),
    ("task", Task),
]
ASYNC_PARTS: list[tuple[str, type]] = [
    ("hubspot", AsyncHubSpotFiles),
    ("hubspot.files", AsyncFiles),
    ("hubspot.files.signed_url_cache", AsyncSignedUrlCache),
    ("hubspot.folders", AsyncFolders),
    ("hubspot.transfers", AsyncTransfers),
    ("task", AsyncTask),
]
BEGINNING = {
    False: "from typing import Any\n"
    "from hubspot_files import HubSpotFiles, Task, File\n"
    "hubspot = HubSpotFiles()\n"
    "def program(task: Task[File], x: Any):\n",
    True: "from typing import Any\n"
    "from hubspot_files import AsyncHubSpotFiles, AsyncTask, File\n"
    "hubspot = AsyncHubSpotFiles()\n"
    "async def program(task: AsyncTask[File], x: Any):\n",
}
# The results that depend on an argument, and those of a generic class, by the names of their classes.
RESULTS = {"download": {"Path"}, "open": {"FileReader", "AsyncFileReader"}, "wait": {"File"}}

# Arguments that determine an overload.
VALUES = {"destination": "'cat.png'", "file": "'1'", "file_id": "'1'"}


class Case:
    """A call of an operation in a program of a user.

    Attributes:
        name: name of the operation.
        function: the operation.
        line: number of its line in the program, from 1.
        code: the line.
    """

    def __init__(self, name: str, function: Any, line: int, code: str) -> None:
        self.name = name
        self.function = function
        self.line = line
        self.code = code

    @property
    def in_method(self) -> int:
        """The column after the opening parenthesis of the call."""
        return self.code.index("(") + 1

    @property
    def results(self) -> set[str]:
        """Names of the classes of the result."""
        annotation = str(inspect.signature(self.function).return_annotation)
        names = {name.rpartition(".")[2] for name in re.sub(r"\[.*\]", "", annotation).split(" | ")}
        return RESULTS.get(self.name, {"NoneType" if name == "None" else name for name in names})


def program(*, asynchronous: bool) -> tuple[str, list[Case]]:
    """Return a program that calls every operation, and its calls."""
    code, cases = BEGINNING[asynchronous], list[Case]()
    for expression, kind in ASYNC_PARTS if asynchronous else PARTS:
        names = {name for base in kind.__mro__ for name, member in vars(base).items() if isinstance(member, Method)}
        for name in sorted(names):
            function = getattr(kind, name)
            waits = "await " if inspect.iscoroutinefunction(function) else ""
            required = [
                f"{parameter.name}={VALUES.get(parameter.name, 'x')}"
                for parameter in inspect.signature(function).parameters.values()
                if parameter.default is parameter.empty and parameter.name != "self"
            ]
            line = f"    r{len(cases)} = {waits}{expression}.{name}({', '.join(required)})"
            cases.append(Case(name, function, code.count("\n") + 1, line))
            code += f"{line}\n"
    assert len(cases) > 40
    return code, cases


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "asyncio"])
def test_jedi_shows_each_operation(asynchronous: bool) -> None:
    code, cases = program(asynchronous=asynchronous)
    script = jedi.Script(code)
    for case in cases:
        signatures = script.get_signatures(case.line, case.in_method)
        parameters = list(inspect.signature(case.function).parameters)[1:]
        assert signatures, case.code
        for signature in signatures:
            shown = [parameter.name for parameter in signature.params]
            assert shown == [name for name in parameters if name in shown], case.code
            assert inspect.getdoc(case.function) in signature.docstring(), case.code
        assert {parameter.name for signature in signatures for parameter in signature.params} == set(parameters)
        inferred = {name.name for name in script.infer(case.line, case.code.index("r"))}
        # jedi does not choose between the overloads of a coroutine function.
        if asynchronous and case.name in RESULTS:
            inferred &= case.results
        assert inferred, case.code
        assert inferred <= case.results, case.code


@pytest.mark.parametrize(("client", "waits"), [("HubSpotFiles", ""), ("AsyncHubSpotFiles", "await ")])
def test_jedi_completes_the_attributes_of_a_file(client: str, waits: str) -> None:
    call = f"    ({waits}hubspot.files.upload('cat.png', folder_path='/'))."
    script = jedi.Script(f"from hubspot_files import {client}\nhubspot = {client}()\nasync def program():\n{call}")
    completed = {completion.name for completion in script.complete(4, len(call))}
    assert {"id", "path", "size", "url", "access", "full_name"} <= completed
    assert not {"close", "send", "throw"} & completed


@pytest.mark.parametrize("mode", ["", ", 'r'", ", 'wb'", ", mode='w'"])
def test_jedi_completes_the_attributes_of_an_open_file(mode: str) -> None:
    """jedi does not choose between overloads by the value of an argument."""
    code = f"{BEGINNING[False]}    with hubspot.files.open('/a.csv'{mode}) as opened:\n        opened."
    names = {completion.name for completion in jedi.Script(code).complete(6, len("        opened."))}
    assert {"file", "read", "close"} <= names
    assert ({"write", "discard"} <= names) is bool(mode)


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "asyncio"])
@pytest.mark.parametrize(
    ("search", "kind"),
    [("files.search()", "File"), ("files.walk('/')", "File"), ("folders.search()", "Folder")],
)
def test_jedi_shows_the_items_of_a_search(asynchronous: bool, search: str, kind: str) -> None:
    loop = f"{'async ' * asynchronous}for item in hubspot.{search}"
    code = f"{BEGINNING[asynchronous]}    {loop}:\n        item\n    items = [item {loop}]\n    items[0]"
    script = jedi.Script(code)
    assert [name.name for name in script.infer(6, len("        i"))] == [kind]
    assert [name.name for name in script.infer(8, len("    items[0]"))] == [kind]


class LanguageServer:
    """The language server of pyright, in a process of its own."""

    def __init__(self, folder: Path) -> None:
        command = [str(Path(sys.executable).with_name("basedpyright-langserver")), "--stdio"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
        self._count = 0
        capabilities = {
            "textDocument": {"hover": {"contentFormat": ["plaintext"]}},
            "workspace": {"configuration": True},
        }
        folders = [{"uri": folder.as_uri(), "name": "program"}]
        self.request("initialize", processId=None, capabilities=capabilities, workspaceFolders=folders)
        self.notify("initialized")

    def close(self) -> None:
        self.request("shutdown")
        self.notify("exit")
        self._process.communicate(timeout=30)

    def notify(self, method: str, **parameters: Any) -> None:
        self._send({"method": method, "params": parameters})

    def request(self, method: str, **parameters: Any) -> Any:
        """Send a request, serve the requests of the server meanwhile, and return the result."""
        self._count += 1
        self._send({"id": self._count, "method": method, "params": parameters})
        while True:
            message = self._receive()
            if "method" not in message and message["id"] == self._count:
                return message["result"]
            if message.get("method") == "workspace/configuration":
                settings = {"pythonPath": sys.executable, "analysis": {"typeCheckingMode": "off"}}
                self._send({"id": message["id"], "result": [settings for _ in message["params"]["items"]]})
            elif "method" in message and "id" in message:
                self._send({"id": message["id"], "result": None})

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _receive(self) -> Any:
        stream = self._process.stdout
        assert stream is not None
        size = 0
        while line := stream.readline().strip():
            if line.lower().startswith(b"content-length:"):
                size = int(line.split(b":")[1])
        assert size, "the language server has ended"
        return json.loads(stream.read(size))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    server = LanguageServer(tmp_path_factory.mktemp("editor"))
    yield server
    server.close()


def opened(server: LanguageServer, name: str, code: str) -> dict[str, str]:
    """Open a document in the editor."""
    document = {"uri": f"file:///{name}.py"}
    server.notify("textDocument/didOpen", textDocument={**document, "languageId": "python", "version": 1, "text": code})
    return document


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "asyncio"])
def test_pyright_shows_each_operation(server: LanguageServer, asynchronous: bool) -> None:
    code, cases = program(asynchronous=asynchronous)
    document = opened(server, f"program_{asynchronous}", code)
    for case in cases:
        position = {"line": case.line - 1, "character": case.in_method - 2}
        hover = server.request("textDocument/hover", textDocument=document, position=position)
        text = hover["contents"]["value"]
        assert inspect.getdoc(case.function).splitlines()[0] in text, case.code
        # Only the parameters of the overload that is called are shown.
        for name in ["file", "mode"] if case.name == "open" else list(inspect.signature(case.function).parameters)[1:]:
            assert f"{name}:" in text, case.code
        position = {"line": case.line - 1, "character": case.code.index("r")}
        result = server.request("textDocument/hover", textDocument=document, position=position)["contents"]["value"]
        names = {"None" if name == "NoneType" else name for name in case.results}
        assert any(re.search(rf"\b{name}\b", result) for name in names), (case.code, result)
        assert not re.search(r"Flow|Generator|Unknown", result), (case.code, result)


def test_pyright_completes_values(server: LanguageServer) -> None:
    for number, (call, expected) in enumerate(
        (
            ("hubspot.files.upload(b'', access=\"PRI", "PRIVATE"),
            ('hubspot.files.signed_url(1, size="th', "thumb"),
            ('hubspot.files.search(sort="-cre', "-created_at"),
            ('hubspot.files.search(type="I', "IMG"),
            ('hubspot.files.download(1, "a", if_exists="num', "number"),
            ('DuplicateCheck("RE', "REJECT"),
        )
    ):
        code = f"from hubspot_files import DuplicateCheck, HubSpotFiles\nhubspot = HubSpotFiles()\n{call}"
        document = opened(server, f"values_{number}", f'{code}")')
        position = {"line": 2, "character": len(call)}
        result = server.request("textDocument/completion", textDocument=document, position=position)
        items = result["items"] if isinstance(result, dict) else result
        assert expected in {item["label"].strip("\"'") for item in items}, call
