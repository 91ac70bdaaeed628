"""The template patches at work: requests on the wire, responses, no secret in a representation."""

from __future__ import annotations

import asyncio
import copy
import datetime
import inspect
import io
import json
import pickle
import re
import subprocess
import sys
import uuid
from collections.abc import Callable
from typing import Any, get_type_hints

import httpx
import pytest
from small_api import Generated

from generator.layout import PACKAGE, Layout


def answering(
    client: Generated, answer: httpx.Response | Callable[[httpx.Request], httpx.Response]
) -> tuple[Any, list[httpx.Request]]:
    """Return a low-level client that gets one answer to everything, and the requests that it sends."""
    sent: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        request.read()
        sent.append(request)
        return answer(request) if callable(answer) else answer

    low_level = client.module().AuthenticatedClient(base_url="https://api.test", token="secret")
    http = httpx.Client(base_url="https://api.test", transport=httpx.MockTransport(handler))
    return low_level.set_httpx_client(http), sent


def upload(client: Generated, content: bytes = b"content", **fields: Any) -> httpx.Request:
    low_level, sent = answering(client, httpx.Response(200, json={"id": "1"}))
    file = client.module("types").File(payload=io.BytesIO(content), file_name="a.bin", mime_type="x/y")
    options = client.Options(color=client.Color.RED)
    body = client.Upload(file=file, options=options, **fields)
    answer = client.endpoint("upload_thing").sync(client=low_level, body=body)
    assert answer.id == "1"
    return sent[0]


def parts(request: httpx.Request) -> list[tuple[dict[str, str], bytes]]:
    """Cut a multipart body at the boundary that its header names."""
    match = re.fullmatch(r"multipart/form-data; boundary=(\S+)", request.headers["content-type"])
    assert match
    pieces = request.content.split(b"--" + match[1].encode())
    assert pieces[0] == b""
    assert pieces[-1] == b"--\r\n"
    found = []
    for piece in pieces[1:-1]:
        head, _, body = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        found.append((headers, body.removesuffix(b"\r\n")))
    return found


class TestMultipart:
    def test_each_request_has_a_boundary_of_its_own(self, client: Generated) -> None:
        boundaries = {upload(client).headers["content-type"] for _ in range(3)}
        assert len(boundaries) == 3

    def test_a_file_cannot_add_parts(self, client: Generated) -> None:
        hostile = (
            b'\r\n--+++\r\nContent-Disposition: form-data; name="options"\r\n\r\n{"color":"dark-blue"}\r\n--+++--\r\n'
        )
        sent = parts(upload(client, hostile))
        assert [body for _, body in sent] == [hostile, b'{"color": "RED"}']

    def test_only_the_file_has_a_content_type(self, client: Generated) -> None:
        sent = parts(upload(client, folder_path="/a", loud=False, color=client.Color.DARK_BLUE))
        assert sent == [
            (
                {
                    "Content-Disposition": 'form-data; name="file"; filename="a.bin"',
                    "Content-Type": "x/y",
                },
                b"content",
            ),
            ({"Content-Disposition": 'form-data; name="options"'}, b'{"color": "RED"}'),
            ({"Content-Disposition": 'form-data; name="color"'}, b"dark-blue"),
            ({"Content-Disposition": 'form-data; name="folderPath"'}, b"/a"),
            ({"Content-Disposition": 'form-data; name="loud"'}, b"false"),
        ]

    def test_none_is_not_sent_as_a_part(self, client: Generated) -> None:
        assert len(parts(upload(client, folder_path=None, loud=None))) == 2


