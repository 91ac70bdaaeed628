"""References and JSON pointers: written, read and followed, and refused where they lead nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from generator.descriptions import references
from generator.descriptions.references import UnresolvableError

DOCUMENT: dict[str, Any] = {
    "paths": {"/a/{b}": {"get": {"parameters": [{"name": "~%"}]}}},
    "components": {
        "schemas": {
            "id": {"id": {"type": "string"}},
            "Alias": {"$ref": "#/components/schemas/id"},
            "One": {"$ref": "#/components/schemas/Other"},
            "Other": {"$ref": "#/components/schemas/One"},
            "Lost": {"$ref": "#/components/schemas/Nothing"},
        }
    },
    "~%": {"": {"x y": {"type": "integer"}}},
    "text": "text",
}


@pytest.mark.parametrize(
    ("pointer", "text", "reference"),
    [
        ((), "", "#"),
        (("paths", "/a/{b}"), "/paths/~1a~1{b}", "#/paths/~1a~1%7Bb%7D"),
        (("~%", "", "x y"), "/~0%//x y", "#/~0%25//x%20y"),
    ],
)
def test_pointers_are_written_and_read(pointer: references.Pointer, text: str, reference: str) -> None:
    assert references.as_text(pointer) == text
    assert references.as_reference(pointer) == reference
    assert references.as_pointer(reference) == pointer
    target: Any = DOCUMENT
    for key in pointer:
        target = target[key]
    assert references.lookup(DOCUMENT, reference) is target


def test_every_value_is_found_by_its_pointer() -> None:
    for pointer, value in references.walk(DOCUMENT):
        if not isinstance(value, str):
            assert references.lookup(DOCUMENT, references.as_reference(pointer)) is value


@pytest.mark.parametrize(
    "reference",
    [
        "#/nothing",
        "#nothing",
        "#/",
        "#/text",
        "#/text/0",
        "#/text/0/0",
        "#/paths/~1a~1{b}/get/parameters/1",
        "#/paths/~1a~1{b}/get/parameters/x",
        "#/" + "9" * 5_000,
        "#/paths/~1a~1{b}/get/parameters/" + "9" * 5_000,
    ],
)
def test_a_reference_that_leads_nowhere_is_refused(reference: str) -> None:
    with pytest.raises(UnresolvableError, match="leads nowhere"):
        references.lookup(DOCUMENT, reference)


@pytest.mark.parametrize(
    "reference", ["", "other.json", "https://example.com/#/text", "http://[", "urn:description#/text"]
)
def test_a_reference_that_leads_out_of_the_document_is_refused(reference: str) -> None:
    with pytest.raises(UnresolvableError, match="leads out of it"):
        references.lookup(DOCUMENT, reference)


def test_references_are_followed_to_their_end() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert references.resolve(DOCUMENT, schemas["Alias"]) is schemas["id"]
    assert references.resolve(DOCUMENT, schemas["One"]) == {}
    assert references.resolve(DOCUMENT, None) == {}
    assert references.resolve_or_empty(DOCUMENT, schemas["Lost"]) == {}
    with pytest.raises(UnresolvableError, match="#/components/schemas/Nothing"):
        references.resolve(DOCUMENT, schemas["Lost"])


def test_a_node_is_located_where_its_references_end() -> None:
    at = ("components", "schemas")
    assert references.locate(DOCUMENT, (*at, "Alias")) == ((*at, "id"), DOCUMENT["components"]["schemas"]["id"])
    assert references.locate(DOCUMENT, (*at, "One"))[1] == {}
    assert references.locate(DOCUMENT, (*at, "Lost")) == ((*at, "Nothing"), {})
    assert references.locate(DOCUMENT, ("text",)) == (("text",), {})
