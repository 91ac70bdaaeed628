"""The followed versions: the facts of each, how they are checked, and a version that is new."""

from __future__ import annotations

import asyncio
import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from published_api import PREFIX, as_yaml, changed, published, query, schema
from small_api import Generated, quick_build, small_description
from test_upstream_command import answered, run, written

from generator.contracts import lockfile, versions
from generator.contracts.extraction import contract
from generator.contracts.lockfile import LockedContract
from generator.contracts.model import version_order
from generator.contracts.versions import Facts, Followed, FollowedVersion, follow
from generator.errors import PipelineError
from generator.layout import CHECKOUT, LOCK, Layout
from generator.upstream import reconcile
from generator.writing import versions as writing

Json = dict[str, Any]
PATCH = f"{PREFIX}/{{fileId}}"


def dated(document: Json, version: str = "2026-03") -> Json:
    """Return a description with the paths of another version."""
    copied: Json = json.loads(json.dumps(document).replace("/files/v3/", f"/files/{version}/"))
    return copied


def followed(ours: Json, *others: Json, divergences: Json | None = None) -> Followed:
    """Return versions: ours published as it is, and others."""
    mine = contract(ours)
    locks = {found.version: LockedContract("2026-01-02", "0" * 64, found) for found in (mine, *map(contract, others))}
    entries = []
    for entry in (divergences or {}).get("divergences", []):
        entries.append(versions.Divergence((entry["where"],), (entry["what"],), "r", "e", tuple(entry["versions"])))
    return Followed(mine, follow(mine, locks, entries))


def facts_of(found: Followed, name: str = "2026-03") -> Facts:
    version = found.version(name)
    assert version is not None
    assert found.findings(version) == []
    return found.facts(version)


def without_get(document: Json) -> None:
    del document["paths"][PATCH]["get"]


def with_required(document: Json) -> None:
    schema(document, "FileUpdate")["required"] = ["name", "parentFolderId"]


def ours(change: Callable[[Json], object] = lambda _: None) -> Json:
    """Return our own description, with the operationIds and the extensions that the facts need."""

    def named(document: Json) -> None:
        document["paths"][PATCH]["get"]["operationId"] = "getFile"
        document["paths"][PATCH]["patch"]["operationId"] = "updateFile"
        document["paths"][f"{PREFIX}/search"]["get"]["operationId"] = "searchFiles"

    document = changed(named)
    change(document)
    return document


