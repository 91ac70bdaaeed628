"""Kinds of changes of a description, each with the class that it is to be told as, and the documents to change."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from generator.descriptions.description import METHODS

Json = dict[str, Any]
Change = Callable[[Json, random.Random], bool]

KINDS: dict[str, tuple[str, Change]] = {}


class NoPlaceError(Exception):
    """A document has no place for a kind of change."""


def document_of(lock: Path) -> Json:
    """Return a description with the contract of a lock, in OpenAPI 3.1."""
    raw = json.loads(lock.read_bytes())
    paths: Json = {}
    for key, operation in raw["operations"].items():
        method, path = key.replace("{version}", raw["version"]).split(" ")
        paths.setdefault(path, {})[method.lower()] = _operation(operation)
    urls = {steps[-2]: json.loads(steps[-1]) for steps in raw["notes"] if steps[0] == "authentication"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Files", "version": raw["version"]},
        "servers": [{"url": url} for url in raw["servers"]],
        "paths": paths,
        "components": {
            "schemas": {name: _schema(node) for name, node in raw["schemas"].items()},
            "securitySchemes": {"oauth2": {"type": "oauth2", "flows": {"authorizationCode": {**urls, "scopes": {}}}}},
        },
    }


def _operation(raw: Json) -> Json:
    written: Json = {"parameters": [], "responses": {}, "deprecated": raw.get("deprecated", False)}
    for key, entry in raw.get("parameters", {}).items():
        place, name = key.split(" ")
        parameter = {"name": name, "in": place, "required": entry.get("required", False)}
        if entry.get("style"):
            style, explode = entry["style"].split(", ")
            parameter |= {"style": style, "explode": explode == "exploded"}
        written["parameters"].append({**parameter, "schema": _schema(entry["schema"])})
    if "body" in raw:
        body = raw["body"]
        written["requestBody"] = {"required": body.get("required", False), "content": _content(body["content"])}
    for status, entry in raw.get("answers", {}).items():
        headers = {name: {"schema": _schema(node)} for name, node in entry.get("headers", {}).items()}
        response = {"description": "", "headers": headers, "content": _content(entry.get("content", {}))}
        written["responses"]["default" if status == "error" else status] = response
    written["security"] = [{"oauth2": scopes.split(" and ")} for scopes in raw.get("scopes", [])]
    return written


def _content(raw: Json) -> Json:
    return {kind: {"schema": _schema(node)} for kind, node in raw.items()}


def _schema(raw: Json) -> Json:
    if "$schema" in raw:
        return {"$ref": f"#/components/schemas/{raw['$schema']}"}
    written: Json = {**raw.get("limits", {}), **raw.get("notes", {})}
    if "types" in raw:
        types = [*raw["types"], *(["null"] if raw.get("nullable") else [])]
        written["type"] = types[0] if len(types) == 1 else types
    for key in ("enum", "format", "required"):
        if key in raw:
            written[key] = raw[key]
    if "properties" in raw:
        written["properties"] = {name: _schema(node) for name, node in raw["properties"].items()}
    if raw.get("closed"):
        written["additionalProperties"] = False
    elif "extra" in raw:
        written["additionalProperties"] = _schema(raw["extra"])
    if "items" in raw:
        written["items"] = _schema(raw["items"])
    if "alternatives" in raw:
        written["oneOf"] = [_schema(node) for node in raw["alternatives"]]
    return written


# --- places


def operations(document: Json) -> list[tuple[str, str, Json]]:
    return [
        (path, method, node)
        for path, item in document["paths"].items()
        for method, node in item.items()
        if method in METHODS
    ]


def resolved(document: Json, node: Json) -> Json:
    while "$ref" in node:
        found: Any = document
        for step in node["$ref"][2:].split("/"):
            found = found[step]
        node = found
    return node


def parameters(document: Json, place: str) -> list[Json]:
    """Return the parameters of one place, each once."""
    found = {}
    for path, _, node in operations(document):
        for raw in (*node.get("parameters", []), *document["paths"][path].get("parameters", [])):
            parameter = resolved(document, raw)
            if parameter["in"] == place:
                found[id(parameter)] = parameter
    return list(found.values())


def bodies(document: Json) -> list[Json]:
    return [resolved(document, node["requestBody"]) for _, _, node in operations(document) if "requestBody" in node]


def responses(document: Json, *, successful: bool = True) -> list[tuple[Json, str]]:
    """Return the responses of operations, each with its status."""
    return [
        (node["responses"], status)
        for _, _, node in operations(document)
        for status in node["responses"]
        if status.startswith("2") or not successful
    ]


def schemas(document: Json, direction: str) -> list[Json]:
    """Return the schemas that are only sent ("in") or only received ("out"), outside of choices and combinations."""
    uses: dict[int, tuple[Json, set[str]]] = {}
    for body in bodies(document):
        for media in body["content"].values():
            _walk(document, media.get("schema", {}), "in", uses)
    for held, status in responses(document, successful=False):
        for media in resolved(document, held[status]).get("content", {}).values():
            _walk(document, media.get("schema", {}), "out" if status.startswith("2") else "error", uses)
    return [node for node, ways in uses.values() if ways == {direction}]


def _walk(document: Json, raw: Json, way: str, uses: dict[int, tuple[Json, set[str]]]) -> None:
    node = resolved(document, raw)
    ways = uses.setdefault(id(node), (node, set()))[1]
    if way in ways:
        return
    ways.add(way)
    for inner in node.get("properties", {}).values():
        hidden = inner.get("readOnly") or inner.get("writeOnly")
        _walk(document, inner, "hidden" if hidden else way, uses)
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            _walk(document, node[key], way, uses)
    for key in ("allOf", "anyOf", "oneOf"):
        for inner in node.get(key, []):
            _walk(document, inner, "choice", uses)


def pick(chance: random.Random, found: list[Any]) -> Any:
    if not found:
        raise NoPlaceError
    return chance.choice(found)


def objects(document: Json, direction: str) -> list[Json]:
    return [node for node in schemas(document, direction) if node.get("properties") and "oneOf" not in node]


def texts(document: Json, direction: str) -> list[Json]:
    """Return the schemas of plain texts."""
    facts = ("enum", "format", "pattern", "maxLength")
    found = schemas(document, direction)
    return [node for node in found if node.get("type") == "string" and not any(fact in node for fact in facts)]


# --- kinds


def kind(name: str, expected: str) -> Callable[[Change], Change]:
    def add(change: Change) -> Change:
        assert name not in KINDS, name
        KINDS[name] = (expected, change)
        return change

    return add


def sets(name: str, expected: str, places: Callable[[Json], list[Json]], **facts: Any) -> None:
    """Add a kind that gives an object further entries; an entry that is there already is no place for it."""

    def change(document: Json, chance: random.Random) -> bool:
        free = [node for node in places(document) if not node.keys() & facts.keys()]
        pick(chance, free).update(json.loads(json.dumps(facts)))
        return True

    KINDS[name] = (expected, change)


def edits(name: str, expected: str, places: Callable[[Json], list[Any]], edit: Callable[[Any], object]) -> None:
    """Add a kind that edits one of the places."""

    def change(document: Json, chance: random.Random) -> bool:
        edit(pick(chance, places(document)))
        return True

    assert name not in KINDS, name
    KINDS[name] = (expected, change)


def nodes(document: Json) -> list[Json]:
    return [node for _, _, node in operations(document)]


def items(document: Json) -> list[Json]:
    return list(document["paths"].values())


def itself(document: Json) -> list[Json]:
    return [document]


def media(document: Json) -> list[Json]:
    return [media for body in bodies(document) for media in body["content"].values()]


def succeeded(document: Json) -> list[Json]:
    return [resolved(document, held[status]) for held, status in responses(document)]


def received_media(document: Json) -> list[Json]:
    return [media for response in succeeded(document) for media in response.get("content", {}).values()]


def query(document: Json) -> list[Json]:
    return parameters(document, "query")


def plain_query(document: Json) -> list[Json]:
    """Return the parameters of queries that are plain texts."""
    facts = {"enum", "format", "pattern", "maxLength", "$ref"}
    found = [parameter for parameter in query(document) if parameter.get("schema", {}).get("type") == "string"]
    return [parameter for parameter in found if not parameter["schema"].keys() & facts]


def headers(document: Json) -> list[Json]:
    return [resolved(document, header) for held in succeeded(document) for header in held.get("headers", {}).values()]


PROSE = {
    "description": "words of this",
    "summary": "words",
    "externalDocs": {"url": "https://a.test"},
    "x-own": {"a": 1},
}
for word, prose in PROSE.items():
    for place, found in {
        "path": items,
        "operation": nodes,
        "query parameter": query,
        "body": bodies,
        "response": succeeded,
        "schema": lambda document: schemas(document, "out") + schemas(document, "in"),
        "header": headers,
        "media type": media,
    }.items():
        edits(
            f"{word} of a {place}",
            "noise",
            # Beside a reference, 3.0 ignores it, and the place itself is changed here.
            found,
            lambda node, word=word, prose=prose: node.update({word: prose}),  # type: ignore[misc]
        )
for place, found in {
    "document": itself,
    "server": lambda document: document["servers"],
    "path": items,
    "operation": nodes,
    "query parameter": query,
    "path parameter": lambda document: parameters(document, "path"),
    "body": bodies,
    "response": succeeded,
    "header": headers,
    "sent schema": lambda document: objects(document, "in"),
    "received schema": lambda document: objects(document, "out"),
    "sent media type": media,
    "received media type": received_media,
}.items():
    sets(f"unknown keyword of a {place}", "metadata", found, novel={"a": [1, 2]})

# The document.
edits("other server", "breaking", itself, lambda d: d.update(servers=[{"url": "https://api-eu1.hubapi.com"}]))
edits("scheme of a server", "breaking", itself, lambda d: d["servers"][0].update(url="http://api.hubapi.com"))
edits("one more server", "additive", itself, lambda d: d["servers"].append({"url": "https://api-eu1.hubapi.com"}))
edits("path of a server", "breaking", itself, lambda d: d["servers"][0].update(url="https://api.hubapi.com/more"))
edits("server with a slash", "noise", itself, lambda d: d["servers"][0].update(url=d["servers"][0]["url"] + "/"))
edits("server in capitals", "noise", itself, lambda d: d["servers"][0].update(url="HTTPS://API.HUBAPI.COM"))
edits("description of a server", "noise", itself, lambda d: d["servers"][0].update(description="Europe"))
sets("server of a path", "breaking", items, servers=[{"url": "https://a.test"}])
sets("server of an operation", "breaking", nodes, servers=[{"url": "https://a.test"}])
sets(
    "more servers of an operation",
    "additive",
    nodes,
    servers=[{"url": "https://api.hubapi.com"}, {"url": "https://a.b"}],
)
sets("server that is said again", "noise", nodes, servers=[{"url": "https://api.hubapi.com"}])
sets("webhooks", "metadata", itself, webhooks={"done": {"post": {}}})
sets("dialect", "metadata", itself, jsonSchemaDialect="https://a.test/schema")
edits("information", "noise", itself, lambda d: d["info"].update(title="Archivos", version="4", contact={"name": "a"}))
edits("tags of the document", "noise", itself, lambda d: d.update(tags=[{"name": "Ficheiros"}]))
edits("revision of OpenAPI", "noise", itself, lambda d: d.update(openapi=d["openapi"][:3] + ".9"))
edits("unused schema", "noise", itself, lambda d: d["components"]["schemas"].update(Unused={"type": "string"}))
edits(
    "unused way to authenticate",
    "noise",
    itself,
    lambda d: d["components"]["securitySchemes"].update(key={"type": "apiKey", "in": "query", "name": "key"}),
)
sets("extension of the document", "noise", itself, **{"x-hubspot-tiers": ["a"]})


def flows(document: Json) -> list[Json]:
    schemes = document["components"]["securitySchemes"].values()
    return [flow for scheme in schemes for flow in scheme.get("flows", {}).values()]


edits("URL of tokens", "metadata", flows, lambda flow: flow.update(tokenUrl="https://a.test/token"))
edits("URL of consent", "metadata", flows, lambda flow: flow.update(authorizationUrl="https://a.test/authorize"))
edits("flow without scopes", "noise", flows, lambda flow: flow.pop("scopes", None))


@kind("version of the paths", "metadata")
def _version(document: Json, _: random.Random) -> bool:
    paths = document["paths"]
    version = document["info"]["version"]
    if not any(f"/files/{version}/" in path for path in paths):
        raise NoPlaceError
    document["paths"] = {path.replace(f"/files/{version}/", "/files/2031-03/"): item for path, item in paths.items()}
    return True


# Operations.
@kind("operation is gone", "breaking")
def _gone(document: Json, chance: random.Random) -> bool:
    path, method, _ = pick(chance, operations(document))
    del document["paths"][path][method]
    return True


@kind("other path", "breaking")
def _moved(document: Json, chance: random.Random) -> bool:
    path = pick(chance, list(document["paths"]))
    document["paths"][f"{path}/moved"] = document["paths"].pop(path)
    return True


@kind("other name of a path parameter", "noise")
def _path_name(document: Json, chance: random.Random) -> bool:
    path = pick(chance, [path for path in document["paths"] if "{" in path])
    name = path.partition("{")[2].partition("}")[0]
    item = document["paths"].pop(path)
    for holder in (item, *(node for node in item.values() if isinstance(node, dict))):
        for index, raw in enumerate(holder.get("parameters", [])):
            parameter = resolved(document, raw)
            if (parameter["in"], parameter["name"]) == ("path", name):
                holder["parameters"][index] = {**parameter, "name": "renamed"}
    document["paths"][path.replace(f"{{{name}}}", "{renamed}")] = item
    return True


sets("new operation", "additive", items, head={"responses": {"200": {"description": ""}}})
edits("new path", "additive", itself, lambda d: d["paths"].update({"/files/v3/new": {"get": {"responses": {}}}}))
edits("deprecated operation", "metadata", nodes, lambda node: node.update(deprecated=True))
sets("callbacks", "metadata", nodes, callbacks={"done": {"{$request.body#/url}": {"post": {}}}})
edits("operationId", "noise", nodes, lambda node: node.update(operationId="getIt_1"))
edits("tags of an operation", "noise", nodes, lambda node: node.update(tags=["ファイル"]))


@kind("order of the paths", "noise")
def _order(document: Json, chance: random.Random) -> bool:
    document["paths"] = dict(chance.sample(list(document["paths"].items()), len(document["paths"])))
    return True


@kind("method in capitals", "metadata")
def _method(document: Json, chance: random.Random) -> bool:
    path, method, node = pick(chance, operations(document))
    del document["paths"][path][method]
    document["paths"][path][method.upper()] = node
    return True


# Security.
def secured(document: Json) -> list[Json]:
    return [node for node in nodes(document) if any(choice.get("oauth2") for choice in node.get("security", []))]


edits("other scopes", "breaking", secured, lambda node: node.update(security=[{"oauth2": ["other"]}]))
edits("one more scope", "additive", secured, lambda node: node["security"].append({"oauth2": ["other"]}))
edits(
    "one scope less",
    "breaking",
    lambda d: [n for n in secured(d) if len(n["security"]) > 1],
    lambda node: node["security"].pop(),
)
edits(
    "scope that is needed, too",
    "breaking",
    secured,
    lambda node: [c["oauth2"].append("other") for c in node["security"]],
)
edits(
    "scope that suffices with another, too",
    "metadata",
    secured,
    lambda node: node["security"].append({"oauth2": [*node["security"][0]["oauth2"], "other"]}),
)
edits("no scopes", "additive", secured, lambda node: node.update(security=[{"oauth2": []}]))
edits("order of scopes", "noise", secured, lambda node: node["security"].reverse())
edits("another way to authenticate", "noise", secured, lambda node: node["security"].append({"key": []}))
edits(
    "no token", "breaking", secured, lambda node: node.update(security=[{"key": c["oauth2"]} for c in node["security"]])
)


@kind("name of a way to authenticate", "noise")
def _scheme(document: Json, _: random.Random) -> bool:
    schemes = document["components"]["securitySchemes"]
    name = next(iter(schemes))
    schemes["renamed"] = schemes.pop(name)
    for holder in (document, *nodes(document)):
        for choice in holder.get("security", []):
            if name in choice:
                choice["renamed"] = choice.pop(name)
    return True


# Parameters.
NEW: Json = {"name": "novel", "in": "query", "schema": {"type": "string"}}


def listed(document: Json) -> list[list[Json]]:
    return [node.setdefault("parameters", []) for node in nodes(document)]


def own_query(document: Json) -> list[tuple[list[Json], Json]]:
    """Return the parameters of queries with the lists that hold them."""
    return [
        (entries, raw) for entries in listed(document) for raw in entries if resolved(document, raw)["in"] == "query"
    ]


edits("optional query parameter", "additive", listed, lambda entries: entries.append(dict(NEW)))
edits("required query parameter", "breaking", listed, lambda entries: entries.append({**NEW, "required": True}))
edits("header parameter", "additive", listed, lambda entries: entries.append({**NEW, "in": "header"}))
edits(
    "ignored header parameter",
    "noise",
    listed,
    lambda entries: entries.append({**NEW, "in": "header", "name": "Accept"}),
)
edits("query parameter is gone", "breaking", own_query, lambda found: found[0].remove(found[1]))
edits("other name of a query parameter", "breaking", query, lambda parameter: parameter.update(name="novel"))
edits("query parameter in a header", "breaking", query, lambda parameter: parameter.update({"in": "header"}))
edits("order of parameters", "noise", listed, lambda entries: entries.reverse())
edits(
    "query parameter that is needed",
    "breaking",
    lambda d: [p for p in query(d) if not p.get("required")],
    lambda p: p.update(required=True),
)
edits("deprecated parameter", "metadata", query, lambda parameter: parameter.update(deprecated=True))
edits("type of a parameter", "breaking", plain_query, lambda parameter: parameter["schema"].update(type="boolean"))
edits(
    "list as a parameter", "breaking", plain_query, lambda p: p.update(schema={"type": "array", "items": p["schema"]})
)
edits("pattern of a parameter", "breaking", plain_query, lambda parameter: parameter["schema"].update(pattern="a+"))
edits("length of a parameter", "breaking", plain_query, lambda parameter: parameter["schema"].update(maxLength=9))
edits("values of a parameter", "breaking", plain_query, lambda parameter: parameter["schema"].update(enum=["a"]))
edits("format of a parameter", "breaking", plain_query, lambda parameter: parameter["schema"].update(format="email"))
edits("default of a parameter", "metadata", plain_query, lambda parameter: parameter["schema"].update(default="a"))
edits("nullable parameter", "additive", plain_query, lambda parameter: parameter["schema"].update(nullable=True))
edits("reserved characters", "additive", query, lambda parameter: parameter.update(allowReserved=True))
edits("empty value", "additive", query, lambda parameter: parameter.update(allowEmptyValue=True))
edits("usual style", "noise", plain_query, lambda parameter: parameter.update(style="form", explode=True))
edits("style in capitals", "metadata", plain_query, lambda parameter: parameter.update(style="FORM"))
edits("type in capitals", "metadata", plain_query, lambda parameter: parameter["schema"].update(type="STRING"))
edits(
    "media type of a parameter",
    "breaking",
    plain_query,
    lambda p: p.update(content={"text/csv": {"schema": p.pop("schema")}}),
)
edits(
    "example of a parameter",
    "noise",
    query,
    lambda parameter: parameter.update(example="a", examples={"a": {"value": 1}}),
)
LISTS = lambda d: [p for p in query(d) if p.get("schema", {}).get("type") == "array"]  # noqa: E731
edits("list in one text", "breaking", LISTS, lambda parameter: parameter.update(explode=False))
edits("style of a list", "breaking", LISTS, lambda parameter: parameter.update(style="pipeDelimited", explode=False))
edits("items of a list", "breaking", LISTS, lambda parameter: parameter["schema"].update(items={"type": "boolean"}))
PATTERNS = lambda d: [p for p in parameters(d, "path") if p.get("schema", {}).get("pattern") == r"\d+"]  # noqa: E731
edits("narrower pattern", "breaking", PATTERNS, lambda parameter: parameter["schema"].update(pattern=r"\d{3}"))
edits("no pattern", "additive", PATTERNS, lambda parameter: parameter["schema"].pop("pattern"))
edits("style of a path parameter", "breaking", PATTERNS, lambda parameter: parameter.update(style="label"))
INTEGERS = lambda d: [p for p in query(d) if p.get("schema", {}).get("format") == "int64"]  # noqa: E731
edits("width of a parameter", "breaking", INTEGERS, lambda parameter: parameter["schema"].update(format="int32"))
edits("smallest value of a parameter", "breaking", INTEGERS, lambda parameter: parameter["schema"].update(minimum=3))


@kind("parameter that is referred to", "noise")
def _referred(document: Json, chance: random.Random) -> bool:
    entries, raw = pick(chance, own_query(document))
    document["components"].setdefault("parameters", {})["Novel"] = resolved(document, raw)
    entries[entries.index(raw)] = {"$ref": "#/components/parameters/Novel"}
    return True


# Bodies.
def with_body(document: Json) -> list[Json]:
    return [node for node in nodes(document) if "requestBody" in node]


def uploads(document: Json) -> list[tuple[Json, str]]:
    """Return the content of forms, with a part that is a text."""
    found = []
    for body in bodies(document):
        for kind_of, content in body["content"].items():
            parts = resolved(document, content.get("schema", {})).get("properties", {})
            texts_of = [name for name, part in parts.items() if resolved(document, part).get("type") == "string"]
            plain = [name for name in texts_of if "format" not in resolved(document, parts[name])]
            if kind_of.startswith("multipart/") and plain and "encoding" not in content:
                found.append((content, plain[0]))
    return found


def encoded(**facts: Any) -> Callable[[tuple[Json, str]], object]:
    return lambda found: found[0].update(encoding={found[1]: facts})


edits("body is gone", "breaking", with_body, lambda node: node.pop("requestBody"))
edits(
    "body",
    "additive",
    lambda d: [n for n in nodes(d) if "requestBody" not in n],
    lambda n: n.update(requestBody={"content": {"a/b": {}}}),
)
edits(
    "body that is needed",
    "breaking",
    lambda d: [b for b in bodies(d) if not b.get("required")],
    lambda b: b.update(required=True),
)
edits(
    "body that is not needed",
    "additive",
    lambda d: [b for b in bodies(d) if b.get("required")],
    lambda b: b.update(required=False),
)
edits(
    "one more media type",
    "additive",
    bodies,
    lambda body: body["content"].update({"a/b": {"schema": {"type": "string"}}}),
)
edits(
    "other media type", "breaking", bodies, lambda body: body["content"].update({"a/b": body["content"].popitem()[1]})
)
edits(
    "media type with a parameter",
    "noise",
    bodies,
    lambda b: b.update(content={f"{k.upper()}; charset=utf-8": v for k, v in b["content"].items()}),
)
edits("media type of a part", "breaking", uploads, encoded(contentType="application/json"))
edits("one more media type of a part", "additive", uploads, encoded(contentType="text/plain, application/json"))
edits("usual media type of a part", "noise", uploads, encoded(contentType="text/plain"))
edits("header of a part", "additive", uploads, encoded(headers={"X-A": {"schema": {"type": "string"}}}))
edits(
    "header of a part that is needed", "breaking", uploads, encoded(headers={"X-A": {"required": True, "schema": {}}})
)
edits("reserved characters of a part", "additive", uploads, encoded(allowReserved=True))
edits("unknown keyword of a part", "metadata", uploads, encoded(novel=1))
edits("example of a body", "noise", media, lambda content: content.update(example={"a": 1}))

# Schemas.
for direction, word in (("in", "sent"), ("out", "received")):
    is_sent = direction == "in"

    def held(document: Json, direction: str = direction) -> list[Json]:
        return objects(document, direction)

    def plain(document: Json, direction: str = direction) -> list[Json]:
        return texts(document, direction)

    def needing(document: Json, direction: str = direction) -> list[Json]:
        return [
            node for node in objects(document, direction) if set(node.get("required", [])) & node["properties"].keys()
        ]

    def optional(document: Json, direction: str = direction) -> list[tuple[Json, str]]:
        return [
            (node, name)
            for node in objects(document, direction)
            for name, entry in node["properties"].items()
            if name not in node.get("required", []) and not (entry.get("readOnly") or entry.get("writeOnly"))
        ]

    def with_values(document: Json, direction: str = direction) -> list[Json]:
        return [node for node in schemas(document, direction) if len(node.get("enum", [])) > 1]

    def numbers(document: Json, direction: str = direction) -> list[Json]:
        return [node for node in schemas(document, direction) if node.get("format") == "int64"]

    edits(f"{word} property", "additive", held, lambda n: n["properties"].update(novel={"type": "string"}))
    edits(
        f"{word} property that is needed",
        "breaking" if is_sent else "additive",
        held,
        lambda n: n.update(
            properties={**n["properties"], "novel": {"type": "string"}}, required=[*n.get("required", []), "novel"]
        ),
    )
    edits(f"{word} property is gone", "breaking", optional, lambda found: found[0]["properties"].pop(found[1]))
    edits(
        f"{word} property becomes needed",
        "breaking" if is_sent else "additive",
        optional,
        lambda f: f[0].update(required=[*f[0].get("required", []), f[1]]),
    )
    edits(
        f"{word} property becomes optional", "additive" if is_sent else "breaking", needing, lambda n: n.pop("required")
    )
    edits(f"type of what is {word}", "breaking", plain, lambda n: n.update(type="boolean"))
    edits(f"format with a type of what is {word}", "breaking", plain, lambda n: n.update(format="date-time"))
    edits(
        f"format of what is {word}", "breaking" if is_sent else "metadata", plain, lambda n: n.update(format="hostname")
    )
    edits(f"pattern of what is {word}", "breaking" if is_sent else "metadata", plain, lambda n: n.update(pattern="a+"))
    edits(f"length of what is {word}", "breaking" if is_sent else "metadata", plain, lambda n: n.update(maxLength=7))
    edits(
        f"listed values of what is {word}", "breaking" if is_sent else "additive", plain, lambda n: n.update(enum=["a"])
    )
    edits(f"null is {word}", "additive" if is_sent else "breaking", plain, lambda n: n.update(nullable=True))
    edits(f"deprecated where it is {word}", "metadata", plain, lambda n: n.update(deprecated=True))
    edits(f"default of what is {word}", "metadata", plain, lambda n: n.update(default="a"))
    edits(f"JSON in a text that is {word}", "metadata", plain, lambda n: n.update(contentMediaType="application/json"))
    edits(f"XML of what is {word}", "metadata", plain, lambda n: n.update(xml={"attribute": True}))
    edits(f"one more value is {word}", "additive", with_values, lambda n: n["enum"].append("NOVEL"))
    edits(f"one value less is {word}", "breaking", with_values, lambda n: n["enum"].pop())
    edits(f"order of values that are {word}", "noise", with_values, lambda n: n["enum"].reverse())
    edits(
        f"free values where they are {word}",
        "additive" if is_sent else "breaking",
        with_values,
        lambda n: n.pop("enum"),
    )
    edits(
        f"width of what is {word}", "breaking" if is_sent else "metadata", numbers, lambda n: n.update(format="int32")
    )
    edits(
        f"fractions are {word}",
        "additive" if is_sent else "breaking",
        numbers,
        lambda n: [n.update(type="number"), n.pop("format")],
    )
    edits(
        f"closed where it is {word}",
        "breaking" if is_sent else "metadata",
        lambda d, held=held: [n for n in held(d) if "additionalProperties" not in n],
        lambda n: n.update(additionalProperties=False),
    )  # type: ignore[misc]
    edits(f"rule of what is {word}", "breaking" if is_sent else "metadata", held, lambda n: n.update(minProperties=2))
    edits(f"discriminator of what is {word}", "metadata", held, lambda n: n.update(discriminator={"propertyName": "a"}))
    edits(
        f"order of what is {word}",
        "noise",
        held,
        lambda n: n.update(properties=dict(reversed(n["properties"].items()))),
    )
    edits(f"title of what is {word}", "noise", held, lambda n: n.update(title="Título", example={"a": 1}, examples=[1]))
    edits(f"length that is none of what is {word}", "noise", plain, lambda n: n.update(minLength=0, uniqueItems=False))
    edits(
        f"combination of one of what is {word}",
        "noise",
        held,
        lambda n: [inner := dict(n), n.clear(), n.update(allOf=[inner])],
    )
    edits(
        f"further properties of what is {word} are allowed",
        "noise",
        lambda d, held=held: [n for n in held(d) if "additionalProperties" not in n],
        lambda n: n.update(additionalProperties=True),
    )  # type: ignore[misc]
    edits(
        f"property that is not {word}",
        "breaking",
        lambda d, optional=optional: [f for f in optional(d) if "$ref" not in f[0]["properties"][f[1]]],  # type: ignore[misc]
        lambda f, key="readOnly" if is_sent else "writeOnly": f[0]["properties"][f[1]].update({key: True}),  # type: ignore[misc]
    )


@kind("schema by another name", "noise")
def _named(document: Json, chance: random.Random) -> bool:
    schemas_of = document["components"]["schemas"]
    name = pick(chance, [name for name in schemas_of if f'"#/components/schemas/{name}"' in json.dumps(document)])
    text = json.dumps(document).replace(f'"#/components/schemas/{name}"', '"#/components/schemas/Novel"')
    document.update(json.loads(text))
    document["components"]["schemas"]["Novel"] = document["components"]["schemas"].pop(name)
    return True


# Responses.
def answered(document: Json) -> list[tuple[Json, str]]:
    return responses(document)


edits("response is gone", "breaking", answered, lambda found: found[0].pop(found[1]))
edits("new response", "additive", nodes, lambda node: node["responses"].update({"299": {"description": "More."}}))
edits("other status", "breaking", answered, lambda found: found[0].update({"298": found[0].pop(found[1])}))
edits(
    "errors by status",
    "noise",
    lambda d: [n["responses"] for n in nodes(d) if "default" in n["responses"]],
    lambda r: r.update({"404": r["default"]}),
)
edits(
    "errors are gone",
    "breaking",
    lambda d: [
        n["responses"]
        for n in nodes(d)
        if "default" in n["responses"] and not any(s[0] in "45" for s in n["responses"])
    ],
    lambda r: r.pop("default"),
)
edits(
    "media type of a response",
    "breaking",
    lambda d: [r for r in succeeded(d) if r.get("content")],
    lambda r: r.update(content={"a/b": next(iter(r["content"].values()))}),
)
edits(
    "one more media type of a response",
    "additive",
    lambda d: [r for r in succeeded(d) if r.get("content")],
    lambda r: r["content"].update({"a/b": {}}),
)
edits(
    "header of a response",
    "metadata",
    succeeded,
    lambda r: r.setdefault("headers", {}).update({"X-Novel": {"schema": {"type": "string"}}}),
)
edits("header is gone", "metadata", lambda d: [r for r in succeeded(d) if r.get("headers")], lambda r: r.pop("headers"))
edits("deprecated header", "metadata", headers, lambda header: header.update(deprecated=True))
edits(
    "usual form of a header",
    "noise",
    headers,
    lambda header: header.update(style="simple", explode=False, required=False),
)
edits("links of a response", "noise", succeeded, lambda r: r.update(links={"self": {"operationId": "a"}}))
edits(
    "encoding of a response",
    "metadata",
    received_media,
    lambda content: content.update(encoding={"a": {"contentType": "a/b"}}),
)


def applied(document: Json, name: str, seed: str) -> tuple[str, Json] | None:
    """Return the class of a kind with a changed copy of a document; None if that has no place for the change."""
    expected, change = KINDS[name]
    copied: Json = json.loads(json.dumps(document))
    try:
        change(copied, random.Random(seed))
    except NoPlaceError:
        return None
    return expected, copied


def seeds(count: int, documents: int) -> Iterator[tuple[str, int, str]]:
    """Yield kinds in turn, each with the number of a document and a seed."""
    names = sorted(KINDS)
    for number in range(count):
        name = names[number % len(names)]
        yield name, (number // len(names) + number) % documents, f"{name} {number}"
