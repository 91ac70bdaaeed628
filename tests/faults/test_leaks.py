"""Secrets are planted, every operation meets every fault, and all output is searched for the secrets."""

from __future__ import annotations

import base64
import contextlib
import copy
import json
import logging
import pickle
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import anyio
import httpx
import pytest

from hubspot_files import (
    ArgumentValueError,
    AsyncHubSpotFiles,
    BadRequestError,
    DownloadCorruptedError,
    FileMissingError,
    HubSpotFiles,
    HubSpotFilesError,
    OutcomeUnknownError,
    PermissionDeniedError,
    SignedUrl,
    SignedUrlExpiredError,
    SourceChangedError,
    UnexpectedResponseError,
)
from hubspot_files_api.api.files import get_file, get_signed_url
from hubspot_files_api.api.folders import create_folder
from hubspot_files_api.models import FolderCreate

from .faults import FAULTS, Fault
from .loopback import COOKIE, SIGNATURE, Loopback
from .operations import OPERATIONS, Operation
from .support import CONTENT, Outcome, Program, Work, World, run_async, run_sync

CLIENTS = ("sync", "asyncio")


class Output(logging.Handler):
    """All output: logs, errors, reprs and arguments of callbacks, as texts, each with its source."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.texts: list[tuple[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.note(f"log of {record.name}", record.getMessage(), record.msg, record.args, vars(record))
        if record.exc_info and record.exc_info[1] is not None:
            self.note_error(record.exc_info[1])

    def note(self, source: str, *things: object) -> None:
        """Record objects as text: strings unchanged, others by their repr."""
        self.texts += [(source, thing if isinstance(thing, str) else repr(thing)) for thing in things]

    def note_error(self, error: BaseException) -> None:
        """Record an error and its causes: messages, attributes, frames with variables, pickles."""
        visited: list[BaseException] = []
        rest: list[BaseException | None] = [error]
        while rest:
            link = rest.pop()
            if link is None or link in visited:
                continue
            visited.append(link)
            name = f"{type(link).__name__} in the chain of {type(error).__name__}"
            self.note(name, str(link), repr(link), f"{link}", link.args, vars(link))
            for held in vars(link).values():
                self.note_exchange(f"{name}", held)
            for duplicate in (copy.copy, copy.deepcopy):
                with contextlib.suppress(Exception):
                    self.note(f"copy of {name}", vars(duplicate(link)))
            formatted = traceback.TracebackException.from_exception(link, capture_locals=True)
            self.note(f"traceback of {name}", "".join(formatted.format()))
            with contextlib.suppress(Exception):
                self.note(f"pickle of {name}", pickled(link))
            rest += [link.__cause__, link.__context__]

    def note_exchange(self, name: str, held: Any) -> None:
        """Record the request and response held by an error or returned by hubspot.api."""
        if isinstance(held, httpx.Request):
            self.note(f"request of {name}", str(held.url), held.headers.raw)
        elif isinstance(held, httpx.Response):
            self.note(f"response of {name}", held, held.headers.raw if held.is_error else "", pickled(held.request))
            self.note(f"response of {name}", held.content if held.is_error else "")
            for request in (held.request, held.next_request):
                if request is not None:
                    self.note(f"request of {name}", request.headers.raw)
            assert held.history == []
        elif isinstance(held, httpx.Headers):
            self.note(f"headers of {name}", held.raw)

    def note_client(self, hubspot: Any) -> None:
        """Record the reprs of a client, its resources and their attributes."""
        files = hubspot.files
        components = [
            hubspot,
            hubspot._driver,
            hubspot._driver.connections,
            files,
            hubspot.folders,
            files.signed_url_cache,
        ]
        for component in components:
            self.note(f"repr of {type(component).__name__}", repr(component), str(component), vars(component))
        self.note("settings", hubspot._settings, hubspot._settings._asdict())
        for slot in files.signed_url_cache._slots.values():
            self.note("cached signed URL", slot, vars(slot))
        for pager in (files.search(), hubspot.folders.search()):
            self.note("pager", pager, vars(pager), pager._query, vars(pager._query))
        stream = files.stream("1")
        self.note("stream", stream, vars(stream))
        stream._flow.close()

    def note_result(self, result: Any) -> None:
        """Record the result of an operation. Only the attribute `url` of a signed URL may reveal its secret."""
        self.note("result", result)
        if isinstance(result, httpx.Response):
            self.note_exchange("a result", result)
        elif isinstance(result, SignedUrl):
            slots = [name for name in SignedUrl.__slots__ if name != "url"]
            self.note("signed URL", {name: getattr(result, name) for name in slots})
            with pytest.raises(TypeError):
                pickle.dumps(result)
        elif hasattr(result, "__dict__"):
            self.note("attributes of the result", vars(result))


def pickled(thing: object) -> str:
    return pickle.dumps(thing).decode("latin-1")


@pytest.fixture
def output(capfd: pytest.CaptureFixture[str]) -> Iterator[Output]:
    """Record every logger at DEBUG."""
    handler = Output()
    loggers = [logging.getLogger(name) for name in ("", "hubspot_files", "httpx", "httpcore", "asyncio")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    loggers[0].addHandler(handler)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        yield handler
    loggers[0].removeHandler(handler)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)
    assert [str(warning.message) for warning in warned] == []


def forms_of(secret: str) -> set[str]:
    """Return the lower-case forms of a secret: plain, escaped for a URL, and within base64."""
    encoded = [base64.b64encode(b"\0" * offset + secret.encode())[4:-4].decode() for offset in range(3)]
    return {text.lower() for text in (secret, quote(secret, safe=""), *encoded)}


class Scene:
    """An account behind real sockets or an httpx client of the caller, and all output.

    Attributes:
        world: the account.
        tokens: every token that was used.
        planted: signatures of URLs that tests put in unexpected places.
    """

    def __init__(self, world: World, output: Output, loopback: Loopback | None) -> None:
        self.world = world
        self.output = output
        self.loopback = loopback
        self.tokens = {world.emulator.token}
        self.planted: set[str] = set()

    def provider(self) -> str:
        """Return a new token; a token provider for either client."""
        token = self.world.emulator.add_token()
        self.tokens.add(token)
        return token

    def run(self, backend: str, work: Work, **options: Any) -> Outcome:
        """Run an operation, and record its output."""

        def watched(hubspot: Any, world: World) -> Program:
            listening = hubspot.with_options(
                on_response=lambda info: self.output.note("on_response", info, info._asdict())
            )
            try:
                result = yield from work(listening, world)
                self.output.note_result(result)
                return result
            finally:
                self.output.note_client(listening)

        world, token = self.world, self.world.emulator.token
        options = {
            "access_token": token,
            "base_url": world.emulator.base_url,
            "timeout": httpx.Timeout(0.3, connect=5),
            **options,
        }
        if backend != "sync":
            wire = None if self.loopback else world.wire
            outcome = anyio.run(
                run_async, watched, world, wire, options, backend=backend, backend_options={"debug": True}
            )
        else:
            if self.loopback is None:
                options["http_client"] = httpx.Client(transport=world.wire)
            outcome = run_sync(watched, world, options)
        if outcome.error is not None:
            self.output.note_error(outcome.error)
        return outcome

    def signatures(self) -> set[str]:
        """Return the signatures of the signed URLs that were issued."""
        if self.loopback is not None:
            return self.loopback.signatures | self.planted
        queries = [f"signature={request.query.get('signature')}" for request in self.world.emulator.requests]
        return self.planted | set(SIGNATURE.findall(" ".join([*queries, *self.world.wire.urls])))

    def check(self, capfd: pytest.CaptureFixture[str]) -> None:
        """Check that no output holds a secret, and that each host received only its own."""
        out, err = capfd.readouterr()
        self.output.note("output", out, err)
        secrets = self.tokens | self.signatures()
        texts = {(source, text.lower()) for source, text in self.output.texts}
        found = {
            (source, text[max(0, text.index(form) - 200) : text.index(form) + 20])
            for form in {form for secret in secrets for form in forms_of(secret)}
            for source, text in texts
            if form in text
        }
        assert not found
        for storage, text in self.loopback.arrived if self.loopback else ():
            assert COOKIE not in text
            if storage:
                assert "authorization:" not in text.lower()
                assert "cookie:" not in text.lower()
                assert not [token for token in self.tokens if token in text]
            else:
                assert not [signature for signature in self.signatures() if signature in text]


@pytest.fixture(scope="module")
def servers() -> Iterator[Loopback]:
    loopback = Loopback()
    yield loopback
    loopback.close()


@pytest.fixture
def sockets(directory: Path, output: Output, servers: Loopback, sleeps: list[float]) -> Iterator[Scene]:
    """Use our own connections, over real sockets."""
    world = World(directory, base_url=servers.base_url, storage_url=servers.storage_url)
    servers.reset(world.emulator)
    yield Scene(world, output, servers)
    servers.reset(None)
    world.emulator.close()


@pytest.fixture
def caller(directory: Path, output: Output, sleeps: list[float]) -> Iterator[Scene]:
    """Use an httpx client of the caller."""
    world = World(directory)
    world.wire.echoes = True
    yield Scene(world, output, None)
    world.emulator.close()


def by_name(names: set[str]) -> list[Fault]:
    """Return each fault once, preferably the one that always occurs, since it is raised."""
    chosen = {fault.name: fault for fault in FAULTS}
    return [fault for name, fault in chosen.items() if not names or name in names]


REPRESENTATIVE = [
    operation
    for operation in OPERATIONS
    if operation.name
    in (
        "upload",
        "upload, pipe",
        "replace",
        "delete",
        "signed_url_cache.get",
        "download, signing",
        "download, content",
        "download, sensitive",
        "stream, content",
        "read, sensitive",
        "import_from_url",
        "import task wait",
        "folders.create",
    )
]
ON_SOCKETS = by_name(
    {
        "reset after the effect",
        "disconnect before the effect",
        "truncated reply after the effect",
        "429 DAILY",
        "502 of a gateway, in HTML",
        "401 with a token provider",
        "403",
        "307 to another host",
        "200 and half a record after the effect",
    }
)


def run(scene: Scene, operation: Operation, fault: Fault | None, backend: str) -> Outcome:
    if operation.prepare is not None:
        operation.prepare(scene.world)
    options: dict[str, Any] = {}
    if fault is not None:
        fault.inject(scene.world, operation)
        if fault.refreshable:
            options["access_token"] = scene.provider
    return scene.run(backend, operation.work, **options)


@pytest.mark.promise(
    "The token is sent to `base_url` only, which must be https or this machine; the storage host never receives it.",
    "Neither the token nor a signed URL is in logs (those of httpx and httpcore for these requests "
    "included), reprs, errors, tracebacks with variables, or pickles.",
)
@pytest.mark.parametrize("backend", CLIENTS)
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_success_on_sockets(
    operation: Operation, backend: str, sockets: Scene, capfd: pytest.CaptureFixture[str]
) -> None:
    outcome = run(sockets, operation, None, backend)
    assert outcome.error is None
    assert operation.right(sockets.world, outcome.result)
    assert len(sockets.loopback.arrived) == 1 + len(operation.before) + len(operation.after)
    assert {source for source, _ in sockets.output.texts} > {"log of httpcore.http11", "log of hubspot_files"}
    sockets.check(capfd)


@pytest.mark.promise(
    "Neither the token nor a signed URL is in logs (those of httpx and httpcore for these requests "
    "included), reprs, errors, tracebacks with variables, or pickles."
)
@pytest.mark.parametrize("backend", CLIENTS)
@pytest.mark.parametrize("fault", ON_SOCKETS, ids=str)
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_failure_on_sockets(
    operation: Operation, fault: Fault, backend: str, sockets: Scene, capfd: pytest.CaptureFixture[str]
) -> None:
    run(sockets, operation, fault, backend)
    assert sockets.loopback.arrived
    sockets.check(capfd)


@pytest.mark.promise(
    "Neither the token nor a signed URL is in logs (those of httpx and httpcore for these requests "
    "included), reprs, errors, tracebacks with variables, or pickles."
)
@pytest.mark.parametrize("backend", CLIENTS)
@pytest.mark.parametrize("fault", by_name(set()), ids=str)
@pytest.mark.parametrize("operation", REPRESENTATIVE, ids=str)
def test_failure_on_a_client_of_the_caller(
    operation: Operation, fault: Fault, backend: str, caller: Scene, capfd: pytest.CaptureFixture[str]
) -> None:
    run(caller, operation, fault, backend)
    assert caller.world.wire.sent
    caller.check(capfd)


class Case(NamedTuple):
    """Another failure with a secret at hand.

    Attributes:
        name: its name.
        error: the class that is raised, or None.
        work: the call.
        prepare: sets up the emulator, which knows the secrets.
    """

    name: str
    error: type[BaseException] | None
    work: Work
    prepare: Callable[[Scene], object] = lambda scene: None

    def __str__(self) -> str:
        return self.name


def fetch(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.read(world.cat.id))


def fetch_secret(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.read(world.secret.id))


def fetch_path(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.read("/library/cat.bin"))


def import_file(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.import_from_url("https://a.test/a", folder_path="/in"))


def sign(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.signed_url(world.cat.id))


def sign_from_cache(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.signed_url_cache.get(world.cat.id))


def get(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.get(world.cat.id))


def ask_for_download(hubspot: Any, world: World) -> Program:
    return (yield hubspot.request("GET", f"/files/v3/files/{world.secret.id}/download"))


def ask_for_signed_url(hubspot: Any, world: World) -> Program:
    return (yield hubspot.request("GET", f"/files/v3/files/{world.cat.id}/signed-url"))


def fetch_secret_with_a_failing_callback(hubspot: Any, world: World) -> Program:
    def fail_at_the_redirect(info: Any) -> None:
        if info.operation == "downloadFile":
            broken()

    return (yield hubspot.with_options(on_response=fail_at_the_redirect).files.read(world.secret.id))


def hooked(work: Work) -> Work:
    """Run the call with a hook of the caller's client that raises for the status, as hooks often do."""

    def check(response: httpx.Response) -> None:
        response.read()
        response.raise_for_status()

    async def check_async(response: httpx.Response) -> None:
        await response.aread()
        response.raise_for_status()

    def watched(hubspot: Any, world: World) -> Program:
        client = hubspot._driver.connections.client
        hook = check_async if isinstance(client, httpx.AsyncClient) else check
        client.event_hooks = {"response": [hook]}
        return (yield from work(hubspot, world))

    return watched