class TestEnumerations:
    def test_described_values_are_ordinary_members(self, client: Generated) -> None:
        color = client.Color
        assert color("RED") is color.RED
        assert color.RED.is_known
        assert repr(color.RED) == "<Color.RED: 'RED'>"
        assert [member.value for member in color] == ["dark-blue", "RED", "UNSET"]

    def test_unknown_values_are_members_that_are_not_known(self, client: Generated) -> None:
        new = client.Color("BRAND_NEW")
        assert issubclass(client.Color, str)
        assert type(new) is client.Color
        assert (new.value, str(new), f"{new}", new.name) == ("BRAND_NEW",) * 4
        assert new == "BRAND_NEW"
        assert new == client.Color("BRAND_NEW")
        assert new != client.Color.RED
        assert {new: 1}["BRAND_NEW"] == 1
        assert not new.is_known
        assert repr(new) == "Color('BRAND_NEW')"
        assert json.dumps(new) == '"BRAND_NEW"'

    def test_unknown_values_are_not_kept(self, client: Generated) -> None:
        for number in range(3):
            client.Color(f"NEW_{number}")
        assert not client.Color("NEW_0").is_known
        assert len(client.Color) == 3

    def test_a_value_that_is_the_name_of_another_member_is_unknown(self, client: Generated) -> None:
        assert not client.Color("DARK_BLUE").is_known

    @pytest.mark.parametrize("value", ["RED", "BRAND_NEW", "line\nend", ""])
    def test_copies_and_pickles_are_the_same(self, client: Generated, value: str) -> None:
        member = client.Color(value)
        copies = [copy.copy(member), copy.deepcopy(member)]
        copies += [pickle.loads(pickle.dumps(member, protocol)) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
        for other in copies:
            assert type(other) is client.Color
            assert other == member
            assert other.is_known == member.is_known

    @pytest.mark.parametrize("value", [None, 1, b"RED", ["RED"]])
    def test_only_strings_are_values(self, client: Generated, value: object) -> None:
        with pytest.raises(ValueError, match="is not a valid Color"):
            client.Color(value)

    def test_an_unknown_value_survives_a_response_and_a_request(self, client: Generated) -> None:
        thing = client.Thing.from_dict({"id": "1", "color": "NEW", "colors": ["NEW", "RED"]})
        assert not thing.color.is_known
        assert thing.to_dict() == {"id": "1", "color": "NEW", "colors": ["NEW", "RED"]}


class TestAbsence:
    def test_nothing_of_the_sentinel_is_left(self, client: Generated, checkout: Layout) -> None:
        paths = sorted((checkout.target / PACKAGE).rglob("*.py"))
        # The data of the inputs name the members of enumerations.
        text = "\n".join(path.read_text() for path in paths if path.name != "inputs.py")
        lines = [line for line in text.splitlines() if "unset" in line.lower()]
        # One member of an enumeration and one default value bear its name, and both came through whole.
        assert sorted({line.strip() for line in lines}) == [
            'UNSET = "UNSET"',
            "note (str | None):  Default: 'Unset = UNSET | Unset'.",
        ]

    def test_fields_are_keywords_with_none(self, client: Generated) -> None:
        signature = inspect.signature(client.Thing)
        assert {parameter.kind for parameter in signature.parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
        defaults = {name: parameter.default for name, parameter in signature.parameters.items()}
        assert defaults.pop("id") is inspect.Parameter.empty
        assert set(defaults.values()) == {None}
        assert get_type_hints(client.Options)["overwrite"] == bool | None
        assert client.Thing(id="1").to_dict() == {"id": "1"}

    def test_null_and_absent_parse_alike(self, client: Generated) -> None:
        names = ["color", "colors", "parent", "madeAt", "madeOn", "key", "size", "either", "note"]
        absent = client.Thing.from_dict({"id": "1"})
        null = client.Thing.from_dict({"id": "1", **dict.fromkeys(names)})
        assert null == absent == client.Thing(id="1")

    def test_values_are_read_as_far_as_possible(self, client: Generated) -> None:
        read = client.Thing.from_dict
        thing = read({"id": 7, "colors": "RED", "parent": {"id": 8, "color": []}, "color": 5})
        assert (thing.id, thing.color.value, thing.parent.id, thing.parent.color) == ("7", "5", "8", None)
        assert (thing.colors, thing["colors"], thing.parent["color"]) == (None, "RED", [])
        for source, reason in (
            ({}, "it lacks 'id'"),
            ({"id": None}, "id is null, not a string"),
            ({"id": "1", "parent": {}}, "it lacks 'parent.id'"),
            ({"id": "1", "parent": "2"}, "parent is a string, not an object"),
            ([], "it is a list, not an object"),
        ):
            with pytest.raises(ValueError, match=f"^{reason}$"):
                read(source)

    def test_the_inputs_are_data(self, client: Generated) -> None:
        inputs = client.module("inputs").INPUTS
        assert inputs["searchThings"]["params"]["limit"] == {"type": "integer"}
        assert inputs["uploadThing"]["form"]["options"]["properties"]["overwrite"] == {"type": "boolean"}
        # A thing holds a thing.
        held = inputs["updateThing"]["json"]["parent"]["properties"]["parent"]
        assert held == {"type": "object"}

    def test_every_field_of_a_response_is_kept(self, client: Generated) -> None:
        source: dict[str, Any] = {
            "id": "1",
            "color": "RED",
            "colors": ["RED", "dark-blue"],
            "parent": {"id": "2"},
            "madeAt": "2024-01-02T03:04:05+00:00",
            "madeOn": "2024-01-02",
            "key": "12345678-1234-5678-1234-567812345678",
            "size": 3,
            "either": 4,
            "note": "n",
            "new": {"kept": True},
        }
        thing = client.Thing.from_dict(source)
        assert thing.made_at == datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
        assert thing.made_on == datetime.date(2024, 1, 2)
        assert thing.key == uuid.UUID(source["key"])
        assert thing.parent == client.Thing(id="2")
        assert thing.to_dict() == source

    def test_parameters_that_are_none_are_not_sent(self, client: Generated) -> None:
        search = client.endpoint("search_things")
        signature = inspect.signature(search._get_kwargs)
        assert {parameter.default for parameter in signature.parameters.values()} == {None}
        assert signature.parameters["limit"].annotation == int | None
        assert signature.parameters["ids"].annotation == list[str] | None
        assert search._get_kwargs() == {"method": "get", "url": "/files/v3/things/search", "params": {}}
        everything = search._get_kwargs(
            name="n",
            limit=0,
            exact=False,
            ids=["1", "2"],
            colors=[client.Color.RED, client.Color("NEW")],
            made_after=datetime.datetime(2024, 1, 2, tzinfo=datetime.UTC),
            color=client.Color.DARK_BLUE,
        )
        assert everything["params"] == {
            "name": "n",
            "limit": 0,
            "exact": False,
            "ids": ["1", "2"],
            "colors": ["RED", "NEW"],
            "madeAfter": "2024-01-02T00:00:00+00:00",
            "color": "dark-blue",
        }

    def test_a_body_that_may_be_left_out(self, client: Generated) -> None:
        update = client.endpoint("update_thing")
        assert inspect.signature(update._get_kwargs).parameters["body"].default is None
        assert "json" not in update._get_kwargs("1")
        assert update._get_kwargs("1", body=client.Thing(id="1", note=None))["json"] == {"id": "1"}

    def test_descriptions_and_defaults_are_documented(self, client: Generated) -> None:
        documentation = inspect.getdoc(client.endpoint("search_things").sync)
        assert documentation is not None
        assert "name (str | None): What name is for." in documentation
        assert "limit (int | None): What limit is for. Default: 10." in documentation
        assert "overwrite (bool | None):  Default: False." in (client.Options.__doc__ or "")


class TestPaths:
    def test_the_pattern_decides_about_slashes(self, client: Generated) -> None:
        by_path = client.endpoint("get_thing_by_path")._get_kwargs
        assert by_path("a b/ü?/c#d%2F.png")["url"] == "/files/v3/things/a%20b/%C3%BC%3F/c%23d%252F.png"
        by_id = client.endpoint("get_thing")._get_kwargs
        assert by_id("a/b")["url"] == "/files/v3/things/a%2Fb"

    @pytest.mark.parametrize("value", ["", "/", "//", ".", "..", "a/..", "../a", "a/./b", "/.."])
    def test_a_path_that_would_be_another_is_refused(self, client: Generated, value: str) -> None:
        with pytest.raises(ValueError, match="cannot stand in a path"):
            client.endpoint("get_thing_by_path")._get_kwargs(value)

    @pytest.mark.parametrize("value", ["", ".", ".."])
    def test_an_id_that_would_be_another_path_is_refused(self, client: Generated, value: str) -> None:
        with pytest.raises(ValueError, match="cannot stand in a path"):
            client.endpoint("get_thing")._get_kwargs(value)

    @pytest.mark.parametrize("value", ["...", ".a", "a..", "a/...", ".a/b"])
    def test_dots_in_names_are_fine(self, client: Generated, value: str) -> None:
        assert client.endpoint("get_thing_by_path")._get_kwargs(value)["url"] == f"/files/v3/things/{value}"


class TestClients:
    @pytest.mark.parametrize("kind", ["Client", "AuthenticatedClient"])
    def test_no_secret_is_shown(self, client: Generated, kind: str) -> None:
        token = {"token": "s3cret"} if kind == "AuthenticatedClient" else {}
        low_level = getattr(client.module(), kind)(
            base_url="https://api.test",
            headers={"X-Key": "s3cret"},
            cookies={"session": "s3cret"},
            httpx_args={"auth": ("user", "s3cret")},
            **token,
        )
        low_level.get_httpx_client()
        assert "s3cret" not in repr(low_level)
        assert "https://api.test" in repr(low_level)

    def test_the_token_is_sent_all_the_same(self, client: Generated) -> None:
        low_level = client.module().AuthenticatedClient(base_url="https://api.test", token="s3cret")
        assert low_level.get_httpx_client().headers["authorization"] == "Bearer s3cret"

    def test_the_token_stays_out_of_the_callers_headers(self, client: Generated) -> None:
        headers = {"X-A": "1"}
        low_level = client.module().AuthenticatedClient(base_url="https://api.test", token="s", headers=headers)
        sent = low_level.get_httpx_client().headers
        assert (sent["x-a"], sent["authorization"], headers) == ("1", "Bearer s", {"X-A": "1"})

    def test_a_changed_copy_leaves_the_original_alone(self, client: Generated) -> None:
        original = client.module().Client(base_url="https://api.test")
        http = original.get_httpx_client()
        asynchronous = original.get_async_httpx_client()
        other = original.with_headers({"X-A": "1"}).with_cookies({"b": "2"}).with_timeout(httpx.Timeout(3.0))
        for connection in (http, asynchronous):
            assert "x-a" not in connection.headers
            assert not connection.cookies
            assert connection.timeout == httpx.Timeout(60.0)
        assert other.get_httpx_client() is not http
        assert other.get_httpx_client().headers["x-a"] == "1"
        assert other.get_httpx_client().cookies["b"] == "2"
        assert other.get_httpx_client().timeout == httpx.Timeout(3.0)

    def test_waiting_for_ever_has_to_be_asked_for(self, client: Generated) -> None:
        make = client.module().Client
        assert make(base_url="https://api.test").get_httpx_client().timeout == httpx.Timeout(60.0)
        assert make(base_url="https://api.test", timeout=None).get_httpx_client().timeout == httpx.Timeout(None)

    def test_operations_want_the_token(self, client: Generated) -> None:
        annotation = inspect.signature(client.endpoint("get_thing").sync).parameters["client"].annotation
        assert annotation is client.module().AuthenticatedClient


class TestAnswers:
    @pytest.mark.parametrize("status", [400, 404, 477, 502, 521])
    def test_every_status_is_an_integer(self, client: Generated, status: int) -> None:
        low_level, _ = answering(client, httpx.Response(status, json={"message": "no"}))
        response = client.endpoint("get_thing").sync_detailed("1", client=low_level)
        assert response.status_code == status
        assert type(response.status_code) is int
        assert response.parsed == client.Error(message="no")

    @pytest.mark.parametrize("body", [b"<html>Bad Gateway</html>", b"", b"[]", b"null", b'"x"', b"{}", b"\xff"])
    def test_an_error_of_any_form_can_be_looked_at(self, client: Generated, body: bytes) -> None:
        low_level, _ = answering(client, httpx.Response(502, content=body))
        response = client.endpoint("get_thing").sync_detailed("1", client=low_level)
        assert (response.status_code, response.parsed, response.content) == (502, None, body)

    def test_a_success_that_cannot_be_read_is_not_hidden(self, client: Generated) -> None:
        low_level, _ = answering(client, httpx.Response(200, content=b"<html>"))
        with pytest.raises(ValueError, match="Expecting value"):
            client.endpoint("get_thing").sync_detailed("1", client=low_level)

    def test_a_download_has_its_bytes(self, client: Generated) -> None:
        content = bytes(range(256))
        low_level, _ = answering(client, httpx.Response(200, content=content))
        response = client.endpoint("download_thing").sync_detailed("1", client=low_level)
        assert response.content == content
        assert response.parsed.payload.read() == content

    def test_the_asynchronous_functions_return_the_same(self, client: Generated) -> None:
        low_level = client.module().AuthenticatedClient(base_url="https://api.test", token="t")
        transport = httpx.MockTransport(lambda request: httpx.Response(521, text="no"))
        low_level.set_async_httpx_client(httpx.AsyncClient(base_url="https://api.test", transport=transport))
        response = asyncio.run(client.endpoint("get_thing").asyncio_detailed("1", client=low_level))
        assert (response.status_code, response.parsed) == (521, None)


class TestPackage:
    def test_it_names_the_command_that_wrote_it(self, client: Generated) -> None:
        documentation = client.module().__doc__ or ""
        assert "Generated from openapi/files-v3.yaml by `python -m generator regenerate`" in documentation

    def test_it_is_typed(self, checkout: Layout) -> None:
        assert (checkout.target / PACKAGE / "py.typed").read_bytes() == b""

    def test_models_are_imported_when_asked_for(self, checkout: Layout) -> None:
        program = (
            "import sys; sys.path.insert(0, sys.argv[1]); import hubspot_files_api.models as models; "
            "loaded = lambda: sorted(n for n in sys.modules if n.startswith(models.__name__ + '.')); "
            "assert loaded() == [], loaded(); models.Color; "
            "assert loaded() == ['hubspot_files_api.models.color'], loaded(); "
            "from hubspot_files_api.models import *; assert Thing is models.Thing"
        )
        command = [sys.executable, "-I", "-B", "-c", program, str(checkout.target)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")

    def test_a_model_that_is_not_there_is_an_attribute_error(self, client: Generated) -> None:
        with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
            _ = client.Nothing
