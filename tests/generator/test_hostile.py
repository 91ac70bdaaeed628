"""A description whose every text is hostile: the client compiles, type-checks, and runs none of it."""

from __future__ import annotations

import builtins
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_api import Generated, quick_build, small_description

from generator import verify

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
    parameters = document["paths"]["/things/search"]["get"]["parameters"]
    for number, text in enumerate(TEXTS):
        schema = {"type": "string", "default": text, "example": text}
        required = {"required": True} if number == 0 else {}
        parameters.append(
            {"name": f"{text} q{number}", "in": "query", "description": text, "schema": schema, **required}
        )
    operation = document["paths"]["/things/{thingId}"]["get"]
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
