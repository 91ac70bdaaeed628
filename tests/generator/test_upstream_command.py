"""The upstream command: its exit status, its JSON object, the input it refuses and the URLs it fetches."""

from __future__ import annotations

import argparse
import gzip
import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from published_api import PREFIX, as_yaml, changed, published, query, schema

from generator import __main__
from generator import reading as limits
from generator.contracts import lockfile
from generator.contracts.comparison import changes
from generator.contracts.extraction import contract
from generator.contracts.lockfile import LockedContract
from generator.errors import PipelineError
from generator.layout import HERE, Layout
from generator.upstream import command
from generator.upstream import published as reading


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A checkout that is reconciled with the small description of 2026-01-02."""
    layout = Layout(tmp_path / "checkout")
    layout.locks.mkdir(parents=True)
    lockfile.write(layout.lock("v3"), LockedContract("2026-01-02", "0" * 64, contract(published())))
    return layout


def written(folder: Path, document: object, name: str = "published.json") -> Path:
    path = folder / name
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def run(layout: Layout, *arguments: object) -> tuple[int, list[str]]:
    """Run the command on a checkout and return its status and what it printed."""
    parser = argparse.ArgumentParser()
    command.add_command(parser.add_subparsers())
    options = parser.parse_args(["upstream", *map(str, arguments)])
    output: list[str] = []
    return command.run(options, layout, echo=output.append), output


def answered(layout: Layout, *arguments: object) -> tuple[int, dict[str, Any]]:
    status, output = run(layout, *arguments, "--json")
    assert len(output) == 1
    answer: dict[str, Any] = json.loads(output[0])
    return status, answer


def test_nothing_changed(layout: Layout, tmp_path: Path) -> None:
    path = written(tmp_path, published())
    assert run(layout, path) == (0, ["Nothing changed."])
    assert answered(layout, path) == (
        0,
        {"unusable": None, "events": [], "version": "v3", "followed": True, "against": "v3", "missing": []},
    )


def test_changes_are_a_table_or_an_object(layout: Layout, tmp_path: Path) -> None:
    layout.description.write_text(
        json.dumps({"openapi": "3.0.3", "paths": {f"{PREFIX}/search": {"get": {"summary": "Search files"}}}})
    )

    def change(document: dict[str, Any]) -> None:
        query(document, "id").update(name="ids")
        schema(document, "File")["properties"]["md5"] = {"type": "string"}

    path = written(tmp_path, changed(change))
    status, output = run(layout, path)
    assert status == 1
    assert output == [
        "1 breaking, 2 additive",
        "",
        "Breaking",
        f"  Search files (GET {PREFIX}/search)",
        "    query parameter `id` is gone, `ids` is new",
        "",
        "Additive",
        f"  Search files (GET {PREFIX}/search)",
        "    query parameter `ids` is new, perhaps in place of `id`",
        "  schema File, answers of 4 operations",
        "    property `md5` is new",
    ]
    status, answer = answered(layout, path)
    assert status == 1
    assert answer["unusable"] is None
    assert answer["events"][0] == {
        "class": "breaking",
        "where": f"Search files (GET {PREFIX}/search)",
        "what": "query parameter `id` is gone, `ids` is new",
        "operations": [f"GET {PREFIX}/search"],
    }
    assert len(answer["events"][2]["operations"]) == 4


def test_two_documents_are_compared_whatever_is_locked(layout: Layout, tmp_path: Path) -> None:
    layout.lock("v3").unlink()
    old = written(tmp_path, published(), "old.json")
    new = written(tmp_path, changed(lambda d: d["paths"].pop(PREFIX)), "new.json")
    assert answered(layout, new, "--against", old)[1]["events"][0]["class"] == "breaking"
    assert answered(layout, old, "--against", new)[1]["events"][0]["class"] == "additive"
    assert run(layout, old, "--against", old)[0] == 0


def test_accepting_locks(layout: Layout, tmp_path: Path) -> None:
    path = written(tmp_path, changed(lambda d: d["paths"].pop(PREFIX)), "20260203-1200.json")
    status, answer = answered(layout, path, "--accept")
    assert (status, answer["locked"]) == (0, "2026-02-03")
    assert [event["what"] for event in answer["events"]] == ["the operation is gone"]
    assert answered(layout, path)[1]["events"] == []
    assert lockfile.read(layout.lock("v3")).revision == "2026-02-03"

    run(layout, path, "--accept", "--revision", "2026-02-04")
    assert lockfile.read(layout.lock("v3")).revision == "2026-02-04"
    before = layout.lock("v3").read_bytes()
    run(layout, path, "--accept", "--revision", "2026-02-04")
    assert layout.lock("v3").read_bytes() == before


def test_applied_changes_are_in_the_json_object(layout: Layout, tmp_path: Path) -> None:
    layout.description.write_text(as_yaml(published()))
    layout.divergences.write_text('{"divergences": []}')

    def change(document: dict[str, Any]) -> None:
        schema(document, "File")["properties"]["md5"] = {"type": "string"}
        query(document, "id").update(schema={"type": "string"})

    path = written(tmp_path, changed(change))
    status, answer = answered(layout, path, "--apply")
    assert status == 1
    assert answer["applied"] == ["schema File, answers of 4 operations: property `md5` is new"]
    [left] = answer["left"]
    assert left.startswith(f"breaking: GET {PREFIX}/search: query parameter `id` is string, was integer (int64)")
    status, output = run(layout, path, "--apply")
    assert status == 1
    assert output[-4:-1] == [
        "Nothing to write into openapi/files-v3.yaml.",
        "",
        "Left to do by hand, so that ours says what is published:",
    ]
    assert output[-1] == f"  1. {left}"

    layout.divergences.unlink()
    status, answer = answered(layout, path, "--apply")
    assert status == 1
    assert "divergences.yaml cannot be used: it cannot be read" in answer["failed"]


@pytest.mark.parametrize("day", ["today", "2026-02-30", "2026", "1999-01-01"])
def test_a_revision_is_a_day(layout: Layout, tmp_path: Path, day: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(layout, written(tmp_path, published()), "--accept", "--revision", day)
    assert f"invalid day value: '{day}'" in capsys.readouterr().err


def test_the_first_contract_is_accepted_without_an_older_one(layout: Layout, tmp_path: Path) -> None:
    layout.lock("v3").unlink()
    path = written(tmp_path, published())
    status, answer = answered(layout, path)
    assert status == 2
    assert "published holds no lock" in answer["unusable"]
    assert answered(layout, path, "--accept", "--revision", "2026-02-03")[0] == 0
    assert run(layout, path)[0] == 0


def test_the_lock_holds_no_word_of_the_document(layout: Layout, tmp_path: Path) -> None:
    document = published()
    document["info"]["description"] = "prose"
    for node in (schema(document, "File"), query(document, "id"), document["paths"][PREFIX]["post"]):
        node.update(description="prose", summary="prose", title="prose", example="prose")
    run(layout, written(tmp_path, document), "--accept")
    assert "prose" not in layout.lock("v3").read_text()


@pytest.mark.parametrize("damage", ['{"revision": "2026"', "{}", "[]", '{"revision": "x", "sha256": "y"}'])
def test_a_damaged_lock_is_refused(layout: Layout, tmp_path: Path, damage: str) -> None:
    layout.lock("v3").write_text(damage)
    with pytest.raises(PipelineError, match=r"v3\.json is damaged"):
        lockfile.read(layout.lock("v3"))


OTHER_API = {"openapi": "3.0.1", "paths": {"/crm/v3/objects/contacts": {"get": {"responses": {}}}}}


def growing(document: dict[str, Any]) -> None:
    """Have a rule refer ten times to what refers ten times to something, and so on."""
    schemas = document["components"]["schemas"]
    for number in range(9):
        schemas[f"A{number}"] = {"anyOf": [{"$ref": f"#/components/schemas/A{number + 1}"}] * 10}
    schemas["A9"] = {"type": "string"}
    schemas["File"]["not"] = {"$ref": "#/components/schemas/A0"}


def chained(document: dict[str, Any], length: int) -> None:
    """Have a property refer to a schema whose property refers to another, and so on."""
    schemas = document["components"]["schemas"]
    for number in range(length):
        schemas[f"C{number}"] = {"properties": {"next": {"$ref": f"#/components/schemas/C{number + 1}"}}}
    schemas[f"C{length}"] = {"type": "string"}
    schemas["File"]["properties"]["chain"] = {"$ref": "#/components/schemas/C0"}


UNUSABLE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "it is empty"),
    "blank": (b" \n\xef\xbb\xbf", "it is empty"),
    "page": (b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>", "a page of HTML or XML"),
    "text": (b"Service Unavailable", "a str stands where a mapping should"),
    "other text": (b"404: Not Found", "no OpenAPI 3 document: openapi is missing"),
    "binary": (bytes(range(128, 256)), "it is not text in UTF-8"),
    "cut": (json.dumps(published()).encode()[:500], "it is not JSON or YAML: "),
    "cut list": (b'["abc", ' * 5, "it is not JSON or YAML: Expecting value"),
    "key that is twice": (b'{"openapi": "3.0.1", "a": {"b": 1, "b": 2}}', "the key 'b' stands twice in one mapping"),
    "no number": (b'{"openapi": "3.0.1", "a": NaN}', "it holds the number NaN"),
    "no number in YAML": (b"a: [-.inf]", "line 1, /a: it holds the number -.inf"),
    "number without end": (b'{"openapi": "3.0.1", "a": 1e999}', "it holds the number 1e999"),
    "number of thousands of digits": (b"a: 0x" + b"F" * 5000, "it holds a number of more than 1,000 digits"),
    "number of thousands of digits in JSON": (b'{"a": ' + b"1" * 5000 + b"}", "a number of more than 1,000 digits"),
    "long YAML": (b"a: " + b"b" * 500_000, "it is YAML of more than 500,000 characters"),
    "levels": (b'{"a":' * 900 + b"1" + b"}" * 900, "more than 100 values stand within one another"),
    "levels of YAML": (b"a: " + b"[" * 900 + b"]" * 900, "more than 100 values stand within one another"),
    "levels of aliases": (
        b"a0: &a0 [1]\n" + b"".join(b"a%d: &a%d [*a%d]\n" % (n, n, n - 1) for n in range(1, 200)),
        "more than 100 values stand within one another",
    ),
    "huge list": (b'{"a": [' + b"0," * 200_000 + b"0]}", "it holds more than 200,000 values"),
    "merge keys": (b"a: &a {b: 1}\nc: {<<: *a}\n", "the merge key << is not read"),
    "escape": (b'{"a": "\x1b[31m"}', "it is not JSON or YAML: Invalid control character"),
    "choices": (
        json.dumps(
            changed(
                lambda d: schema(d, "File")["properties"].update(
                    many={"oneOf": [{"type": "string", "maxLength": n} for n in range(1, 300)]}
                )
            )
        ).encode(),
        "a schema has more than 200 choices",
    ),
    "chain": (
        json.dumps(changed(lambda d: chained(d, 300))).encode(),
        "more than 100 schemas stand within one another",
    ),
    "chain of references": (
        json.dumps(
            changed(
                lambda d: [
                    d["components"]["schemas"].update(
                        {f"R{n}": {"$ref": f"#/components/schemas/R{n + 1}"} for n in range(300)}
                    ),
                    schema(d, "File")["properties"].update(far={"$ref": "#/components/schemas/R0"}),
                ]
            )
        ).encode(),
        "more than 100 schemas stand within one another",
    ),
    "aliases": (
        b"a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]\n"
        + b"".join(b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 10)),
        "it holds more than 200,000 values, aliases written out",
    ),
    "alias to itself": (b"a: &a [*a]", "or the value holds itself through an alias"),
    "status": (json.dumps(published()).replace('"200"', '"{x}"').encode(), "a response has the status '{x}'"),
    "item that is far away": (
        json.dumps(published()).replace("#/components/schemas/File", f"#/servers/{'9' * 1000}").encode(),
        "leads nowhere",
    ),
    "rule that grows": (json.dumps(changed(growing)).encode(), "its rules hold more than 20,000 values"),
    "neither": (b"a: [1, }", "it is not JSON or YAML: "),
    "code": (b"!!python/object/apply:os.system ['true']", "apply:os.system' is not read"),
    "nested": (b"[" * 100_000, "nested too deeply"),
    "number": (b"1" * 10_000, "it holds a number of more than 1,000 digits"),
    "list": (b"[]", "a list stands where a mapping should"),
    "null": (b"null", "a NoneType stands where a mapping should"),
    "error": (b'{"status": "error", "message": "no"}', "openapi is missing"),
    "swagger": (b'{"swagger": "2.0", "paths": {}}', "it is Swagger 2.0"),
    "version": (b'{"openapi": "4.0.0", "paths": {}}', "openapi is '4.0.0'"),
    "no paths": (b'{"openapi": "3.0.1"}', "it has no paths"),
    "empty paths": (b'{"openapi": "3.0.1", "paths": {}}', "it has no operation of this API"),
    "another API": (json.dumps(OTHER_API).encode(), "it has no operation of this API"),
    "dangling": (
        json.dumps(changed(lambda d: d["components"]["schemas"].pop("File"))).encode(),
        "$ref '#/components/schemas/File' leads nowhere",
    ),
    "elsewhere": (
        json.dumps(published()).replace("#/components/schemas/File", "other.json#/File").encode(),
        "leads out of it",
    ),
}


@pytest.mark.parametrize(("data", "reason"), UNUSABLE.values(), ids=UNUSABLE)
def test_unusable_input_is_refused_with_the_reason(
    layout: Layout, tmp_path: Path, data: bytes, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "published"
    path.write_bytes(data)
    before = layout.lock("v3").read_bytes()
    for arguments in ([path], [path, "--accept"], [written(tmp_path, published()), "--against", path]):
        status, answer = answered(layout, *arguments)
        assert status == 2
        assert reason in answer["unusable"]
        assert " cannot be used: " in answer["unusable"]
        assert answer["events"] == []
        assert reason in capsys.readouterr().err
    assert run(layout, path) == (2, [])
    assert layout.lock("v3").read_bytes() == before


def test_an_unreadable_source_is_refused(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "No such file" in answered(layout, tmp_path / "nothing.json")[1]["unusable"]
    assert "Is a directory" in answered(layout, tmp_path)[1]["unusable"]
    assert "it cannot be read" in answered(layout, "a\0b")[1]["unusable"]
    os.mkfifo(tmp_path / "pipe")
    assert "it is neither a file nor a URL" in answered(layout, tmp_path / "pipe")[1]["unusable"]
    monkeypatch.setattr(limits, "MAX_BYTES", 100)
    assert "more than 100 bytes" in answered(layout, written(tmp_path, published()))[1]["unusable"]


def test_yaml_and_other_encodings_are_read(layout: Layout, tmp_path: Path) -> None:
    from io import StringIO

    from ruamel.yaml import YAML

    stream = StringIO()
    document = published()
    document["info"]["x-date"] = "DATE"
    YAML(typ="safe", pure=True).dump(document, stream)
    # What YAML makes a date or a number of says nothing here, or what JSON has it say.
    text = stream.getvalue().replace("DATE", "2026-01-02").replace("'201'", "201")
    assert "201:" in text
    assert run(layout, written(tmp_path, text, "published.yaml")) == (0, ["Nothing changed."])
    for encoding in ("utf-8-sig", "utf-16"):
        path = tmp_path / encoding
        path.write_bytes(json.dumps(published()).encode(encoding))
        assert run(layout, path) == (0, ["Nothing changed."])


def test_yaml_that_shares_is_read_and_that_circles_is_refused(layout: Layout, tmp_path: Path) -> None:
    shared = """