class TestFacts:
    def test_there_are_none_of_equal_versions(self) -> None:
        found = followed(ours(), dated(published()))
        assert [version.name for version in found.versions] == ["v3", "2026-03"]
        assert facts_of(found) == facts_of(found, "v3") == Facts()

    def test_an_operation_that_only_one_version_lacks_is_missing_there(self) -> None:
        found = followed(ours(), dated(changed(without_get)))
        assert facts_of(found) == Facts(missing=["getFile"])
        assert facts_of(found, "v3") == Facts()

    def test_an_input_that_only_one_version_requires_is_filled(self) -> None:
        def newer(document: Json) -> None:
            schema(document, "FileUpdate")["required"] = ["name", "access"]
            query(document, "name")["required"] = True

        def absent(document: Json) -> None:
            document["paths"][PATCH]["patch"]["x-absent-means"] = {"access": "PRIVATE"}
            document["paths"][f"{PREFIX}/search"]["get"]["x-absent-means"] = {"name": "*"}

        found = facts_of(followed(ours(absent), dated(changed(newer))))
        assert found.required == {
            "updateFile": {"json": {"access": "PRIVATE"}},
            "searchFiles": {"params": {"name": "*"}},
        }

    def test_the_value_of_an_absent_input_has_to_be_given(self) -> None:
        newer = changed(lambda document: query(document, "name").update(required=True))
        found = followed(ours(), dated(newer))
        with pytest.raises(PipelineError, match="2026-03: `name` of searchFiles is required; say what leaving it out"):
            facts_of(found)

    def test_an_input_that_only_one_version_lacks(self) -> None:
        def older(document: Json) -> None:
            document["paths"][f"{PREFIX}/search"]["get"]["parameters"].remove(query(document, "name"))
            del schema(document, "FileUpdate")["properties"]["access"]

        found = facts_of(followed(ours(), dated(changed(older))))
        assert found.lacking == {"searchFiles": {"params": ["name"]}, "updateFile": {"json": ["access"]}}

    def test_an_input_that_has_another_name_in_one_version(self) -> None:
        def newer(document: Json) -> None:
            query(document, "name").update(name="title")
            properties = schema(document, "FileUpdate")["properties"]
            properties["level"] = properties.pop("access")

        def named(document: Json) -> None:
            document["paths"][f"{PREFIX}/search"]["get"]["x-also-named"] = {"name": "title"}
            document["paths"][PATCH]["patch"]["x-also-named"] = {"access": "level"}

        found = followed(ours(named), dated(changed(newer)))
        assert facts_of(found).renamed == {
            "searchFiles": {"params": {"name": "title"}},
            "updateFile": {"json": {"access": "level"}},
        }
        assert facts_of(found, "v3") == Facts()

    def test_a_property_that_only_one_version_promises(self) -> None:
        newer = changed(lambda document: schema(document, "File").update(required=["id"]))
        loose = ours(lambda document: schema(document, "File").update(required=["id"]))
        mine = contract(loose)
        locks = {
            "v3": LockedContract("2026-01-02", "0" * 64, contract(published())),
            "2026-03": LockedContract("2026-01-02", "0" * 64, contract(dated(newer))),
        }
        found = Followed(mine, follow(mine, locks, []))
        names = sorted({*schema(published(), "File")["required"]} - {"id"})
        holders = ["getFile", "post-upload", "searchFiles", "updateFile"]
        assert facts_of(found, "v3").promised == {"File": dict.fromkeys(names, holders)}
        assert facts_of(found).promised == {}

    def test_a_difference_from_all_versions_is_no_fact(self) -> None:
        loose = ours(lambda document: schema(document, "File").update(required=["id"]))
        mine = contract(loose)
        locks = {
            name: LockedContract("2026-01-02", "0" * 64, contract(dated(published(), name)))
            for name in ("v3", "2026-03")
        }
        found = Followed(mine, follow(mine, locks, []))
        for version in found.versions:
            lines = found.findings(version)
            assert lines
            assert all(line.startswith(f"{version.name}: not explained; change the description") for line in lines)

    def test_what_no_fact_can_say_needs_a_divergence(self) -> None:
        newer = changed(lambda document: query(document, "id").update(schema={"type": "string"}))
        found = followed(ours(), dated(newer))
        version = found.version("2026-03")
        assert version is not None
        [line] = found.findings(version)
        assert 'what: "query parameter `id` is integer (int64), was string"' in line
        found = followed(
            ours(),
            dated(newer),
            divergences={
                "divergences": [
                    {
                        "where": "GET /files/{version}/files/search",
                        "what": "query parameter `id` is integer (int64), was string",
                        "versions": ["2026-03"],
                    }
                ]
            },
        )
        assert facts_of(found) == Facts()


class TestDivergencesOfOneVersion:
    where = "GET /files/{version}/files/{fileId}"

    def test_an_operation_exists_though_it_is_not_published(self) -> None:
        entry = {"where": self.where, "what": "the operation is new", "versions": ["2026-03"]}
        found = followed(ours(), dated(changed(without_get)), divergences={"divergences": [entry]})
        assert facts_of(found) == Facts()

    def test_an_operation_does_not_exist_though_it_is_published(self) -> None:
        entry = {"where": self.where, "what": "the operation is gone", "versions": ["2026-03"]}
        found = followed(ours(), dated(published()), divergences={"divergences": [entry]})
        assert facts_of(found) == Facts(missing=["getFile"])
        assert facts_of(found, "v3") == Facts()

    def test_they_are_stale_by_version(self) -> None:
        entry = {"where": self.where, "what": "the operation is new", "versions": ["2026-03"]}
        found = followed(ours(), dated(published()), divergences={"divergences": [entry]})
        first, second = found.versions
        assert found.findings(first) == []
        [line] = found.findings(second)
        assert line.startswith("2026-03: the divergence")
        assert line.endswith("is no difference any more; remove it, or list in `versions` those that have it")

    def test_they_can_hold_for_later_versions(self) -> None:
        entry = {"where": self.where, "what": "the operation is new", "versions": ["2026-03", "later"]}
        others = [dated(changed(without_get), name) for name in ("2025-09", "2026-03", "2026-09-beta")]
        found = followed(ours(), *others, divergences={"divergences": [entry]})
        missing = {version.name: found.facts(version).missing for version in found.versions}
        assert missing == {"v3": [], "2025-09": ["getFile"], "2026-03": [], "2026-09-beta": []}

    def test_a_version_without_a_lock_has_that_of_its_beta(self) -> None:
        entry = {"where": self.where, "what": "the operation is new", "versions": ["2026-09"]}
        beta = dated(changed(without_get), "2026-09-beta")
        found = followed(ours(), beta, divergences={"divergences": [entry]})
        assert [version.name for version in found.versions] == ["v3", "2026-09-beta", "2026-09"]
        assert facts_of(found, "2026-09-beta") == Facts(missing=["getFile"])
        assert facts_of(found, "2026-09") == Facts()

    def test_a_version_without_a_beta_needs_a_lock(self) -> None:
        entry = {"where": self.where, "what": "the operation is new", "versions": ["2027-03"]}
        with pytest.raises(PipelineError, match=r"no lock of a version that is followed:\n  2027-03: write it with"):
            followed(ours(), divergences={"divergences": [entry]})


