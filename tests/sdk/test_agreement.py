"""The check that mocked responses agree with the emulator, tested with responses that do and do not."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import respx

from hubspot_files import HubSpotFiles

from .agreement import compare, in_default_version, operation, shapes, wrong_version
from .support import BASE_URL, FILE, FOLDER, TOKEN, versioned
from .test_files import LOCATOR, SIGNED


def exchange(method: str, path: str, status: int, body: Any = None, **sent: Any) -> list[str]:
    """Return the differences of a response to a request that the SDK could send."""
    request = httpx.Request(method, BASE_URL + path, headers={"authorization": f"Bearer {TOKEN}"}, **sent)
    request.read()
    content: dict[str, Any] = {} if body is None else {"json": body}
    return compare(request, httpx.Response(status, **content))


class TestSamples:
    @pytest.mark.parametrize(
        ("name", "sample", "without"),
        [
            # In HubSpot's description, but not in FILE, the documented sample; expiry is optional.
            ("getFile", FILE, {"fileMd5", "sourceGroup", "expiresAt"}),
            # The sample is in the root folder.
            ("getFolder", FOLDER, {"parentFolderId"}),
            ("getSignedUrl", SIGNED, set()),
            ("importFileFromUrl", LOCATOR, set()),
        ],
    )
    def test_have_every_field_of_the_emulator(self, name: str, sample: dict[str, Any], without: set[str]) -> None:
        assert shapes()[name].keys() - without == sample.keys()


class TestAgrees:
    @pytest.mark.parametrize(
        ("method", "path", "status", "body"),
        [
            ("GET", "/files/v3/files/1", 200, FILE),
            ("GET", "/files/v3/files/1", 200, {**FILE, "expiresAt": 1_900_000_000_000}),
            ("GET", "/files/v3/files/1", 404, {"message": "gone", "category": "OBJECT_NOT_FOUND"}),
            ("GET", "/files/v3/files/1", 429, {"policyName": "DAILY", "errorType": "RATE_LIMIT"}),
            ("GET", "/files/v3/files/1/signed-url", 200, SIGNED),
            ("GET", "/files/v3/folders/a/b", 200, FOLDER),
            ("DELETE", "/files/v3/files/1", 204, None),
            ("DELETE", "/files/v3/files/1", 503, None),
            ("GET", "/files/v3/files/search?limit=1", 200, {"results": [FILE], "paging": {"next": {"after": "1"}}}),
        ],
    )
    def test_response_of_the_emulator(self, method: str, path: str, status: int, body: Any) -> None:
        assert exchange(method, path, status, body) == []

    def test_response_of_no_api(self) -> None:
        assert operation(httpx.Request("GET", "https://storage.example.net/cat.png")) is None
        assert operation(httpx.Request("GET", f"{BASE_URL}/crm/v3/objects")) is None
        assert exchange("GET", "/crm/v3/objects", 200, {"anything": 1}) == []


class TestDisagrees:
    @pytest.mark.parametrize(
        ("method", "path", "status", "body", "expected"),
        [
            ("GET", "/files/v3/files/1", 200, {**FILE, "colour": "red"}, "colour is in no answer of the emulator's"),
            ("GET", "/files/v3/files/1", 200, {**FILE, "size": "1"}, "size is a string, in the emulator's answer int"),
            ("GET", "/files/v3/files/1", 200, {**FILE, "createdAt": "today"}, "createdAt is a string"),
            ("GET", "/files/v3/files/1", 201, FILE, "the emulator answers 200"),
            ("GET", "/files/v3/files/search", 200, {"results": [FOLDER, {"md5": ""}]}, "results[].md5 is in no"),
            ("GET", "/files/v3/files/search?limit=1000", 200, {"results": []}, "the emulator answers 400"),
            ("DELETE", "/files/v3/files/1", 200, {}, "the emulator answers 204"),
            (
                "GET",
                "/files/v3/files/1",
                403,
                {"message": ["no"]},
                "message is list, in the emulator's answer a string",
            ),
            ("GET", "/files/v3/files/stat/a", 200, {"file": {**FILE, "width": None, "wide": 1}}, "file.wide is in no"),
        ],
    )
    def test_changed_response(self, method: str, path: str, status: int, body: Any, expected: str) -> None:
        [line] = exchange(method, path, status, body)
        assert line.startswith(f"{method} {path.partition('?')[0]}: {status}: {expected}")

    def test_response_to_an_invalid_request(self) -> None:
        [line] = exchange("POST", "/files/v3/folders", 201, FOLDER, json={"name": "a", "parentFolderPath": "/b"})
        assert "the emulator answers 400" in line

    def test_fails_the_test(self, agreement: list[str], api: respx.MockRouter) -> None:
        """Read the differences that the fixture found, and clear them."""
        api.get("/files/v3/files/1").respond(200, json={**FILE, "id": 1})
        with HubSpotFiles(TOKEN) as hubspot:
            hubspot.files.get("1")
        assert agreement == [f"GET {versioned('/files/v3/files/1')}: 200: id is int, in the emulator's answer a string"]
        agreement.clear()


class TestVersion:
    @pytest.mark.parametrize(
        ("version", "path", "expected"),
        [
            ("2026-03", "/files/v3/files/1", ["GET /files/v3/files/1: the client's version is 2026-03"]),
            ("2026-03", "/files/v3/unknown", ["GET /files/v3/unknown: the client's version is 2026-03"]),
            ("2026-03", "/files/2026-03/files/1", []),
            # HubSpot's guide names this path, because 2026-03 has none.
            ("2026-03", "/files/v3/files/1/download", []),
            (
                "2026-09",
                "/files/v3/files/1/download",
                ["GET /files/v3/files/1/download: the client's version is 2026-09"],
            ),
            ("v3", "/files/v3/files/1", []),
            ("2026-03", "/filemanager/api/v3/files/1/signed-url", []),
        ],
    )
    def test_of_a_request(self, version: str, path: str, expected: list[str]) -> None:
        assert wrong_version(version, httpx.Request("GET", BASE_URL + path)) == expected

    def test_is_not_checked_on_other_hosts(self) -> None:
        assert wrong_version("2026-03", httpx.Request("GET", "https://storage.example.net/files/v3/a")) == []

    def test_does_not_change_the_rest_of_a_request(self) -> None:
        sent = httpx.Request(
            "PATCH",
            f"{BASE_URL}/files/2026-03/files/stat/a%2Fb%20c?limit=1&limit=2",
            headers={"x-a": "1"},
            json={"a": 1},
            extensions={"timeout": {"read": 1}},
        )
        changed = in_default_version("2026-03", sent)
        assert str(changed.url) == f"{BASE_URL}/files/v3/files/stat/a%2Fb%20c?limit=1&limit=2"
        assert (changed.method, changed.content, changed.headers.raw) == (sent.method, sent.content, sent.headers.raw)
        assert changed.extensions == {"timeout": {"read": 1}}
        assert in_default_version("2026-09", sent) is sent

    @pytest.mark.parametrize(
        ("version", "body", "expected"),
        [("v3", {"name": "a"}, 0), ("2026-03", {"name": "a"}, 1), ("2026-03", {"name": "a", "clearExpires": False}, 0)],
    )
    def test_of_the_emulator_is_that_of_the_request(self, version: str, body: dict[str, Any], expected: int) -> None:
        assert len(exchange("PATCH", f"/files/{version}/files/1", 200, FILE, json=body)) == expected
