"""Pure additions are written into our description, which keeps its comments; other changes are listed for a person."""

from __future__ import annotations

import difflib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from published_api import (
    PREFIX,
    Change,
    as_yaml,
    changed,
    member,
    method,
    parts,
    published,
    query,
    schema,
    search,
)
from test_upstream_events import CHANGES, Reported

from generator.contracts import lockfile
from generator.contracts.comparison import changes
from generator.contracts.extraction import contract
from generator.contracts.lockfile import LockedContract
from generator.descriptions import checks, description
from generator.errors import PipelineError
from generator.layout import Layout
from generator.upstream.apply import apply

# Additive, and yet not for a machine: there are several ways to write them, or ours has a word in it.
BY_HAND = re.compile(
    r"^content |^limit |^body is new|may have further|is any text|is no longer `|or string, was|`string`$"
    r"|is integer .*was number|^property `labels` is new$|^(pattern|width|format) |not encoded$|without a value$"
    r"|may also be sent as|bearer token$|^new: "
)


def is_written(grade: str, what: str) -> bool:
    return (grade == "additive" and not BY_HAND.search(what)) or (
        grade == "metadata" and what.startswith("header `location` of answer 200 is new")
    )


def checkout(root: Path, ours: dict[str, Any], divergences: tuple[dict[str, Any], ...] = ()) -> Layout:
    """Return a checkout whose lock says the same as its description, divergences apart."""
    layout = Layout(root)
    layout.locks.mkdir(parents=True)
    layout.description.write_text(as_yaml(ours))
    lockfile.write(layout.lock("v3"), LockedContract("2026-01-02", "0" * 64, contract(ours)))
    layout.divergences.write_text(json.dumps({"divergences": list(divergences)}))
    return layout


