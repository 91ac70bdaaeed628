"""A description whose every text is hostile: the client compiles, type-checks, and runs none of it."""

from __future__ import annotations

import builtins
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from small_api import Generated, quick_build, small_description

from generator.descriptions import checks
from generator.errors import PipelineError
from generator.writing import verify

EVIL = "__import__('builtins').hostile_ran.append(1)"
TEXTS = [
    f'"""\n{EVIL}\n"""',
    f"'''\n{EVIL}\n'''",
    f'" + str({EVIL}) + "',
    f"' + str({EVIL}) + '",
    f"{{{EVIL}}}",
    f"{{{{{EVIL}}}}}",
    "{{ 7 * 7 }}{% for x in y %}",
    f"\\\n{EVIL}",
    f'\\" + {EVIL} + \\"',
    "Unset = UNSET | Unset",
    'x" = UNSET',
    "\\N{BULLET} \\x41 \\u0041 \\",
    "*/ # \r\n" + EVIL,
    "__class__",
    "__init__",
    "class",
    "None",
    "self",
    "mro",
    "0",
]


def hostile_description() -> dict[str, Any]:
    document = small_description()
    document["info"]["title"] = TEXTS[0]
    document["info"]["description"] = " ".join(TEXTS)
    schemas = document["components"]["schemas"]
    schemas["Color"]["enum"] = [*TEXTS, "RED"]
    schemas["Color"]["description"] = TEXTS[0]
    thing = schemas["Thing"]
    thing["description"] = "\n".join(TEXTS)
    thing["title"] = "Thing"
    thing["example"] = {text: text for text in TEXTS}
    for number, text in enumerate(TEXTS):
        thing["properties"][f"{text} p{number}"] = {"type": "string", "description": text, "default": text}
    schemas["Upload"]["properties"][TEXTS[2]] = {"type": "string", "default": TEXTS[3]}
    schemas["Upload"]["properties"][TEXTS[4]] = {"type": "string"}
    parameters = document["paths"]["/files/v3/things/search"]["get"]["parameters"]
    for number, text in enumerate(TEXTS):
        schema = {"type": "string", "default": text, "example": text}
        required = {"required": True} if number == 0 else {}
        parameters.append(
            {"name": f"{text} q{number}", "in": "query", "description": text, "schema": schema, **required}
        )
    operation = document["paths"]["/files/v3/things/{thingId}"]["get"]
    operation["summary"] = TEXTS[0]
    operation["description"] = "\n".join(TEXTS)
    return document


@pytest.fixture
def hostile(tmp_path: Path, importable: Callable[[Path, str], Generated], monkeypatch: pytest.MonkeyPatch) -> Generated:
    package = quick_build(tmp_path / "build", hostile_description())
    verify.verify(package)
    monkeypatch.setattr(builtins, "hostile_ran", [], raising=False)
    return importable(package, "hostile_client")


def test_nothing_runs_and_nothing_is_lost(hostile: Generated) -> None:
    ran: list[int] = vars(builtins)["hostile_ran"]
    # What the generator escapes it keeps, except for characters that a string literal cannot show.
    readable = [text for text in TEXTS if "\r" not in text and "\n" not in text]
    values = {member.value for member in hostile.Color}
    assert values >= set(readable)
    assert all(member.is_known and repr(member) for member in hostile.Color)

    source: dict[str, Any] = {"id": "1"}
    source |= {f"{text} p{number}": "value" for number, text in enumerate(TEXTS)}
    thing = hostile.Thing.from_dict(source)
    assert thing.to_dict() == source
    cleared = hostile.Thing(id="1")
    assert cleared.to_dict() == {"id": "1"}

    kwargs = hostile.endpoint("search_things")._get_kwargs()
    assert len(kwargs["params"]) == 1
    for name in ("search_things", "get_thing", "upload_thing"):
        help_text = hostile.endpoint(name).sync.__doc__
        assert help_text
    assert json.dumps(kwargs)
    assert ran == []


def positions(node: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], bool]]:
    """Go through every text of a document: each key, and each value that is one."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        if isinstance(key, str):
            yield (*above, key), True
        if isinstance(value, str):
            yield (*above, key), False
        elif isinstance(value, (dict, list)):
            yield from positions(value, (*above, key))


def put(document: dict[str, Any], place: tuple[Any, ...], is_key: bool, text: str) -> None:
    node: Any = document
    for key in place[:-1]:
        node = node[key]
    if is_key:
        entries = list(node.items())
        node.clear()
        node.update((text if key == place[-1] else key, value) for key, value in entries)
    else:
        node[place[-1]] = text


def test_no_text_of_a_description_is_code_wherever_it_stands(tmp_path: Path) -> None:
    """Each text is made hostile in turn; what is not refused for it is hostile all at once, and builds."""
    document = small_description()
    document["servers"] = [{"url": "https://api.example.com", "description": "Server."}]
    document["tags"] = [{"name": "things", "description": "Things."}]
    document["components"]["schemas"]["Color"]["x-enum-varnames"] = ["RED", "DARK_BLUE", "UNSET"]
    search = document["paths"]["/files/v3/things/search"]["get"]
    search |= {"summary": "Search.", "externalDocs": {"url": "https://example.com", "description": "More."}}
    search["responses"]["200"]["headers"] = {"X-Rest": {"description": "Rest.", "schema": {"type": "string"}}}
    # From the inside out, so that a place can still be found when one further out has its hostile name.
    everywhere = sorted(positions(document), key=lambda found: (-len(found[0]), found[1], str(found[0])))
    accepted = refused = 0
    for place, is_key in everywhere:
        attempt = json.loads(json.dumps(document))
        put(attempt, place, is_key, f'" + {EVIL} + "')
        try:
            checks.check(attempt, "hostile.yaml")
        except PipelineError:
            refused += 1
        else:
            document = attempt
            accepted += 1
    assert accepted > 50
    assert refused > 200
    verify.verify(quick_build(tmp_path / "build", document))