openapi: 3.0.1
paths:
  /files/v3/files:
    get:
      responses:
        '200': &answer {description: Done., content: {application/json: {schema: {type: string}}}}
        '201': *answer
"""
    path = written(tmp_path, shared, "shared.yaml")
    assert run(layout, path, "--against", path) == (0, ["Nothing changed."])
    endless = shared.replace("{type: string}", "&endless {properties: {a: *endless}}")
    status, answer = answered(layout, written(tmp_path, endless, "endless.yaml"))
    assert status == 2
    assert "holds itself through an alias" in answer["unusable"]


Handler = Callable[[http.server.BaseHTTPRequestHandler], None]


@pytest.fixture
def serve() -> Iterator[Callable[[dict[str, Handler]], str]]:
    """Give a function that serves paths on this machine and returns the URL before them."""
    servers = []

    def start(paths: dict[str, Handler]) -> str:
        class Serving(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                paths[self.path](self)

            def log_message(self, *_arguments: object) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Serving)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def sends(body: bytes, status: int = 200, **headers: str) -> Handler:
    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return answer


def test_a_url_is_fetched(layout: Layout, serve: Callable[[dict[str, Handler]], str]) -> None:
    data = json.dumps(published()).encode()
    url = serve(
        {
            "/plain": sends(data),
            "/packed": sends(gzip.compress(data), Content_Encoding="gzip"),
            "/moved": sends(b"", 302, Location="/plain"),
            "/away": sends(b"", 302, Location="http://example.com/published.json"),
            "/circle": sends(b"", 302, Location="/circle"),
            "/missing": sends(b"<html>", 404),
            "/empty": sends(b""),
        }
    )
    for path in ("/plain", "/packed", "/moved"):
        assert run(layout, url + path) == (0, ["Nothing changed."])
    for path, reason in {
        "/away": "http://example.com is not fetched",
        "/circle": "redirects more than 5 times",
        "/missing": "the server answers 404",
        "/empty": "it is empty",
    }.items():
        status, answer = answered(layout, url + path)
        assert status == 2
        assert reason in answer["unusable"]


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/a.json",
        "ftp://localhost/a",
        "file:///etc/hosts",
        "http://[::1",
        "://",
        "http://127.0.0.1.example.com/",
    ],
)
def test_other_urls_are_not_fetched(layout: Layout, url: str) -> None:
    status, answer = answered(layout, url)
    assert status == 2
    assert "is not fetched" in answer["unusable"] or "is no URL" in answer["unusable"]


def test_a_server_cannot_keep_the_command_busy(
    layout: Layout, serve: Callable[[dict[str, Handler]], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()

    def drip(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        while not stop.wait(0.02):
            try:
                request.wfile.write(b" " * 100)
            except OSError:
                return

    def drip_head(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.flush_headers()
        while not stop.wait(0.02):
            try:
                request.wfile.write(b"X: 1\r\n")
            except OSError:
                return

    url = serve({"/drip": drip, "/head": drip_head})
    with monkeypatch.context() as patched:
        patched.setattr(reading, "_MAX_SECONDS", 0.1)
        assert "it takes more than 0.1 s to fetch it" in answered(layout, f"{url}/drip")[1]["unusable"]
        assert "it takes more than 0.1 s to fetch it" in answered(layout, f"{url}/head")[1]["unusable"]
    monkeypatch.setattr(limits, "MAX_BYTES", 500)
    assert "it has more than 500 bytes" in answered(layout, f"{url}/drip")[1]["unusable"]
    stop.set()
    unbound = f"{url.rpartition(':')[0]}:1/"
    assert "it cannot be fetched" in answered(layout, unbound)[1]["unusable"]


def test_the_process_prints_one_object_and_nothing_else(tmp_path: Path) -> None:
    old = written(tmp_path, published(), "old.json")
    new = written(tmp_path, changed(lambda d: query(d, "name").update(name="名")), "new.json")
    for path, status in ((new, 1), (old, 0), (written(tmp_path, "", "empty"), 2)):
        done = subprocess.run(
            [sys.executable, "-m", "generator", "upstream", str(path), "--against", str(old), "--json"],
            cwd=HERE.parent,
            env={"PYTHONIOENCODING": "ascii", "PATH": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stderr
        assert json.loads(done.stdout)["unusable"] is None or status == 2
        assert "Traceback" not in done.stderr


def test_a_name_that_the_terminal_cannot_show_does_not_stop_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = written(tmp_path, published(), "old.json")
    new = written(tmp_path, changed(lambda d: query(d, "name").update(name="\ud800")), "new.json")
    assert __main__.main(["upstream", str(new), "--against", str(old)]) == 1
    assert "\\ud800" in capsys.readouterr().out


def places(node: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Go through the keys that lead to each value of a document."""
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in entries:
        yield (*above, key)
        yield from places(value, (*above, key))