def generated_call(module: Any, *args: str, **options: Any) -> Work:
    """Call an operation of the generated client through hubspot.api."""

    def work(hubspot: Any, world: World) -> Program:
        ids = [world.cat.id if argument == "cat" else argument for argument in args]
        asynchronous = isinstance(hubspot, AsyncHubSpotFiles)
        response = yield (module.asyncio_detailed if asynchronous else module.sync_detailed)(
            *ids, client=hubspot.api, **options
        )
        # The caller requested the body and the headers of a success.
        return (response, response.headers.multi_items()) if response.status_code >= 400 else response.status_code

    return work


def api_request(method: str, path: str, **options: Any) -> Work:
    """Send a request with the httpx client of hubspot.api, and raise for its status."""

    def work(hubspot: Any, world: World) -> Program:
        api, target = hubspot.api, path.format(cat=world.cat.id, secret=world.secret.id)
        client = api.get_async_httpx_client() if isinstance(hubspot, AsyncHubSpotFiles) else api.get_httpx_client()
        response = yield client.request(method, target, **options)
        # httpx shows the location of a redirect, which the caller requested.
        return response if response.is_redirect else response.raise_for_status()

    return work


GENERATED = [
    Operation("api, get_file", "read", "getFile", generated_call(get_file, "cat"), lambda world, result: result == 200),
    Operation(
        "api, get_signed_url",
        "read",
        "getSignedUrl",
        generated_call(get_signed_url, "cat"),
        lambda world, result: result == 200,
    ),
    Operation(
        "api, create_folder",
        "raw-create",
        "createFolder",
        generated_call(create_folder, body=FolderCreate(name="cats", parent_path="/library")),
        lambda world, result: result == 201,
    ),
    Operation(
        "api, status of a file",
        "read",
        "getFile",
        api_request("GET", "/files/v3/files/{cat}"),
        lambda world, result: result.status_code == 200,
    ),
    Operation(
        "api, status of a signed URL",
        "read",
        "getSignedUrl",
        api_request("GET", "/files/v3/files/{cat}/signed-url"),
        lambda world, result: result.status_code == 200,
    ),
    Operation(
        "api, status of a folder",
        "raw-create",
        "createFolder",
        api_request("POST", "/files/v3/folders", json={"name": "cats", "parentPath": "/library"}),
        lambda world, result: result.status_code == 201,
    ),
    Operation(
        "api, redirect",
        "read",
        "downloadFile",
        api_request("GET", "/files/v3/files/{secret}/download"),
        lambda world, result: result.status_code == 302,
    ),
]