def test_versions_are_in_the_order_of_their_publication() -> None:
    names = ["2026-09", "v3", "2027-03-beta", "2026-09-beta", "2026-03"]
    assert sorted(names, key=version_order) == ["v3", "2026-03", "2026-09-beta", "2026-09", "2027-03-beta"]


@pytest.fixture
def copied(tmp_path: Path) -> Layout:
    """A copy of this checkout, as far as reconcile reads it."""
    shutil.copytree(CHECKOUT.description.parent, tmp_path / "openapi")
    layout = Layout(tmp_path)
    layout.target.mkdir()
    shutil.copy(CHECKOUT.target / LOCK, layout.target / LOCK)
    return layout


def facts_in(node: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the places of the facts in a lock that one can take out of it by hand."""
    if isinstance(node, dict):
        inner = [place for key, value in node.items() for place in facts_in(value, (*at, key))]
        return [*inner, *((*at, key) for key in node if at[-1:] in (("properties",), ("parameters",), ("operations",)))]
    if isinstance(node, list) and at[-1] in ("required", "enum"):
        return [(*at, index) for index in range(len(node))]
    return []


def taken_out(raw: Json, place: tuple[Any, ...]) -> Json:
    copied = copy.deepcopy(raw)
    node: Any = copied
    for key in place[:-1]:
        node = node[key]
    del node[place[-1]]
    return copied


@pytest.mark.parametrize("name", ["v3", "2026-03", "2026-09-beta"])
def test_each_fact_that_is_taken_out_of_a_lock_fails_with_its_version(name: str, copied: Layout) -> None:
    raw = json.loads(copied.lock(name).read_bytes())
    places = facts_in(raw["operations"], ("operations",)) + facts_in(raw["schemas"], ("schemas",))
    assert len(places) > 200
    whole = versions.read(copied)
    divergences = versions.read_divergences(copied.divergences)
    unnoticed = []
    for place in places:
        copied.lock(name).write_text(json.dumps(taken_out(raw, place)))
        # The others stay as they are: comparing them once is enough.
        changed_version = FollowedVersion(name, lockfile.read(copied.lock(name)), whole.ours, divergences)
        others = [changed_version if version.name == name else version for version in whole.versions]
        try:
            lines = reconcile.findings(copied, Followed(whole.ours, others))
        except PipelineError as error:
            lines = list(error.lines)
        if not any(line.startswith(f"{name}: ") for line in lines):
            unnoticed.append(place)
    assert unnoticed == []


def test_facts_of_the_generated_client_that_are_not_those_of_the_locks(
    copied: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    path = copied.target / LOCK
    lock = json.loads(path.read_bytes())
    lock["versions"]["2026-03"]["missing"] = []
    lock["versions"]["2019-03"] = {}
    path.write_text(json.dumps(lock))
    assert reconcile.run(copied) == 1
    error = capsys.readouterr().err
    assert '2026-03: missing is ["downloadFile"] by the lock, and [] in the generated client; run' in error
    assert "2019-03: it is not followed; run" in error
    path.unlink()
    assert reconcile.run(copied) == 1
    assert "generation.lock.json cannot be read" in capsys.readouterr().err


def test_a_lock_has_the_name_of_its_version(copied: Layout) -> None:
    copied.lock("2026-03").rename(copied.lock("2027-03"))
    with pytest.raises(PipelineError, match=r"2027-03\.json is the lock of 2026-03; name it 2026-03\.json"):
        versions.read(copied)


class TestAnUnfollowedVersion:
    @pytest.fixture
    def layout(self, tmp_path: Path) -> Layout:
        layout = Layout(tmp_path / "checkout")
        layout.locks.mkdir(parents=True)
        for name in ("v3", "2026-03"):
            found = contract(dated(published(), name))
            lockfile.write(layout.lock(name), LockedContract("2026-01-02", "0" * 64, found))
        layout.description.write_text(json.dumps(ours()))
        layout.divergences.write_text('{"divergences": []}')
        return layout

    def test_it_is_said_first_and_then_compared_with_the_newest(self, layout: Layout, tmp_path: Path) -> None:
        path = written(tmp_path, dated(published(), "2026-09"))
        status, lines = run(layout, path)
        assert status == 1
        assert lines == [
            "2026-09 is not followed yet. Compared with 2026-03, the newest version that is:",
            "1 metadata",
            "",
            "Metadata",
            "  paths",
            "    the version segment is `2026-09`, was `2026-03`",
        ]
        status, answer = answered(layout, path)
        assert (status, answer["version"], answer["followed"], answer["against"]) == (1, "2026-09", False, "2026-03")

    def test_accepting_it_makes_its_lock(self, layout: Layout, tmp_path: Path) -> None:
        path = written(tmp_path, dated(published(), "2026-09"))
        before = layout.lock("2026-03").read_bytes()
        status, lines = run(layout, path, "--accept", "--revision", "2026-09-15")
        assert status == 0
        assert lines[-1].startswith("\nLocked 2026-09 as the revision of 2026-09-15.")
        assert lockfile.read(layout.lock("2026-09")).revision == "2026-09-15"
        assert layout.lock("2026-03").read_bytes() == before
        assert run(layout, path) == (0, ["Nothing changed."])

    def test_a_followed_version_is_compared_with_its_own_lock(self, layout: Layout, tmp_path: Path) -> None:
        status, lines = run(layout, written(tmp_path, changed(without_get)))
        assert status == 1
        assert lines[0] == "1 breaking"

    def test_an_incomplete_description_is_no_list_of_breaking_changes(
        self, layout: Layout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def stub(document: Json) -> None:
            without_get(document)
            del document["paths"][PATCH]["patch"]

        path = written(tmp_path, dated(changed(stub), "2026-09"))
        status, answer = answered(layout, path)
        assert status == 1
        assert answer["missing"] == [
            "GET /files/2026-03/files/{fileId}",
            "PATCH /files/2026-03/files/{fileId}",
        ]
        assert not [event for event in answer["events"] if event["class"] == "breaking"]
        status, lines = run(layout, path)
        assert "2026-09 is incomplete: it has 3 operations, and lacks 2 of the 5 of 2026-03." in lines[1]
        assert lines[2] == "Together with 2026-03 it is whole."
        assert run(layout, path, "--accept")[0] == 2
        assert "add --whole" in capsys.readouterr().err
        assert not layout.lock("2026-09").exists()
        status, lines = run(layout, path, "--accept", "--whole")
        assert status == 0
        assert lines[1] == "2 breaking, 1 metadata"
        assert layout.lock("2026-09").exists()

    def test_what_it_lacks_is_not_left_to_do(self, layout: Layout, tmp_path: Path) -> None:
        path = written(tmp_path, dated(changed(without_get), "2026-09"))
        answer = answered(layout, path, "--apply")[1]
        assert (answer["applied"], answer["left"]) == ([], [])

    def test_an_input_that_may_be_renamed_is_not_added(self, layout: Layout, tmp_path: Path) -> None:
        newer = changed(lambda document: query(document, "name").update(name="title"))
        path = written(tmp_path, dated(newer, "2026-09"))
        layout.description.write_text(as_yaml(ours()))
        answer = answered(layout, path, "--apply")[1]
        assert answer["applied"] == []
        [left] = answer["left"]
        assert "query parameter `title` is new (if it is `name` by another name, say so with x-also-named" in left

    def test_a_divergence_from_other_versions_is_not_undone(self, layout: Layout, tmp_path: Path) -> None:
        # Ours does not promise it, though each published description does.
        loose = ours(lambda document: schema(document, "File")["required"].remove("id"))
        layout.description.write_text(as_yaml(loose))
        entry = {
            "where": "schema File, answers",
            "what": "property `id` is optional, was required",
            "versions": ["v3", "2026-03"],
            "reason": "It is missing.",
            "evidence": "Seen.",
        }
        layout.divergences.write_text(json.dumps({"divergences": [entry]}))
        path = written(tmp_path, dated(published(), "2026-09"))
        answer = answered(layout, path, "--apply")[1]
        assert answer["applied"] == []
        [left] = answer["left"]
        assert "property `id` is required, was optional (a divergence from other versions; if it is one from" in left
        entry["versions"] = ["v3", "2026-03", "later"]
        layout.divergences.write_text(json.dumps({"divergences": [entry]}))
        assert answered(layout, path, "--apply")[1]["left"] == []


class TestTheGeneratedModule:
    @pytest.fixture(scope="class")
    @classmethod
    def package(cls, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """The package of a client of two versions, the newer of which differs in everything that can differ."""

        def named(document: Json) -> Json:
            search = document["paths"]["/files/v3/things/search"]["get"]
            search.update({"x-also-named": {"name": "title"}, "x-absent-means": {"limit": 10}})
            document["paths"]["/files/v3/things/{thingId}"]["patch"]["x-absent-means"] = {"note": "", "color": "RED"}
            document["paths"]["/files/v3/things/{thingId}/content"]["get"]["x-way-round"] = "v3"
            return document

        def newer(document: Json) -> Json:
            del document["paths"]["/files/v3/things/{thingId}/content"]
            del document["paths"]["/files/v3/things/{thingPath}"]
            parameters = document["paths"]["/files/v3/things/search"]["get"]["parameters"]
            parameters[0]["name"] = "title"
            parameters[1]["required"] = True
            del parameters[2]
            thing = document["components"]["schemas"]["Thing"]
            body = {"application/json": {"schema": {**thing, "required": ["id", "color", "note"]}}}
            document["paths"]["/files/v3/things/{thingId}"]["patch"]["requestBody"]["content"] = body
            return dated(document, "2027-03")

        document = named(small_description())
        mine = contract(document)
        locks = {
            "v3": LockedContract("2026-01-02", "0" * 64, mine),
            "2027-03": LockedContract("2027-03-04", "0" * 64, contract(newer(named(small_description())))),
        }
        found = Followed(mine, follow(mine, locks, []))
        assert [line for version in found.versions for line in found.findings(version)] == []
        package = quick_build(tmp_path_factory.mktemp("versioned") / "build", document)
        writing.write(package, document, found)
        return package

    @pytest.fixture
    def client(self, package: Path, importable: Callable[[Path, str], Generated]) -> Generated:
        return importable(package, "versioned_client")

    @pytest.fixture
    def module(self, client: Generated) -> Any:
        return client.module("versions")

    def test_each_function_sends_in_the_version_of_its_client(self, client: Generated) -> None:
        sent: list[httpx.Request] = []

        def handler(request: httpx.Request) -> httpx.Response:
            sent.append(request)
            return httpx.Response(200, json={"results": []})

        http = {"base_url": "https://api.test", "transport": httpx.MockTransport(handler)}
        low_level = client.module().AuthenticatedClient(base_url="", token="t", api_version="2027-03")
        low_level.set_httpx_client(httpx.Client(**http)).set_async_httpx_client(httpx.AsyncClient(**http))
        search = client.endpoint("search_things")
        search.sync_detailed(client=low_level, name="a")
        asyncio.run(search.asyncio_detailed(client=low_level, name="a"))
        assert [str(request.url) for request in sent] == [
            "https://api.test/files/2027-03/things/search?limit=10&title=a"
        ] * 2
        with pytest.raises(client.module("versions").UnsupportedRequestError):
            client.endpoint("get_thing_by_path").sync_detailed("a/b", client=low_level)
        assert len(sent) == 2
        copied = low_level.with_headers({"a": "b"})
        assert copied.in_version("getThing", {"url": "/files/v3/things/1"})["url"] == "/files/2027-03/things/1"
        with pytest.raises(ValueError, match="must be one of v3, 2027-03"):
            client.module().Client(base_url="", api_version="v4")

    def request(
        self, module: Any, operation: str, method: str, url: str, version: str = "2027-03", **parts: Any
    ) -> Any:
        return module.in_version(version, operation, {"method": method, "url": url, **parts})

    def test_the_default_version_is_not_changed(self, module: Any) -> None:
        assert module.DEFAULT == "v3"
        assert list(module.VERSIONS) == ["v3", "2027-03"]
        assert module.VERSIONS["2027-03"].revision == "2027-03-04"
        kwargs = {"method": "get", "url": "/files/v3/things/search", "params": {"name": "a"}}
        assert module.in_version("v3", "searchThings", kwargs) == kwargs

    def test_names_and_required_inputs(self, module: Any) -> None:
        found = self.request(module, "searchThings", "get", "/files/v3/things/search", params={"name": "a"})
        assert found == {"method": "get", "url": "/files/2027-03/things/search", "params": {"title": "a", "limit": 10}}
        found = self.request(module, "searchThings", "get", "/files/v3/things/search", params={"limit": 5})
        assert found["params"] == {"limit": 5}
        found = self.request(module, "searchThings", "get", "/files/v3/things/search")
        assert found["params"] == {"limit": 10}
        found = self.request(module, "updateThing", "patch", "/files/v3/things/1", json={"id": "1", "note": "n"})
        assert found["json"] == {"id": "1", "note": "n", "color": "RED"}
        assert self.request(module, "updateThing", "patch", "/files/v3/things/1", json=[1])["json"] == [1]

    def test_what_is_lacking_is_refused(self, module: Any) -> None:
        with pytest.raises(module.UnsupportedRequestError) as caught:
            self.request(module, "searchThings", "get", "/files/v3/things/search", params={"exact": True})
        assert str(caught.value) == (
            "'exact' of searchThings does not exist in version 2027-03 of the API; it exists in v3"
        )
        assert (caught.value.input, caught.value.versions) == ("exact", ("v3",))
        with pytest.raises(module.UnsupportedRequestError, match=r"^getThingByPath does not exist in version 2027-03"):
            self.request(module, "getThingByPath", "get", "/files/v3/things/a")

    def test_the_way_round(self, module: Any) -> None:
        found = self.request(module, "downloadThing", "get", "/files/v3/things/1/content")
        assert found["url"] == "/files/v3/things/1/content"

    def test_an_unknown_version_has_the_facts_of_the_newest(self, module: Any) -> None:
        found = self.request(module, "searchThings", "get", "/files/v3/things/search", "2027-09", params={"name": "a"})
        assert found == {"method": "get", "url": "/files/2027-09/things/search", "params": {"title": "a", "limit": 10}}

    def test_paths_of_other_apis_are_not_changed(self, module: Any) -> None:
        assert module.versioned_path("2027-03", "/crm/v3/objects") == "/crm/v3/objects"
        assert module.versioned_path("2027-03", "/files/2026-03/things") == "/files/2026-03/things"

    def test_operations_are_found_by_their_paths(self, module: Any) -> None:
        assert module.operation_at("get", "/files/v3/things/search") == "searchThings"
        assert module.operation_at("GET", "/files/v3/things/12") == "getThing"
        assert module.operation_at("GET", "/files/v3/things/a/b") == "getThingByPath"
        assert module.operation_at("PUT", "/files/v3/things/12") is None

    @pytest.mark.parametrize("name", ["v3", "2027-03", "2026-09", "2030-12-beta"])
    def test_names_of_versions(self, module: Any, name: str) -> None:
        assert module.check_version(name) == name

    @pytest.mark.parametrize("name", ["", "v4", "2026-13", "2026-3", "2026-03-gamma", "2026-03/..", "2026-03\n", "V3"])
    def test_other_texts(self, module: Any, name: str) -> None:
        with pytest.raises(ValueError, match="must be one of v3, 2027-03, or another date"):
            module.check_version(name)

    def test_other_types(self, module: Any) -> None:
        with pytest.raises(TypeError, match="api_version must be a str such as '2027-03', not int"):
            module.check_version(3)
