"""Reading a description, and bringing it into its canonical form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from small_api import small_description

from generator.descriptions import description
from generator.errors import PipelineError


def refused(tmp_path: Path, text: str | bytes) -> tuple[str, ...]:
    path = tmp_path / "some.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(PipelineError, match=r"some\.yaml cannot be used") as caught:
        description.read(path)
    return caught.value.lines


def reordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: reordered(value[key]) for key in reversed(value)}
    if isinstance(value, list):
        return [reordered(entry) for entry in value]
    return value


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "a: 1\nb: 2\na: 3\n",
            "line 3: the key 'a' stands there twice; give each key once",
        ),
        ("200: a\n'200': b\n", "line 2: the key '200' stands there twice; give each key once"),
        ("a: [1, 2\nb: 3\n", "line 2: "),
        ("a: .nan\n", "line 1, /a: it holds the number .nan, which JSON does not have; put it in quotes"),
        ("a:\n  - b: 0x" + "F" * 1_000, "line 2, /a/b: it holds a number of more than 1,000 digits"),
        ("true: 1\n", "line 1: the key True is no string; put it in quotes"),
        ("null: 1\n", "line 1: the key None is no string; put it in quotes"),
        ("? [a]\n: 1\n", "line 1: a list or a mapping is the key of an entry; write a text"),
        ("a: &x\n  b: *x\n", "line 2, /a/b: the alias 'x' has no value, or is a key, or the value holds itself"),
        ("a: &x b\n*x : c\n", "line 2: the alias 'x' has no value, or is a key"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", "line 3, /c: the merge key << is not read; write the entries out"),
        ("a: !!python/object/apply:os.system ['true']\n", "line 1, /a: the tag 'tag:yaml.org,2002:python/object/apply"),
        ("a: !!timestamp 2026-01-02\n", "line 1, /a: the tag 'tag:yaml.org,2002:timestamp' is not read"),
        ("a: 1\n---\nb: 2\n", "line 2: a second document begins; keep one in a file"),
        ("- a\n", "the top level is not a mapping; an OpenAPI document has to stand there"),
        ("", "the top level is not a mapping; an OpenAPI document has to stand there"),
        (b"a: \xc3\x28", "it is not text in UTF-8; save it as UTF-8"),
        ("a: 1\nb: \x1b[31m\n", "it is not JSON or YAML: "),
    ],
)
def test_an_unreadable_file_is_refused_with_the_reason(tmp_path: Path, text: str | bytes, line: str) -> None:
    assert refused(tmp_path, text)[0].startswith(line)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="it cannot be read: No such file or directory"):
        description.read(tmp_path / "none.yaml")


def test_yaml_is_read_as_json_would_be(tmp_path: Path) -> None:
    path = tmp_path / "some.yaml"
    path.write_text(
        "a: no\nb: 1.5\nc: [true, null, '1', ~, FALSE]\n200: d\n'e': !!str 7\nf: 2026-01-02\n"
        "g: [0x1F, 0o17, -3, .5e1]\nh: &h [{i: 1}]\nj: [*h, *h]\nk:\nl: |\n  2\nm: 12:30:00\n",
        encoding="utf-8-sig",
    )
    assert description.read(path) == {
        "a": "no",
        "b": 1.5,
        "c": [True, None, "1", None, False],
        "200": "d",
        "e": "7",
        "f": "2026-01-02",
        "g": [31, 15, -3, 5.0],
        "h": [{"i": 1}],
        "j": [[{"i": 1}], [{"i": 1}]],
        "k": None,
        "l": "2\n",
        "m": "12:30:00",
    }


def test_order_does_not_reach_the_generator() -> None:
    document = small_description()
    other = reordered(document)
    other["paths"]["/files/v3/things/search"]["get"]["parameters"].reverse()
    first, second = description.canonical(document), description.canonical(other)
    assert json.dumps(first) == json.dumps(second)
    assert document == small_description()


def test_the_order_of_values_is_kept() -> None:
    assert description.canonical(small_description())["components"]["schemas"]["Color"]["enum"][0] == "RED"


def test_security_is_written_to_each_operation_without_its_own() -> None:
    document = small_description()
    document["paths"]["/files/v3/things"]["post"]["security"] = []
    result = description.canonical(document)
    assert result["paths"]["/files/v3/things"]["post"]["security"] == []
    assert result["paths"]["/files/v3/things/search"]["get"]["security"] == [{"bearer": []}]


def test_the_digest_is_of_the_content() -> None:
    document = small_description()
    assert description.digest(reordered(document)) == description.digest(document)
    document["paths"]["/files/v3/things/search"]["get"]["parameters"][0]["name"] = "title"
    assert description.digest(document) != description.digest(small_description())


@pytest.mark.parametrize(
    ("pattern", "kept"),
    [
        (".+", True),
        ("^.+$", True),
        (".*", True),
        ("[a-z/]+", True),
        (r"\d+", False),
        ("[^/]+", False),
        (None, False),
    ],
)
def test_a_pattern_that_a_slash_meets_keeps_slashes(pattern: str | None, kept: bool) -> None:
    parameter = {
        "name": "p",
        "in": "path",
        "schema": {"type": "string"} | ({"pattern": pattern} if pattern else {}),
    }
    assert description.keeps_slashes({}, parameter) is kept


def test_only_path_parameters_keep_slashes() -> None:
    document = small_description()
    query = {"name": "name", "in": "query", "schema": {"type": "string", "pattern": ".+"}}
    document["paths"]["/files/v3/things/search"]["get"]["parameters"][0] = query
    assert description.slashed_parameters(document) == {"thingPath"}