def upload_with_progress(hubspot: Any, world: World) -> Program:
    calls: list[tuple[int, int, int]] = []
    yield hubspot.files.upload(
        CONTENT, name="a.bin", folder_path="/in", on_progress=lambda *progress: calls.append(progress)
    )
    assert {type(number) for progress in calls for number in progress} == {int}
    assert calls[-1] == (len(CONTENT), len(CONTENT), 1)
    return calls


def upload_with_broken_progress(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.upload(CONTENT, name="a.bin", folder_path="/in", on_progress=broken))


def upload_a_shrinking_file(hubspot: Any, world: World) -> Program:
    source = world.directory.parent / "shrinks.bin"
    source.write_bytes(CONTENT)

    def cut(sent: int, size: int, attempt: int) -> None:
        with open(source, "r+b") as stream:
            stream.truncate(sent)

    return (yield hubspot.files.upload(source, folder_path="/in", on_progress=cut))


def save_to_a_full_disk(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.download(world.cat.id, Broken()))


def save_to_no_directory(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.download(world.cat.id, world.directory / "none" / "cat.bin"))


def get_with_a_failing_callback(hubspot: Any, world: World) -> Program:
    return (yield hubspot.with_options(on_response=broken).files.signed_url(world.cat.id))


def fetch_with_other_token(token: Callable[[World], Any]) -> Work:
    def work(hubspot: Any, world: World) -> Program:
        return (yield hubspot.with_options(access_token=lambda: token(world)).files.get(world.cat.id))

    return work