WEIRD: list[Any] = [
    *(None, True, False, -1, 1.5, "", "x", [], {}, [None], [{}], float("nan")),
    *({"$ref": target} for target in ("#", "#/", "#/paths", "#/components/schemas/File", "x.json")),
    *({"type": kind} for kind in ("null", [], ["string", 1, None], "file", 7)),
    *({"enum": values} for values in ([], [None], [1, 1.0, "1"], [[{}]])),
    *({key: choices} for key in ("allOf", "anyOf", "oneOf") for choices in ([], [{}], [None], [{"$ref": "#/paths"}])),
    {"anyOf": [{"$ref": "#/components/schemas/FileUpdate"}, {"$ref": "#/components/schemas/File"}, {"type": "null"}]},
    {"allOf": [{"$ref": "#/components/schemas/File"}, {"$ref": "#/components/schemas/FileUpdate"}], "nullable": True},
    {"not": {"$ref": "#/components/schemas/File"}},
    {"properties": {"a": False}, "required": ["b", 1]},
]
ALL_PLACES = list(places(published()))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    damage=st.lists(st.tuples(st.sampled_from(ALL_PLACES), st.sampled_from(WEIRD)), min_size=1, max_size=3),
    version=st.sampled_from(["3.0.1", "3.1.0"]),
)
def test_a_weird_document_is_read_or_refused(damage: list[tuple[tuple[Any, ...], Any]], version: str) -> None:
    document = published()
    document["openapi"] = version
    for place, value in damage:
        node: Any = document
        try:
            for key in place[:-1]:
                node = node[key]
            node[place[-1]] = json.loads(json.dumps(value))
        except (KeyError, IndexError, TypeError):
            # Earlier damage has taken the place away.
            continue
    try:
        weird = contract(document)
    except PipelineError:
        return
    assert list(changes(weird, contract(json.loads(json.dumps(document))))) == []
    there, back = list(changes(contract(published()), weird)), list(changes(weird, contract(published())))
    assert len(there) == len(back)
