"""Descriptions that are refused, each with the place and the remedy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from small_api import small_description

from generator.descriptions import checks
from generator.errors import PipelineError
from generator.layout import CHECKOUT

Change = Callable[[dict[str, Any]], object]


def findings(document: dict[str, Any]) -> tuple[str, ...]:
    try:
        checks.check(document, "small.yaml")
    except PipelineError as problems:
        return problems.lines
    return ()


def get_thing(document: dict[str, Any]) -> Any:
    return document["paths"]["/files/v3/things/{thingId}"]["get"]


def search(document: dict[str, Any]) -> Any:
    return document["paths"]["/files/v3/things/search"]["get"]


def upload(document: dict[str, Any]) -> Any:
    return document["paths"]["/files/v3/things"]["post"]


def schemas(document: dict[str, Any]) -> Any:
    return document["components"]["schemas"]


def moved(document: dict[str, Any], old: str, new: str) -> None:
    document["paths"][new] = document["paths"].pop(old)


def test_the_small_description_is_fine() -> None:
    assert findings(small_description()) == ()


REFUSED: dict[str, tuple[Change, list[str]]] = {
    "version": (
        lambda d: d.update(openapi="3.1.0"),
        ["openapi: '3.1.0' is not supported; describe the API in OpenAPI 3.0.3"],
    ),
    "invalid": (
        lambda d: get_thing(d).pop("responses"),
        ["/paths/~1files~1v3~1things~1{thingId}/get: not valid OpenAPI 3.0: 'responses' is a required property"],
    ),
    "no operationId": (
        lambda d: get_thing(d).pop("operationId"),
        ["GET /files/v3/things/{thingId}: operationId None is not camelCase"],
    ),
    "operationId in another case": (
        lambda d: get_thing(d).update(operationId="get_thing"),
        ["GET /files/v3/things/{thingId}: operationId 'get_thing' is not camelCase"],
    ),
    "operationId that gives the same module": (
        lambda d: get_thing(d).update(operationId="updatething"),
        ["PATCH /files/v3/things/{thingId}: operationId 'updateThing' is that of GET /files/v3/things/{thingId} too"],
    ),
    "no tag": (lambda d: get_thing(d).pop("tags"), ["GET /files/v3/things/{thingId}: tags []; give exactly one"]),
    "two tags": (
        lambda d: get_thing(d).update(tags=["things", "more"]),
        ["GET /files/v3/things/{thingId}: tags ['things', 'more']; give exactly one"],
    ),
    "translated tag": (
        lambda d: get_thing(d).update(tags=["ファイル"]),
        ["GET /files/v3/things/{thingId}: tags ['ファイル']; give exactly one, in lower-case ASCII letters"],
    ),
    "content without a type": (
        lambda d: get_thing(d)["responses"].update(
            {"200": {"description": "Any.", "content": {"*/*": {"schema": {"type": "string"}}}}}
        ),
        ["GET /files/v3/things/{thingId}, response 200: content '*/*' says nothing; name the type"],
    ),
    "content without a schema": (
        lambda d: get_thing(d)["responses"].update(
            {"200": {"description": "Any.", "content": {"application/json": {}}}}
        ),
        ["GET /files/v3/things/{thingId}, response 200: content 'application/json' has no schema"],
    ),
    "file that may be missing": (
        lambda d: schemas(d)["Upload"].update(required=["options"]),
        ["POST /files/v3/things: the multipart/form-data body has no required file"],
    ),
    "no file": (
        lambda d: schemas(d)["Upload"]["properties"].pop("file"),
        ["POST /files/v3/things: the multipart/form-data body has no required file"],
    ),
    "no error": (
        lambda d: get_thing(d)["responses"].pop("default"),
        ["GET /files/v3/things/{thingId}: no error response; add default"],
    ),
    "no success": (
        lambda d: get_thing(d)["responses"].pop("200"),
        ["GET /files/v3/things/{thingId}: no success response"],
    ),
    "example of a schema": (
        lambda d: schemas(d)["Thing"].update(example={"id": 1}),
        ["/components/schemas/Thing/example/id: the example is not what its schema allows: 1 is not"],
    ),
    "example of a property": (
        lambda d: schemas(d)["Thing"]["properties"]["madeAt"].update(example="yesterday"),
        ["/components/schemas/Thing/properties/madeAt/example: the example is not what its schema allows"],
    ),
    "example of a parameter": (
        lambda d: search(d)["parameters"][1].update(example="many"),
        ["/paths/~1files~1v3~1things~1search/get/parameters/1/example: the example is not what its schema allows"],
    ),
    "example of an answer": (
        lambda d: get_thing(d)["responses"]["200"]["content"]["application/json"].update(
            examples={"one": {"value": {"id": "1", "color": "PINK"}}}
        ),
        ["/paths/~1files~1v3~1things~1{thingId}/get/responses/200/content/application~1json/examples/one/color: the"],
    ),
    "conflict without a reason": (
        lambda d: d["paths"]["/files/v3/things/{thingId}"].pop("x-path-conflict"),
        ["/files/v3/things/{thingId}: differs from /files/v3/things/{thingPath} only in its parameter's name"],
    ),
    "conflict with an empty reason": (
        lambda d: d["paths"]["/files/v3/things/{thingPath}"].update({"x-path-conflict": " "}),
        ["/files/v3/things/{thingPath}: differs from /files/v3/things/{thingId} only in its parameter's name"],
    ),
    "reason without a conflict": (
        lambda d: d["paths"]["/files/v3/things/search"].update({"x-path-conflict": "none"}),
        ["/files/v3/things/search: x-path-conflict explains a conflict that is not there; remove it"],
    ),
    "pattern that is no expression": (
        lambda d: d["paths"]["/files/v3/things/{thingId}/content"]["get"]["parameters"][0]["schema"].update(
            pattern="("
        ),
        [
            "/paths/~1files~1v3~1things~1{thingId}~1content/get/parameters/0/schema/pattern: '(' is no regular"
            " expression"
        ],
    ),
    "patterns that disagree": (
        lambda d: d["paths"]["/files/v3/things/{thingId}/content"]["get"]["parameters"][0]["schema"].update(
            pattern=".+"
        ),
        ["GET /files/v3/things/{thingId}/content: the pattern of path parameter 'thingId' disagrees"],
    ),
    "path with more than a path": (
        lambda d: moved(d, "/files/v3/things/search", "/files/v3/things/search?all=1"),
        ["/files/v3/things/search?all=1: not a path that can be sent as it stands"],
    ),
    "path with code": (
        lambda d: moved(d, "/files/v3/things/search", '/files/v3/things/" + code'),
        ['/files/v3/things/" + code: not a path that can be sent as it stands'],
    ),
    "style": (
        lambda d: search(d)["parameters"][3].update(explode=False),
        ["GET /files/v3/things/search: query parameter 'ids' has another style than form, exploded"],
    ),
    "parameter of a taken name": (
        lambda d: search(d)["parameters"][0].update(name="params"),
        ["GET /files/v3/things/search: a parameter cannot be called 'params'"],
    ),
    "property of a taken name": (
        lambda d: schemas(d)["Thing"]["properties"].update(fieldDict={"type": "string"}),
        ["/components/schemas/Thing: a property cannot be called 'fieldDict'"],
    ),
    "property that is called like its class": (
        lambda d: schemas(d)["Thing"]["properties"].update(thing={"type": "string"}),
        ["/components/schemas/Thing: the property 'thing' is called like its class, Thing; rename"],
    ),
    "schema of a taken name": (
        lambda d: schemas(d).update(Unset={"type": "object"}),
        ["/components/schemas/Unset: the generated client uses that name itself"],
    ),
    "schemas of one class": (
        lambda d: schemas(d).update(thing_page={"type": "object"}),
        ["/components/schemas/thing_page: gives the same class as /components/schemas/ThingPage, ThingPage; choose"],
    ),
    "title of a taken name": (
        lambda d: schemas(d)["Thing"].update(title="Unset"),
        ["/components/schemas/Thing: the generated client uses that name itself"],
    ),
    "title of another schema": (
        lambda d: schemas(d)["Thing"]["properties"].update(
            inner={"type": "object", "title": "color", "properties": {}}
        ),
        ["/components/schemas/Thing/properties/inner: gives the same class as /components/schemas/Color, Color"],
    ),
    "values of one name": (
        lambda d: schemas(d)["Color"]["enum"].append("DARK_BLUE"),
        ["/components/schemas/Color: the values 'dark-blue' and 'DARK_BLUE' get one name"],
    ),
    "way out": (
        lambda d: get_thing(d)["responses"].update(default={"$ref": "https://example.com/e.yaml"}),
        ["/paths/~1files~1v3~1things~1{thingId}/get/responses/default: $ref 'https://example.com/e.yaml' leads out"],
    ),
    "content of no type": (
        lambda d: get_thing(d)["responses"]["200"].update(content={'a/b" + code': {"schema": {"type": "string"}}}),
        ["GET /files/v3/things/{thingId}, response 200: content 'a/b\" + code' is no media type"],
    ),
    "names of values that are code": (
        lambda d: schemas(d)["Color"].update({"x-enum-varnames": ["RED", "print('ran')", 7]}),
        [
            "/components/schemas/Color: \"print('ran')\" in x-enum-varnames is no name of a constant",
            "/components/schemas/Color: 7 in x-enum-varnames is no name of a constant",
        ],
    ),
    "names of values that are not one each": (
        lambda d: schemas(d)["Color"].update({"x-enum-varnames": ["RED", "BLUE"]}),
        ["/components/schemas/Color: x-enum-varnames has to name each value of enum"],
    ),
    "names of values that are alike": (
        lambda d: schemas(d)["Color"].update({"x-enum-varnames": ["RED", "BLUE", "RED"]}),
        ["/components/schemas/Color: x-enum-varnames gives one name twice"],
    ),
    "way to nothing": (
        lambda d: get_thing(d)["responses"].update(default={"$ref": "#/components/responses/Nothing"}),
        [
            "/paths/~1files~1v3~1things~1{thingId}/get/responses/default: $ref '#/components/responses/Nothing' leads"
            " to nothing"
        ],
    ),
    "parameter without a name": (
        lambda d: search(d)["parameters"][0].pop("name"),
        ["/paths/~1files~1v3~1things~1search/get/parameters/0: not valid OpenAPI 3.0: "],
    ),
    "type that there is not": (
        lambda d: schemas(d)["Thing"]["properties"]["note"].update(type="text"),
        ["/components/schemas/Thing: not valid OpenAPI 3.0: ", "/properties/note/type: not valid OpenAPI 3.0: 'text'"],
    ),
    "left to be resolved": (
        lambda d: get_thing(d).update(operationId="TODO_get_things", tags=["TODO"], summary="TODO say what it does"),
        [
            "GET /files/v3/things/{thingId}, operationId: 'TODO_get_things' was left to be resolved; write what it is",
            "GET /files/v3/things/{thingId}, tags, 0: 'TODO' was left",
            "GET /files/v3/things/{thingId}, summary: 'TODO say what it does' was left",
        ],
    ),
    "hidden characters": (
        lambda d: d["info"].update(description="safe\u202e\x00"),
        ["/info/description: U+0000, U+202E cannot be seen and has no place in a description; remove it"],
    ),
}


@pytest.mark.parametrize(("change", "beginnings"), REFUSED.values(), ids=REFUSED)
def test_a_description_is_refused(change: Change, beginnings: list[str]) -> None:
    document = small_description()
    change(document)
    lines = findings(document)
    assert len(lines) == len(beginnings), lines
    for line, beginning in zip(lines, beginnings, strict=True):
        assert line.startswith(beginning), line


def test_the_heading_names_the_document() -> None:
    with pytest.raises(PipelineError, match=r"small\.yaml needs a change"):
        checks.check({}, "small.yaml")


def test_all_findings_are_reported_at_once() -> None:
    document = small_description()
    get_thing(document).update(operationId="get_thing", tags=[])
    search(document)["responses"].pop("default")
    upload(document)["operationId"] = "X"
    assert len(findings(document)) == 4


def test_names_for_the_values_settle_their_likeness() -> None:
    document = small_description()
    color = schemas(document)["Color"]
    color["enum"].append("DARK_BLUE")
    color["x-enum-varnames"] = ["RED", "DARK_BLUE", "UNSET", "DEEP_BLUE"]
    assert findings(document) == ()


def test_harmless_text_is_no_finding() -> None:
    document = small_description()
    document["info"]["description"] = "Two lines\nwith \"quotes\", \\d+, {braces}, <tags>, é, 日本 and '''."
    assert findings(document) == ()


def test_the_description_of_this_checkout_is_fine() -> None:
    from generator.descriptions import description

    checks.check(description.read(CHECKOUT.description), CHECKOUT.description.name)