def change_options(**options: Any) -> Work:
    def work(hubspot: Any, world: World) -> Program:
        yield from ()
        return hubspot.with_options(**options)

    return work


def pickle_it(hubspot: Any, world: World) -> Program:
    yield from ()
    return pickle.dumps(hubspot)


def broken(*_: object) -> None:
    raise RuntimeError("a callback that fails")


class Broken:
    def write(self, data: bytes) -> int:
        raise OSError(28, "No space left on device")


def signed_url(scene: Scene) -> str:
    """Return a signed URL of the API, for planting in responses."""
    emulator = scene.world.emulator
    with httpx.Client(transport=emulator.transport, base_url=emulator.base_url) as api:
        api.headers["authorization"] = f"Bearer {emulator.token}"
        url = api.get(f"/files/v3/files/{scene.world.cat.id}/signed-url").json()["url"]
    scene.planted.update(SIGNATURE.findall(url))
    emulator.requests.clear()
    return str(url)


def respond_with(
    operation: str, make: Callable[[Scene], bytes], status: int = 200, **headers: Callable[[Scene], str]
) -> Any:
    """Make an operation respond with a secret."""

    def prepare(scene: Scene) -> None:
        rendered_headers = {name.replace("_", "-"): value(scene) for name, value in headers.items()}
        scene.world.emulator.fail(
            operation=operation, status=status, count=None, body=make(scene), headers=rendered_headers
        )

    return prepare


