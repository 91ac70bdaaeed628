"""A thousand changes at random places of each description: each is told as its class, and noise as nothing."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from mutations import KINDS, applied, document_of, seeds
from published_api import published

from generator.contracts import lockfile
from generator.contracts.comparison import changes
from generator.contracts.events import GRADES, what
from generator.contracts.extraction import contract
from generator.contracts.keywords import (
    ENCODING,
    HEADER,
    MEDIA_TYPE,
    OPERATION,
    PARAMETER,
    PATH_ITEM,
    PROSE,
    REQUEST_BODY,
    RESPONSE,
    SCHEMA,
    SECURITY_SCHEME,
    Keywords,
)
from generator.descriptions import description
from generator.layout import CHECKOUT


def documents() -> list[dict[str, Any]]:
    locks = [document_of(lock) for lock in sorted(CHECKOUT.locks.glob("*.json"))]
    return [*locks, description.read(CHECKOUT.description), published()]


@pytest.mark.parametrize("lock", sorted(CHECKOUT.locks.glob("*.json")), ids=lambda path: path.stem)
def test_a_description_that_is_made_of_a_lock_says_what_the_lock_says(lock: Path) -> None:
    assert list(changes(lockfile.read(lock).contract, contract(document_of(lock)))) == []


def test_each_change_is_told_as_its_class() -> None:
    assert len(KINDS) >= 80
    found = documents()
    before = [contract(document) for document in found]
    wrong: list[str] = []
    counted: Counter[str] = Counter()
    for name, first, seed in seeds(1_000, len(found)):
        # Some documents have no place for some kinds; one of them has.
        for number in range(len(found)):
            index = (first + number) % len(found)
            mutated = applied(found[index], name, seed)
            if mutated is not None:
                break
        else:
            raise AssertionError(f"no description has a place for {name}")
        expected, document = mutated
        told = list(changes(before[index], contract(document)))
        worst = min((change.grade for change in told), key=GRADES.index, default="noise")
        counted[expected] += 1
        if worst != expected:
            wrong.append(f"{seed} of {index}: {worst} for {expected}: {[what(change) for change in told][:3]}")
    assert wrong == []
    assert counted.keys() == {"breaking", "additive", "metadata", "noise"}
    assert counted.total() == 1_000


def known(version: str, *names: str) -> set[str]:
    """Return the keywords of an object in OpenAPI's own schema."""
    import openapi_spec_validator

    path = Path(openapi_spec_validator.__file__).parent / "resources" / "schemas" / version / "schema.json"
    raw = json.loads(path.read_bytes())
    definitions = raw.get("definitions") or raw["$defs"]
    found: set[str] = set()
    for name in names:
        waiting = [definitions[name]] if name in definitions else []
        while waiting:
            node = waiting.pop()
            found |= node.get("properties", {}).keys()
            for key in ("allOf", "anyOf", "oneOf"):
                waiting += node.get(key, [])
    return found


OBJECTS: dict[str, tuple[Keywords, tuple[str, ...]]] = {
    "path item": (PATH_ITEM, ("PathItem", "path-item")),
    "operation": (OPERATION, ("Operation", "operation")),
    "parameter": (PARAMETER, ("Parameter", "parameter")),
    "body": (REQUEST_BODY, ("RequestBody", "request-body")),
    "media type": (MEDIA_TYPE, ("MediaType", "media-type")),
    "encoding": (ENCODING, ("Encoding", "encoding")),
    "response": (RESPONSE, ("Response", "response")),
    "header": (HEADER, ("Header", "header")),
    "schema": (SCHEMA, ("Schema",)),
    "security scheme": (SECURITY_SCHEME, ("OAuth2SecurityScheme", "HTTPSecurityScheme", "APIKeySecurityScheme")),
}


@pytest.mark.parametrize(("keywords", "names"), OBJECTS.values(), ids=OBJECTS)
def test_each_keyword_of_openapi_is_named(keywords: Keywords, names: tuple[str, ...]) -> None:
    listed = known("v3.0", *names) | known("v3.1", *names)
    assert listed
    # What it does not name is compared as it stands.
    assert listed - keywords.read - keywords.noise - keywords.notes.keys() - PROSE <= {"xml"}
