"""Each keyword that OpenAPI 3.0 and 3.1 know, by the object that it stands in, and how a comparison counts it.

A keyword is *read* into the contract, where a change of it has a grade, or it is *noise*, or it is a *note*. A note is
compared as text, and a change of it is metadata. A keyword that no object here has is a note, too, so that nothing
is dropped. Extensions, whose names begin with `x-`, are noise: HubSpot's own are banners and lists of products.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..descriptions.description import METHODS, Json


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# The wording of a description, and examples.
PROSE = _words("$comment description example examples externalDocs summary title")


@dataclass(frozen=True)
class Keywords:
    """The keywords of one kind of object.

    Attributes:
        read: Those that the contract holds.
        noise: Those that no call depends on, beside `PROSE`, which is noise in every object.
        notes: The others, with the value that means the same as leaving the keyword out.
    """

    read: frozenset[str]
    noise: frozenset[str] = frozenset()
    notes: dict[str, Any] = field(default_factory=dict)

    def others(self, raw: Json) -> Iterator[tuple[str, Any]]:
        """Yield the notes of an object, by keyword."""
        for key, value in raw.items():
            if key in self.read or key in self.noise or key in PROSE or key.startswith("x-"):
                continue
            if key not in self.notes or value != self.notes[key]:
                yield key, value


# The names that operations, tags and versions of the text have. Of the components, those count that are referred to.
DOCUMENT = Keywords(
    _words("paths security servers"),
    _words("components info openapi tags"),
    {"jsonSchemaDialect": None, "webhooks": {}},
)
SERVER = Keywords(_words("url variables"), _words("name"))
PATH_ITEM = Keywords(_words("$ref parameters servers") | frozenset(METHODS))
OPERATION = Keywords(
    _words("deprecated parameters requestBody responses security servers"),
    _words("operationId tags"),
    {"callbacks": {}},
)
# A reserved character and an empty value are decided upon in a query only.
PARAMETER = Keywords(
    _words("$ref allowEmptyValue allowReserved content deprecated explode in name required schema style")
)
REQUEST_BODY = Keywords(_words("$ref content required"))
MEDIA_TYPE = Keywords(_words("encoding schema"))
ENCODING = Keywords(_words("allowReserved contentType explode headers style"))
# A link suggests another call, and has no effect on this one.
RESPONSE = Keywords(_words("$ref content headers"), _words("links"))
HEADER = Keywords(
    _words("$ref schema"),
    frozenset(),
    {
        "allowEmptyValue": False,
        "allowReserved": False,
        "content": {},
        "deprecated": False,
        "explode": False,
        "required": False,
        "style": "simple",
    },
)
# Ways to authenticate come and go, and their names change. The client sends a bearer token: whether an operation
# accepts one is read. The scopes of a flow are those that operations name.
SECURITY_SCHEME = Keywords(_words("flows scheme type"), _words("bearerFormat in name"))
FLOW = Keywords(frozenset(), _words("scopes"))

# Where a schema is not a property, readOnly and writeOnly say nothing. Of `$defs`, what is referred to counts.
SCHEMA = Keywords(
    _words(
        "$ref additionalProperties allOf anyOf const contains contentEncoding contentMediaType default"
        " dependentRequired dependentSchemas deprecated discriminator else enum exclusiveMaximum exclusiveMinimum"
        " format if items maxContains maxItems maxLength maxProperties maximum minContains minItems minLength"
        " minProperties minimum multipleOf not nullable oneOf pattern patternProperties prefixItems properties"
        " propertyNames readOnly required then type unevaluatedItems unevaluatedProperties uniqueItems writeOnly"
    ),
    _words("$defs $vocabulary"),
)

# Enumerations of OpenAPI itself, some of whose values have been published in capitals.
_SPELLED: dict[str, frozenset[str]] = {
    "style": _words("deepObject form label matrix pipeDelimited simple spaceDelimited"),
    "in": _words("cookie header path query"),
    "type": _words("array boolean integer null number object string"),
}


def spelled(key: str, value: str) -> str:
    """Return a value of an enumeration of OpenAPI as OpenAPI spells it, and an unknown value unchanged."""
    known = _SPELLED[key]
    return value if value in known else next((own for own in known if own.lower() == value.lower()), value)


def text_of(value: object) -> str:
    """Return a value as a short JSON text, or its digest if it is long or prose, which no lock may hold."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    if len(text) <= 80 and text.count(" ") < 2:
        return text
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()[:16]}"