def error_body(text: Callable[[Scene], str]) -> Callable[[Scene], bytes]:
    """Return an error like HubSpot's, with a secret in its messages."""
    return lambda scene: json.dumps(
        {
            "status": "error",
            "message": text(scene),
            "errors": [{"message": text(scene), "context": {"a": [text(scene)]}}],
        }
    ).encode()


def token_of(scene: Scene) -> str:
    return scene.world.emulator.token


def relative(scene: Scene) -> str:
    return signed_url(scene).removeprefix(scene.world.emulator.storage_url)


def nothing(scene: Scene) -> bytes:
    return b""


CASES = [
    Case("progress", None, upload_with_progress),
    Case(
        "a signed URL without its end",
        UnexpectedResponseError,
        sign,
        respond_with("getSignedUrl", lambda scene: json.dumps({"url": signed_url(scene)}).encode()),
    ),
    Case(
        "a signed URL whose end is no time",
        UnexpectedResponseError,
        sign_from_cache,
        respond_with(
            "getSignedUrl",
            lambda scene: json.dumps({"url": signed_url(scene), "expiresAt": signed_url(scene)}).encode(),
        ),
    ),
    Case(
        "a signed URL whose end is in no calendar",
        UnexpectedResponseError,
        sign,
        respond_with(
            "getSignedUrl", lambda scene: json.dumps({"url": signed_url(scene), "expiresAt": 10**30}).encode()
        ),
    ),
    Case(
        "half a signed URL",
        UnexpectedResponseError,
        fetch,
        respond_with("getSignedUrl", lambda scene: json.dumps({"url": signed_url(scene)}).encode()[:-1]),
    ),
    Case(
        "a signed URL in the place of a record",
        UnexpectedResponseError,
        get,
        respond_with("getFile", lambda scene: json.dumps(signed_url(scene)).encode()),
    ),
    Case(
        "a signed URL that is not https",
        HubSpotFilesError,
        fetch,
        respond_with(
            "getSignedUrl",
            lambda scene: json.dumps(
                {"url": signed_url(scene).replace(scene.world.emulator.storage_url, "http://a.test")}
            ).encode(),
        ),
    ),
    Case(
        "a signed URL that is none",
        HubSpotFilesError,
        fetch,
        respond_with("getSignedUrl", lambda scene: json.dumps({"url": "https://[" + signed_url(scene)}).encode()),
    ),
    Case("the API repeats the token", PermissionDeniedError, get, respond_with("getFile", error_body(token_of), 403)),
    Case(
        "the API repeats the token with the content",
        PermissionDeniedError,
        fetch_secret,
        respond_with("downloadFile", error_body(token_of), 403),
    ),
    Case(
        "the storage host repeats the URL",
        BadRequestError,
        fetch,
        respond_with("fetchContent", error_body(signed_url), 413),
    ),
    Case(
        "the storage host repeats the URL of a refusal",
        SignedUrlExpiredError,
        fetch,
        respond_with("fetchContent", error_body(signed_url), 403),
    ),
    Case(
        "the storage host repeats the URL in a header",
        BadRequestError,
        fetch,
        respond_with("fetchContent", nothing, 413, Location=signed_url),
    ),
    Case(
        "redirects without end",
        HubSpotFilesError,
        fetch,
        respond_with("fetchContent", nothing, 302, Location=signed_url),
    ),
    Case("redirects by path", HubSpotFilesError, fetch, respond_with("fetchContent", nothing, 307, Location=relative)),
    Case(
        "redirects to no URL",
        HubSpotFilesError,
        fetch_secret,
        respond_with("downloadFile", nothing, 302, Location=lambda scene: f"https://[{relative(scene)}"),
    ),
    Case(
        "redirects to http",
        HubSpotFilesError,
        fetch_secret,
        respond_with("downloadFile", nothing, 302, Location=lambda scene: f"http://a.test{relative(scene)}"),
    ),
    Case(
        "content in a coding",
        DownloadCorruptedError,
        fetch,
        respond_with("fetchContent", lambda scene: b"abc", 200, Content_Encoding=lambda scene: "gzip"),
    ),
    Case("an on_response that fails at a redirect", RuntimeError, fetch_secret_with_a_failing_callback),
    Case("a signed URL as it came", None, ask_for_signed_url),
    Case(
        "the API repeats the token for a path",
        FileMissingError,
        fetch_path,
        respond_with("statPath", error_body(token_of), 404),
    ),
    Case(
        "an id of a lost import that is the token",
        OutcomeUnknownError,
        import_file,
        respond_with("importFileFromUrl", nothing, 503, x_hubspot_correlation_id=token_of),
    ),
    Case("a redirect that the caller asked for", BadRequestError, ask_for_download),
    Case("a progress callback that fails", RuntimeError, upload_with_broken_progress),
    Case("a source that becomes shorter", SourceChangedError, upload_a_shrinking_file),
    Case("a full disk", OSError, save_to_a_full_disk),
    Case("no directory", FileNotFoundError, save_to_no_directory),
    Case("an on_response that fails", RuntimeError, get_with_a_failing_callback),
    Case("a provider that fails", RuntimeError, fetch_with_other_token(broken)),
    Case(
        "a provider with a line end",
        ArgumentValueError,
        fetch_with_other_token(lambda world: f"{world.emulator.token}\n"),
    ),
    Case("options that cannot be", ArgumentValueError, change_options(max_retries=-1)),
    Case("a pickled client", TypeError, pickle_it),
]