def applied(layout: Layout, new: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Apply, be sure that nothing of the text is lost and that a second time does nothing, and say what was said."""
    before = layout.description.read_text().splitlines()
    done, left = apply(layout, contract(new))
    after = layout.description.read_text()
    if done:
        again, still_left = apply(layout, contract(new))
        assert again == []
        # What has taken the place of another is there by then, and new no more.
        assert still_left == [re.sub(r"is gone, `.*` is new", "is gone", line) for line in left]
    assert layout.description.read_text() == after
    lost = [line for line in difflib.ndiff(before, after.splitlines()) if line.startswith("- ")]
    assert not [line for line in lost if "#" in line]
    assert bool(done) == (before != after.splitlines())
    return done, left


# Each change, and each one taken back where that adds something. Another version is no change of ours.
BOTH_WAYS = {
    f"{name}, {way}": (change, way, expected)
    for name, (change, there, back) in CHANGES.items()
    if name != "version"
    for way, expected in (("there", there), ("back", back))
    if way == "there" or any(grade == "additive" for grade, _, _ in expected)
}


@pytest.mark.parametrize(("change", "way", "expected"), BOTH_WAYS.values(), ids=BOTH_WAYS)
def test_additions_are_written_and_nothing_else(
    tmp_path: Path, change: Change, way: str, expected: list[Reported]
) -> None:
    old, new = (published(), changed(change)) if way == "there" else (changed(change), published())
    layout = checkout(tmp_path, old)
    done, left = applied(layout, new)
    # What a description says of itself is no fact of ours.
    expected = [event for event in expected if event[1] != "the description"]
    by_hand = [what for grade, _, what in expected if not is_written(grade, what)]
    assert len(done) == len(expected) - len(by_hand)
    # A new operation comes with what is to be named.
    steps = [line for line in left if "TODO" not in line]
    assert len(steps) == len(by_hand)
    assert all(any(what in line for line in steps) for what in by_hand)
    written, wanted = contract(description.read(layout.description)), contract(new)
    assert bool([change for change in changes(written, wanted) if change.operation]) == bool(by_hand)


def shared_access(document: dict[str, Any]) -> dict[str, Any]:
    """Return a description in which the file that is answered and its update share one schema."""
    document["components"]["schemas"]["Access"] = member(document, "File", "access").copy()
    for name in ("File", "FileUpdate"):
        schema(document, name)["properties"]["access"] = {"$ref": "#/components/schemas/Access"}
    return document


def test_an_addition_to_every_use_of_a_shared_schema_is_written_once(tmp_path: Path) -> None:
    layout = checkout(tmp_path, shared_access(published()))

    def grow(document: dict[str, Any]) -> None:
        for name in ("File", "FileUpdate"):
            member(document, name, "access")["enum"].append("SENSITIVE")

    done, left = applied(layout, changed(grow))
    assert done == [
        "schema Access, answers of 4 operations: it may also be `SENSITIVE`",
        f"schema Access, requests of PATCH {PREFIX}/{{fileId}}: it may also be `SENSITIVE`",
    ]
    assert left == []
    assert layout.description.read_text().count("SENSITIVE") == 1


@pytest.mark.parametrize("name", ["File", "FileUpdate"])
def test_an_addition_to_some_uses_of_a_shared_schema_is_listed(tmp_path: Path, name: str) -> None:
    layout = checkout(tmp_path, shared_access(published()))
    new = changed(lambda d: member(d, name, "access")["enum"].append("SENSITIVE"))
    done, [left] = applied(layout, new)
    assert done == []
    assert "it may also be `SENSITIVE` (it does not reach " in left
    assert "shares components/schemas/Access with it; give one of them a schema of its own)" in left
    assert "[files-v3.yaml:" in left


def test_a_property_that_reaches_only_some_uses_is_listed(tmp_path: Path) -> None:
    def apart(document: dict[str, Any]) -> None:
        schemas = document["components"]["schemas"]
        schemas["Uploaded"] = json.loads(json.dumps(schemas["File"]))
        schemas["Uploaded"]["properties"]["md5"] = {"type": "string"}
        answer = document["paths"][PREFIX]["post"]["responses"]["201"]["content"]["application/json"]
        answer["schema"] = {"$ref": "#/components/schemas/Uploaded"}

    done, left = applied(checkout(tmp_path, published()), changed(apart))
    assert done == []
    assert len(left) == 1
    assert "property `md5` is new (it does not reach " in left[0]


def test_a_parameter_that_we_share_stays_where_only_some_follow(tmp_path: Path) -> None:
    def shared(document: dict[str, Any]) -> dict[str, Any]:
        document["components"]["parameters"] = {"Name": {**query(document, "name"), "required": True}}
        search(document)["parameters"][0] = {"$ref": "#/components/parameters/Name"}
        method(document, "get")["parameters"] = [{"$ref": "#/components/parameters/Name"}]
        return document

    new = shared(published())
    search(new)["parameters"][0] = {**new["components"]["parameters"]["Name"], "required": False}
    done, [left] = applied(checkout(tmp_path, shared(published())), new)
    assert done == []
    assert "give one of them a parameter of its own" in left


NEW_PATH = f"{PREFIX}/{{fileId}}/copy"


def copying(document: dict[str, Any]) -> None:
    document["paths"][NEW_PATH] = {
        "post": {
            "parameters": [
                {"name": "fileId", "in": "path", "required": True, "schema": {"type": "string", "pattern": r"\d+"}},
                {
                    "name": "tags",
                    "in": "query",
                    "explode": False,
                    "schema": {"type": "array", "items": {"type": "string"}},
                },
            ],
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Copy-Input"}}},
            },
            "responses": {
                "201": {
                    "headers": {"location": {"schema": {"type": "string"}}},
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/File"}}},
                },
                "default": {"$ref": "#/components/responses/Error"},
            },
        }
    }
    document["components"]["schemas"]["Copy-Input"] = {
        "type": "object",
        "required": ["access"],
        "properties": {
            "access": {"type": "string", "enum": ["PUBLIC", "PRIVATE"]},
            "count": {"type": "integer", "minimum": 0, "exclusiveMinimum": True, "nullable": True},
            "either": {"oneOf": [{"type": "object", "properties": {"a": {"type": "string"}}}, {"type": "string"}]},
            "inner": {"$ref": "#/components/schemas/Copy-Input"},
            "map": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
            "shut": {"type": "object", "additionalProperties": False, "properties": {"b": {"type": "boolean"}}},
        },
    }


def test_a_new_operation_is_written_with_references_to_our_components_and_a_todo(tmp_path: Path) -> None:
    layout = checkout(tmp_path, shared_access(published()))
    done, left = applied(layout, changed(copying))
    assert done == [f"POST {NEW_PATH}: the operation is new"]
    document = description.read(layout.description)
    paths = list(document["paths"])
    assert paths.index(NEW_PATH) == paths.index(f"{PREFIX}/{{fileId}}") + 1
    operation = document["paths"][NEW_PATH]["post"]
    assert operation["operationId"] == "TODO_post_files_v3_files_fileId_copy"
    assert operation["tags"] == ["Files"]
    assert operation["parameters"][1] == {
        "name": "tags",
        "in": "query",
        "style": "form",
        "explode": False,
        "schema": {"type": "array", "items": {"type": "string"}},
    }
    assert operation["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/CopyInput"
    }
    answer = operation["responses"]["201"]
    assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/File"}
    assert answer["headers"] == {"Location": {"schema": {"type": "string"}}}
    assert operation["responses"]["default"] == {"$ref": "#/components/responses/Error"}
    copied = document["components"]["schemas"]["CopyInput"]["properties"]
    assert copied["access"] == {"$ref": "#/components/schemas/Access"}
    assert copied["inner"] == {"$ref": "#/components/schemas/CopyInput"}

    assert [line.partition(" [")[0] for line in left] == [
        "operationId: TODO_post_files_v3_files_fileId_copy",
        "summary: TODO say what it does",
        "- description: TODO say what is answered".removeprefix("- "),
    ]
    document["openapi"] = "3.0.3"
    with pytest.raises(PipelineError) as refused:
        checks.check(document, "files-v3.yaml")
    output = "\n".join(refused.value.lines)
    for text in ("operationId: 'TODO_post", "summary: 'TODO say what it does'", "description: 'TODO say what is"):
        assert f"{text}" in output
    assert "was left to be resolved; write what it is" in output


def test_a_new_path_where_we_have_none_alike_needs_a_tag_too(tmp_path: Path) -> None:
    ours = published()
    for item in ours["paths"].values():
        for node in item.values():
            if isinstance(node, dict):
                node.pop("tags", None)
    layout = checkout(tmp_path, ours)
    applied(layout, changed(copying))
    assert description.read(layout.description)["paths"][NEW_PATH]["post"]["tags"] == ["TODO"]


def test_a_name_that_we_have_for_something_else_is_not_taken(tmp_path: Path) -> None:
    ours = published()
    ours["components"]["schemas"]["CopyInput"] = {"type": "string"}
    layout = checkout(tmp_path, ours)
    applied(layout, changed(copying))
    document = description.read(layout.description)
    assert document["components"]["schemas"]["CopyInput"] == {"type": "string"}
    assert "NewCopyInput" in document["components"]["schemas"]


@pytest.mark.parametrize(
    "rule", [{"not": {"type": "string"}}, {"type": "null"}, {"oneOf": [{"type": "null"}, {"type": "null"}]}], ids=str
)
def test_a_rule_that_openapi_3_0_cannot_express_is_listed(tmp_path: Path, rule: dict[str, Any]) -> None:
    layout = checkout(tmp_path, published())

    def odd(document: dict[str, Any]) -> None:
        copying(document)
        schema(document, "Copy-Input")["properties"]["odd"] = rule

    before = layout.description.read_text()
    done, [left] = applied(layout, changed(odd))
    assert done == []
    assert f"additive: POST {NEW_PATH}: the operation is new (" in left
    assert layout.description.read_text() == before


@pytest.mark.parametrize(
    ("beside", "written"),
    [
        ({}, {"$ref": "#/components/schemas/Shape"}),
        ({"nullable": True}, {"allOf": [{"$ref": "#/components/schemas/Shape"}], "nullable": True}),
        ({"deprecated": True}, {"allOf": [{"$ref": "#/components/schemas/Shape"}], "deprecated": True}),
        ({"maxProperties": 3}, {"allOf": [{"$ref": "#/components/schemas/Shape"}], "maxProperties": 3}),
    ],
    ids=str,
)
@pytest.mark.parametrize("known", [True, False])
def test_facts_beside_a_declared_schema_are_written(
    tmp_path: Path, beside: dict[str, Any], written: dict[str, Any], known: bool
) -> None:
    def shaped(document: dict[str, Any]) -> dict[str, Any]:
        document["components"]["schemas"]["Shape"] = {"type": "object", "properties": {"sides": {"type": "integer"}}}
        schema(document, "File")["properties"]["shape"] = {"$ref": "#/components/schemas/Shape"}
        return document

    def use(document: dict[str, Any]) -> None:
        reference = {"$ref": "#/components/schemas/Shape"}
        properties = schema(shaped(document), "File")["properties"]
        properties["outline"] = {"allOf": [reference], **beside} if beside else reference

    layout = checkout(tmp_path, shaped(published()) if known else published())
    done, left = applied(layout, changed(use))
    assert done[0] == "schema File, answers of 4 operations: property `outline` is new"
    assert left == []
    document = description.read(layout.description)
    assert member(document, "File", "outline") == written
    assert schema(document, "Shape")["properties"] == {"sides": {"type": "integer"}}


def test_a_text_that_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    layout = checkout(tmp_path, published())
    before = layout.description.read_bytes()
    new = contract(changed(lambda d: schema(d, "File")["properties"].update(md5={"type": "string"})))
    new.declared["File"].properties["md5"].node.notes["default"] = float("inf")
    with pytest.raises(PipelineError, match=r"files-v3\.yaml was left as it is"):
        apply(layout, new)
    assert layout.description.read_bytes() == before
    assert [path.name for path in layout.description.parent.iterdir()].count(".files-v3.yaml.new") == 0


def test_deeply_nested_schemas_are_not_written(tmp_path: Path) -> None:
    layout = checkout(tmp_path, published())
    before = layout.description.read_bytes()
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(200):
        deep = {"type": "object", "properties": {"a": deep}}
    with pytest.raises(PipelineError, match="more than 100 schemas stand within one another"):
        apply(layout, contract(changed(lambda d: schema(d, "File")["properties"].update(deep=deep))))
    assert layout.description.read_bytes() == before


def test_a_deliberate_difference_is_not_undone(tmp_path: Path) -> None:
    ours = changed(lambda d: parts(d)["required"].append("options"))
    entry = {
        "where": "POST /files/{version}/files",
        "what": "property `options` of content `multipart/form-data` of body is required, was optional",
        "reason": "It is.",
        "evidence": "Seen.",
    }
    layout = checkout(tmp_path / "a", ours, (entry,))
    lockfile.write(layout.lock("v3"), LockedContract("2026-01-02", "0" * 64, contract(published())))
    new = changed(lambda d: schema(d, "File")["properties"].update(md5={"type": "string"}))
    done, left = applied(layout, new)
    assert done == ["schema File, answers of 4 operations: property `md5` is new"]
    assert left == []

    # HubSpot follows us, and the reason has served its time.
    parts(new)["required"].append("options")
    assert applied(layout, new) == (
        [],
        [
            "divergences.yaml: the divergence 'POST /files/{version}/files': 'property `options` of content"
            " `multipart/form-data` of body is required, was optional' is no difference any more; remove it,"
            " or list in `versions` those that have it"
        ],
    )


def test_a_removed_fact_is_listed_with_its_replacement(tmp_path: Path) -> None:
    layout = checkout(tmp_path, published())
    done, left = applied(layout, changed(CHANGES["renamed query parameter"][0]))
    assert done == [f"GET {PREFIX}/search: query parameter `ids` is new, perhaps in place of `id`"]
    text = layout.description.read_text().splitlines()
    line = next(number for number, line in enumerate(text, 1) if line.strip() == "name: id")
    assert left[0].startswith(f"breaking: GET {PREFIX}/search: query parameter `id` is gone")
    assert abs(int(left[0].rpartition(":")[2].rstrip("]")) - line) <= 3