@pytest.mark.promise(
    "Neither the token nor a signed URL is in logs (those of httpx and httpcore for these requests "
    "included), reprs, errors, tracebacks with variables, or pickles."
)
@pytest.mark.parametrize("backend", CLIENTS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_case_on_sockets(case: Case, backend: str, sockets: Scene, capfd: pytest.CaptureFixture[str]) -> None:
    _check_case(case, backend, sockets, capfd)


@pytest.mark.parametrize("backend", CLIENTS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_case_on_a_client_of_the_caller(
    case: Case, backend: str, caller: Scene, capfd: pytest.CaptureFixture[str]
) -> None:
    _check_case(case, backend, caller, capfd)


def _check_case(case: Case, backend: str, scene: Scene, capfd: pytest.CaptureFixture[str]) -> None:
    case.prepare(scene)
    outcome = scene.run(backend, case.work)
    assert type(outcome.error) is (case.error or type(None)), repr(outcome.error)
    scene.check(capfd)


HOOKED = [
    Case(
        "content of the storage host",
        httpx.HTTPStatusError,
        hooked(fetch),
        respond_with("fetchContent", error_body(signed_url), 403),
    ),
    Case("a record", httpx.HTTPStatusError, hooked(get), respond_with("getFile", error_body(token_of), 403)),
    Case("a redirect", httpx.HTTPStatusError, hooked(fetch_secret)),
    Case(
        "the generated client",
        httpx.HTTPStatusError,
        hooked(generated_call(get_file, "cat")),
        respond_with("getFile", nothing, 500),
    ),
]


@pytest.mark.parametrize("backend", CLIENTS)
@pytest.mark.parametrize("case", HOOKED, ids=str)
def test_hook_of_a_client_of_the_caller(
    case: Case, backend: str, caller: Scene, capfd: pytest.CaptureFixture[str]
) -> None:
    _check_case(case, backend, caller, capfd)


@pytest.mark.parametrize("backend", CLIENTS)
@pytest.mark.parametrize("fault", [None, *by_name(set())], ids=str)
@pytest.mark.parametrize("operation", GENERATED, ids=str)
def test_generated_client_on_a_client_of_the_caller(
    operation: Operation, fault: Fault | None, backend: str, caller: Scene, capfd: pytest.CaptureFixture[str]
) -> None:
    outcome = run(caller, operation, fault, backend)
    assert caller.world.wire.sent
    assert fault or operation.right(caller.world, outcome.result)
    caller.check(capfd)


@pytest.mark.parametrize("backend", CLIENTS)
@pytest.mark.parametrize("fault", [None, *ON_SOCKETS], ids=str)
@pytest.mark.parametrize("operation", GENERATED, ids=str)
def test_generated_client_on_sockets(
    operation: Operation, fault: Fault | None, backend: str, sockets: Scene, capfd: pytest.CaptureFixture[str]
) -> None:
    outcome = run(sockets, operation, fault, backend)
    assert sockets.loopback.arrived
    assert fault or operation.right(sockets.world, outcome.result)
    sockets.check(capfd)


@pytest.mark.parametrize("kind", [HubSpotFiles, AsyncHubSpotFiles])
@pytest.mark.parametrize(
    ("token", "options", "error"),
    [
        ("{}\n", {}, ValueError),
        ("{} {}", {}, ValueError),
        ("{}", {"base_url": "http://a.test"}, ValueError),
        ("{}", {"base_url": "https://u:p@a.test"}, ValueError),
        ("{}", {"max_retries": -1}, ValueError),
        ("{}", {"http_client": "client"}, TypeError),
    ],
)
@pytest.mark.parametrize("environment", [False, True])
def test_a_client_with_invalid_options(
    kind: Any,
    token: str,
    options: dict[str, Any],
    error: type[Exception],
    environment: bool,
    output: Output,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secret = "pat-na1-marked"
    given = token.format(secret, secret)
    if environment:
        monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", given)
    with pytest.raises(error) as caught:
        kind(**options) if environment else kind(given, **options)
    # The first frame is this one, which knows the token.
    output.note_error(caught.value.with_traceback(caught.value.__traceback__.tb_next))
    assert [(source, text) for source, text in output.texts if secret in text] == []


@pytest.mark.parametrize("backend", CLIENTS)
@pytest.mark.parametrize("secret", [False, True], ids=["private", "sensitive"])
def test_settings_of_the_callers_client_are_sent_to_hubspot_only(
    secret: bool, backend: str, directory: Path, output: Output
) -> None:
    """The storage host receives no header, cookie or credential of the caller's client, nor cookies of HubSpot."""
    # A strict emulator would refuse the parameter.
    caller = Scene(World(directory, strict=False), output, None)

    def work(hubspot: Any, world: World) -> Program:
        client = hubspot._driver.connections.client
        client.headers["x-company"] = "marked"
        client.cookies.set("session", "marked")
        client.params = {"company": "marked"}
        client.auth = ("user", "marked")
        return (yield hubspot.files.read((world.secret if secret else world.cat).id))

    assert caller.run(backend, work).result == CONTENT
    *api, storage = caller.world.wire.sent
    assert all(
        sent.headers["cookie"] == "session=marked" and "marked" in sent.query for sent in api[: 1 if secret else 2]
    )
    assert storage.operation == "fetchContent"
    assert "marked" not in storage.query + str(storage.headers.raw)
    assert "authorization" not in storage.headers
    caller.world.emulator.close()


def test_the_search_finds_secrets(output: Output) -> None:
    """A secret in each of the places is found."""
    logging.getLogger("httpcore.http11").debug("marked %s", "args")
    hidden = "marked"
    request = httpx.Request("GET", "https://a.test/?signature=marked")
    try:
        try:
            raise httpx.ReadError("cut", request=request)
        except httpx.ReadError:
            raise ValueError(hidden[:3]) from None
    except ValueError as error:
        output.note_error(error)
    sources = {source for source, text in output.texts if "marked" in text}
    assert sources == {
        "log of httpcore.http11",
        "traceback of ValueError in the chain of ValueError",
        "traceback of ReadError in the chain of ValueError",
        "ReadError in the chain of ValueError",
        "request of ReadError in the chain of ValueError",
        "copy of ReadError in the chain of ValueError",
        "pickle of ReadError in the chain of ValueError",
    }
