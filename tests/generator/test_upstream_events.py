"""Each kind of change gives its event, its opposite gives the opposite event, and noise gives none."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from published_api import (
    PREFIX,
    Change,
    Json,
    changed,
    compared,
    member,
    method,
    parts,
    published,
    query,
    reported,
    schema,
    search,
)

Reported = tuple[str, str, str]
TEXT = {"type": "string"}

SEARCH = f"GET {PREFIX}/search"
UPLOAD = f"POST {PREFIX}"
GET, PATCH, DELETE = (f"{name} {PREFIX}/{{fileId}}" for name in ("GET", "PATCH", "DELETE"))
FILE = "schema File, answers of 4 operations"
UPDATE = f"schema FileUpdate, requests of {PATCH}"


def add_query(document: Json, name: str, **facts: Any) -> None:
    search(document)["parameters"].append({"name": name, "in": "query", "schema": {"type": "string"}, **facts})


def drop_query(document: Json, name: str) -> None:
    search(document)["parameters"].remove(query(document, name))


def rename_query(document: Json) -> None:
    drop_query(document, "id")
    add_query(document, "ids", schema={"type": "array", "items": {"type": "integer", "format": "int64"}})


def new_operation(document: Json) -> None:
    document["paths"][f"{PREFIX}/{{fileId}}/download"] = {"get": {"responses": {"200": {"description": "Content."}}}}


def media(document: Json) -> Json:
    """Return the content of the upload."""
    found: Json = document["paths"][PREFIX]["post"]["requestBody"]["content"]["multipart/form-data"]
    return found


def answers(document: Json, name: str = "get") -> Json:
    found: Json = method(document, name)["responses"]
    return found


def page(document: Json) -> Json:
    found: Json = search(document)["responses"]["200"]["content"]["application/json"]["schema"]["properties"]
    return found


def replace(node: Json, **facts: Any) -> None:
    node.clear()
    node.update(facts)


# Each change with what it gives, and what it gives when it is taken back.
CHANGES: dict[str, tuple[Change, list[Reported], list[Reported]]] = {
    "optional query parameter": (
        lambda d: add_query(d, "color"),
        [("additive", SEARCH, "query parameter `color` is new")],
        [("breaking", SEARCH, "query parameter `color` is gone")],
    ),
    "required query parameter": (
        lambda d: add_query(d, "color", required=True),
        [("breaking", SEARCH, "query parameter `color` is new and required")],
        [("breaking", SEARCH, "query parameter `color` is gone")],
    ),
    "renamed query parameter": (
        rename_query,
        [
            ("breaking", SEARCH, "query parameter `id` is gone, `ids` is new"),
            ("additive", SEARCH, "query parameter `ids` is new, perhaps in place of `id`"),
        ],
        [
            ("breaking", SEARCH, "query parameter `ids` is gone, `id` is new"),
            ("additive", SEARCH, "query parameter `id` is new, perhaps in place of `ids`"),
        ],
    ),
    "parameter becomes required": (
        lambda d: query(d, "name").update(required=True),
        [("breaking", SEARCH, "query parameter `name` is required, was optional")],
        [("additive", SEARCH, "query parameter `name` is optional, was required")],
    ),
    "header parameter becomes optional": (
        lambda d: query(d, "X-Trace").update(required=False),
        [("additive", SEARCH, "header parameter `x-trace` is optional, was required")],
        [("breaking", SEARCH, "header parameter `x-trace` is required, was optional")],
    ),
    "parameter moves to a header": (
        lambda d: query(d, "name").update({"in": "header"}),
        [
            ("breaking", SEARCH, "query parameter `name` is gone"),
            ("additive", SEARCH, "header parameter `name` is new"),
        ],
        [
            ("breaking", SEARCH, "header parameter `name` is gone"),
            ("additive", SEARCH, "query parameter `name` is new"),
        ],
    ),
    "type of a parameter": (
        lambda d: query(d, "id").update(schema={"type": "string"}),
        [("breaking", SEARCH, "query parameter `id` is string, was integer (int64)")],
        [("breaking", SEARCH, "query parameter `id` is integer (int64), was string")],
    ),
    "width of a parameter": (
        lambda d: query(d, "id")["schema"].update(format="int32"),
        [("breaking", SEARCH, "width of query parameter `id` is int32, was int64")],
        [("additive", SEARCH, "width of query parameter `id` is int64, was int32")],
    ),
    "values of a parameter": (
        lambda d: query(d, "size")["schema"].update(enum=["thumb", "icon", "medium", "preview"]),
        [("additive", SEARCH, "query parameter `size` may also be `medium` and `preview`")],
        [("breaking", SEARCH, "query parameter `size` is no longer `medium` and `preview`")],
    ),
    "parameter with listed values": (
        lambda d: query(d, "name")["schema"].update(enum=["a"]),
        [("breaking", SEARCH, "query parameter `name` is one of `a`, was any text")],
        [("additive", SEARCH, "query parameter `name` is any text, was one of `a`")],
    ),
    "items of a parameter": (
        lambda d: query(d, "sort")["schema"].update(items={"type": "integer"}),
        [("breaking", SEARCH, "each item of query parameter `sort` is integer, was string")],
        [("breaking", SEARCH, "each item of query parameter `sort` is string, was integer")],
    ),
    "how a list is written": (
        lambda d: query(d, "sort").update(explode=False),
        [("breaking", SEARCH, "query parameter `sort` is form, not exploded, was form, exploded")],
        [("breaking", SEARCH, "query parameter `sort` is form, exploded, was form, not exploded")],
    ),
    "deprecated parameter": (
        lambda d: query(d, "name").update(deprecated=True),
        [("metadata", SEARCH, "query parameter `name` is deprecated")],
        [("metadata", SEARCH, "query parameter `name` is no longer deprecated")],
    ),
    "pattern of a path parameter": (
        lambda d: d["paths"][f"{PREFIX}/{{fileId}}"]["parameters"][0]["schema"].pop("pattern"),
        [("additive", place, "pattern of path parameter `fileId` is gone") for place in (DELETE, GET, PATCH)],
        [("breaking", place, "pattern `\\d+` of path parameter `fileId` is new") for place in (DELETE, GET, PATCH)],
    ),
    "default of a parameter": (
        lambda d: query(d, "id")["schema"].update(default=7),
        [("metadata", SEARCH, "default `7` of query parameter `id` is new")],
        [("metadata", SEARCH, "default of query parameter `id` is gone")],
    ),
    "tighter limit of what is sent": (
        lambda d: member(d, "FileUpdate", "name").update(maxLength=50),
        [("breaking", UPDATE, "limit of property `name` is `maxLength 50`, was `maxLength 100`")],
        [("additive", UPDATE, "limit of property `name` is `maxLength 100`, was `maxLength 50`")],
    ),
    "limit of what is answered": (
        lambda d: member(d, "File", "id").update(maxLength=50),
        [("metadata", FILE, "limit `maxLength 50` of property `id` is new")],
        [("metadata", FILE, "limit of property `id` is gone")],
    ),
    "body becomes required": (
        lambda d: d["paths"][PREFIX]["post"]["requestBody"].update(required=True),
        [("breaking", UPLOAD, "body is required, was optional")],
        [("additive", UPLOAD, "body is optional, was required")],
    ),
    "body is gone": (
        lambda d: method(d, "patch").pop("requestBody"),
        [("breaking", PATCH, "body is gone")],
        [("breaking", PATCH, "body is new and required: `application/json`")],
    ),
    "body that may be left out": (
        lambda d: method(d, "delete").update(
            requestBody={"content": {"application/json": {"schema": {"type": "object"}}}}
        ),
        [("additive", DELETE, "body is new: `application/json`")],
        [("breaking", DELETE, "body is gone")],
    ),
    "media type of a body": (
        lambda d: method(d, "patch")["requestBody"]["content"].update(
            {"text/plain": method(d, "patch")["requestBody"]["content"].pop("application/json")}
        ),
        [
            ("breaking", PATCH, "content `application/json` of body is gone"),
            ("additive", PATCH, "content `text/plain` of body is new"),
        ],
        [
            ("breaking", PATCH, "content `text/plain` of body is gone"),
            ("additive", PATCH, "content `application/json` of body is new"),
        ],
    ),
    "part of an upload": (
        lambda d: parts(d)["properties"].update(charset={"type": "string"}),
        [("additive", UPLOAD, "property `charset` of content `multipart/form-data` of body is new")],
        [("breaking", UPLOAD, "property `charset` of content `multipart/form-data` of body is gone")],
    ),
    "part of an upload is required": (
        lambda d: parts(d)["required"].append("options"),
        [("breaking", UPLOAD, "property `options` of content `multipart/form-data` of body is required, was optional")],
        [("additive", UPLOAD, "property `options` of content `multipart/form-data` of body is optional, was required")],
    ),
    "file part is text": (
        lambda d: parts(d)["properties"]["file"].pop("format"),
        [
            (
                "breaking",
                UPLOAD,
                "property `file` of content `multipart/form-data` of body is string, was string (binary)",
            )
        ],
        [
            (
                "breaking",
                UPLOAD,
                "property `file` of content `multipart/form-data` of body is string (binary), was string",
            )
        ],
    ),
    "optional property of a body": (
        lambda d: schema(d, "FileUpdate")["properties"].update(clearExpires={"type": "boolean"}),
        [("additive", UPDATE, "property `clearExpires` is new")],
        [("breaking", UPDATE, "property `clearExpires` is gone")],
    ),
    "required property of a body": (
        lambda d: schema(d, "FileUpdate").update(required=["name", "labels"]),
        [("breaking", UPDATE, "property `labels` is required, was optional")],
        [("additive", UPDATE, "property `labels` is optional, was required")],
    ),
    "type of a property of a body": (
        lambda d: replace(member(d, "FileUpdate", "expiresAt"), type="string", format="date-time"),
        [("breaking", UPDATE, "property `expiresAt` is string (date-time), was integer (int64)")],
        [("breaking", UPDATE, "property `expiresAt` is integer (int64), was string (date-time)")],
    ),
    "type that is one of several of a body": (
        lambda d: replace(member(d, "FileUpdate", "expiresAt"), oneOf=[{"type": "integer"}, {"type": "string"}]),
        [("additive", UPDATE, "property `expiresAt` is integer or string, was integer (int64)")],
        [("breaking", UPDATE, "property `expiresAt` is integer (int64), was integer or string")],
    ),
    "nested property of a body": (
        lambda d: member(d, "FileUpdate", "place")["properties"].update(path={"type": "string"}),
        [("additive", UPDATE, "property `place.path` is new")],
        [("breaking", UPDATE, "property `place.path` is gone")],
    ),
    "null in a body": (
        lambda d: member(d, "FileUpdate", "name").update(nullable=True),
        [("additive", UPDATE, "property `name` may be null")],
        [("breaking", UPDATE, "property `name` may no longer be null")],
    ),
    "no further properties in a body": (
        lambda d: schema(d, "FileUpdate").update(additionalProperties=False),
        [("breaking", UPDATE, "it has no further properties")],
        [("additive", UPDATE, "it may have further properties")],
    ),
    "property that is only read": (
        lambda d: member(d, "FileUpdate", "labels").update(readOnly=True),
        [("breaking", UPDATE, "property `labels` is gone")],
        [("additive", UPDATE, "property `labels` is new")],
    ),
    "property of an answer": (
        lambda d: schema(d, "File")["properties"].update(md5={"type": "string"}),
        [("additive", FILE, "property `md5` is new")],
        [("breaking", FILE, "property `md5` is gone")],
    ),
    "required property of an answer": (
        lambda d: schema(d, "File").update(required=["access", "id", "size"]),
        [("additive", FILE, "property `size` is required, was optional")],
        [("breaking", FILE, "property `size` is optional, was required")],
    ),
    "type of a property of an answer": (
        lambda d: member(d, "File", "size").update(type="number", format="double"),
        [("breaking", FILE, "property `size` is number (double), was integer (int64)")],
        [("additive", FILE, "property `size` is integer (int64), was number (double)")],
    ),
    "format of a property of an answer": (
        lambda d: member(d, "File", "createdAt").pop("format"),
        [("breaking", FILE, "property `createdAt` is string, was string (date-time)")],
        [("breaking", FILE, "property `createdAt` is string (date-time), was string")],
    ),
    "format that changes no type": (
        lambda d: member(d, "File", "group").update(format="uri"),
        [("metadata", FILE, "format of property `group` is uri, was none")],
        [("metadata", FILE, "format of property `group` is none, was uri")],
    ),
    "items of an answer": (
        lambda d: member(d, "File", "labels")["items"].update(type="integer"),
        [("breaking", FILE, "property `labels[]` is integer, was string")],
        [("breaking", FILE, "property `labels[]` is string, was integer")],
    ),
    "further properties of an answer": (
        lambda d: member(d, "File", "links").update(additionalProperties={"type": "integer"}),
        [("breaking", FILE, "property `links{}` is integer, was string")],
        [("breaking", FILE, "property `links{}` is string, was integer")],
    ),
    "values of an answer": (
        lambda d: member(d, "File", "access")["enum"].append("SENSITIVE"),
        [("additive", FILE, "property `access` may also be `SENSITIVE`")],
        [("breaking", FILE, "property `access` is no longer `SENSITIVE`")],
    ),
    "answer with listed values": (
        lambda d: member(d, "File", "group").update(enum=["FORMS", "CONTENT"]),
        [("additive", FILE, "property `group` is one of `CONTENT` and `FORMS`, was any text")],
        [("breaking", FILE, "property `group` is any text, was one of `CONTENT` and `FORMS`")],
    ),
    "null in an answer": (
        lambda d: member(d, "File", "size").update(nullable=True),
        [("breaking", FILE, "property `size` may be null")],
        [("additive", FILE, "property `size` may no longer be null")],
    ),
    "nested property of one answer": (
        lambda d: page(d)["paging"]["properties"]["next"]["properties"].update(link={"type": "string"}),
        [("additive", SEARCH, "property `paging.next.link` of answer 200 is new")],
        [("breaking", SEARCH, "property `paging.next.link` of answer 200 is gone")],
    ),
    "answer that is one of several": (
        lambda d: page(d)["results"].update(items={"anyOf": [page(d)["results"]["items"], {"type": "string"}]}),
        [("breaking", SEARCH, "property `results[]` of answer 200 may also be `string`")],
        [("additive", SEARCH, "property `results[]` of answer 200 is no longer `string`")],
    ),
    "deprecated property": (
        lambda d: member(d, "File", "size").update(deprecated=True),
        [("metadata", FILE, "property `size` is deprecated")],
        [("metadata", FILE, "property `size` is no longer deprecated")],
    ),
    "new status": (
        lambda d: answers(d).update({"206": {"description": "A part."}}),
        [("additive", GET, "answer 206 is new")],
        [("breaking", GET, "answer 206 is gone")],
    ),
    "other status": (
        lambda d: answers(d, "delete").update({"202": answers(d, "delete").pop("204")}),
        [("breaking", DELETE, "answer 204 is gone"), ("additive", DELETE, "answer 202 is new")],
        [("breaking", DELETE, "answer 202 is gone"), ("additive", DELETE, "answer 204 is new")],
    ),
    "media type of an answer": (
        lambda d: answers(d)["200"]["content"].update({"text/csv": {"schema": {"type": "string"}}}),
        [("additive", GET, "content `text/csv` of answer 200 is new")],
        [("breaking", GET, "content `text/csv` of answer 200 is gone")],
    ),
    "media type of all errors that is not named": (
        lambda d: d["components"]["responses"]["Error"].update(
            content={"*/*": d["components"]["responses"]["Error"]["content"]["application/json"]}
        ),
        [("breaking", "error answers of 5 operations", "content of answer is */*, was application/json")],
        [("additive", "error answers of 5 operations", "content of answer is application/json, was */*")],
    ),
    "property of all errors": (
        lambda d: schema(d, "Error")["properties"].update(category={"type": "string"}),
        [("additive", "schema Error, answers of 5 operations", "property `category` is new")],
        [("breaking", "schema Error, answers of 5 operations", "property `category` is gone")],
    ),
    "no errors": (
        lambda d: answers(d).pop("default"),
        [("breaking", f"error answers of {GET}", "answer is gone")],
        [("additive", f"error answers of {GET}", "answer is new")],
    ),
    "header of an answer": (
        lambda d: answers(d)["200"].update(headers={"Location": {"schema": {"type": "string"}}}),
        [("metadata", GET, "header `location` of answer 200 is new")],
        [("metadata", GET, "header `location` of answer 200 is gone")],
    ),
    "scopes": (
        lambda d: method(d, "delete").update(security=[{"oauth2": ["files"]}, {"oauth2": ["files.delete"]}]),
        [("breaking", f"scopes of {DELETE}", "new: `files.delete`; gone: `files.write`")],
        [("breaking", f"scopes of {DELETE}", "new: `files.write`; gone: `files.delete`")],
    ),
    "one more scope that suffices": (
        lambda d: method(d, "delete")["security"].append({"oauth2": ["files.delete"]}),
        [("additive", f"scopes of {DELETE}", "new: `files.delete`")],
        [("breaking", f"scopes of {DELETE}", "gone: `files.delete`")],
    ),
    "scopes that suffice together, too": (
        lambda d: method(d, "delete")["security"].append({"oauth2": ["files", "a"]}),
        [("metadata", f"scopes of {DELETE}", "new: `a and files`")],
        [("metadata", f"scopes of {DELETE}", "gone: `a and files`")],
    ),
    "no token": (
        lambda d: method(d, "delete").update(security=[{"app": ["files"]}, {"app": ["files.write"]}]),
        [("breaking", DELETE, "the operation accepts no bearer token any more")],
        [("additive", DELETE, "the operation accepts a bearer token")],
    ),
    "server": (
        lambda d: d.update(servers=[{"url": "https://api-eu1.hubapi.com/"}]),
        [("breaking", "servers of 5 operations", "new: `https://api-eu1.hubapi.com`; gone: `https://api.hubapi.com`")],
        [("breaking", "servers of 5 operations", "new: `https://api.hubapi.com`; gone: `https://api-eu1.hubapi.com`")],
    ),
    "one more server": (
        lambda d: d["servers"].append({"url": "https://{at}.hubapi.com", "variables": {"at": {"default": "eu"}}}),
        [("additive", "servers of 5 operations", "new: `https://eu.hubapi.com`")],
        [("breaking", "servers of 5 operations", "gone: `https://eu.hubapi.com`")],
    ),
    "server of a path": (
        lambda d: d["paths"][f"{PREFIX}/search"].update(servers=[{"url": "https://search.hubapi.com"}]),
        [("breaking", f"servers of {SEARCH}", "new: `https://search.hubapi.com`; gone: `https://api.hubapi.com`")],
        [("breaking", f"servers of {SEARCH}", "new: `https://api.hubapi.com`; gone: `https://search.hubapi.com`")],
    ),
    "server of an operation": (
        lambda d: method(d, "get").update(servers=[{"url": "https://api.hubapi.com"}, {"url": "https://b.test"}]),
        [("additive", f"servers of {GET}", "new: `https://b.test`")],
        [("breaking", f"servers of {GET}", "gone: `https://b.test`")],
    ),
    "media type of a part": (
        lambda d: media(d).update(encoding={"options": {"contentType": "application/json"}}),
        [
            (
                "breaking",
                UPLOAD,
                "property `options` of content `multipart/form-data` of body is no longer sent as `the usual type`",
            ),
            (
                "additive",
                UPLOAD,
                "property `options` of content `multipart/form-data` of body may also be sent as `application/json`",
            ),
        ],
        [
            (
                "breaking",
                UPLOAD,
                "property `options` of content `multipart/form-data` of body is no longer sent as `application/json`",
            ),
            (
                "additive",
                UPLOAD,
                "property `options` of content `multipart/form-data` of body may also be sent as `the usual type`",
            ),
        ],
    ),
    "header of a part": (
        lambda d: media(d).update(encoding={"file": {"headers": {"X-A": {"required": True, "schema": TEXT}}}}),
        [
            (
                "breaking",
                UPLOAD,
                "property `file header x-a` of content `multipart/form-data` of body is new and required",
            )
        ],
        [("breaking", UPLOAD, "property `file header x-a` of content `multipart/form-data` of body is gone")],
    ),
    "reserved characters": (
        lambda d: query(d, "name").update(allowReserved=True),
        [("additive", SEARCH, "query parameter `name` may have reserved characters that are not encoded")],
        [("breaking", SEARCH, "query parameter `name` may no longer have reserved characters that are not encoded")],
    ),
    "reserved characters of a part": (
        lambda d: media(d).update(encoding={"options": {"allowReserved": True}}),
        [
            (
                "additive",
                UPLOAD,
                "property `options` of content `multipart/form-data` of body may have reserved characters that are not"
                " encoded",
            )
        ],
        [
            (
                "breaking",
                UPLOAD,
                "property `options` of content `multipart/form-data` of body may no longer have reserved characters"
                " that are not encoded",
            )
        ],
    ),
    "no value": (
        lambda d: query(d, "name").update(allowEmptyValue=True),
        [("additive", SEARCH, "query parameter `name` may be sent without a value")],
        [("breaking", SEARCH, "query parameter `name` may no longer be sent without a value")],
    ),
    "format of a property of a body": (
        lambda d: member(d, "FileUpdate", "name").update(format="hostname"),
        [("breaking", UPDATE, "format of property `name` is hostname, was none")],
        [("additive", UPDATE, "format of property `name` is none, was hostname")],
    ),
    "pattern of an answer": (
        lambda d: member(d, "File", "id").update(pattern="a"),
        [("metadata", FILE, "pattern `a` of property `id` is new")],
        [("metadata", FILE, "pattern of property `id` is gone")],
    ),
    "spelling of OpenAPI's own words": (
        lambda d: d["paths"].update(json.loads(json.dumps(d["paths"]).replace('"string"', '"STRING"'))),
        [("metadata", "the description", "`type` is written `STRING` now, and read as `string`")],
        [("metadata", "the description", "`type` is written `STRING` no longer")],
    ),
    "spelling of a method": (
        lambda d: d["paths"][PREFIX].update(Post=d["paths"][PREFIX].pop("post")),
        [("metadata", "the description", "`method` is written `Post` now, and read as `post`")],
        [("metadata", "the description", "`method` is written `Post` no longer")],
    ),
    "where tokens come from": (
        lambda d: d["components"]["securitySchemes"]["oauth2"]["flows"]["authorizationCode"].update(tokenUrl="a"),
        [("metadata", "the description", "`tokenUrl` of authentication is `a`, was `https://api.example.com/token`")],
        [("metadata", "the description", "`tokenUrl` of authentication is `https://api.example.com/token`, was `a`")],
    ),
    "webhook": (
        lambda d: d.update(webhooks={"a": {"description": "prose", "x-b": 1, "post": {}}}),
        [("metadata", "the description", '`webhooks` `{"a":{"post":{}}}` of it is new')],
        [("metadata", "the description", "`webhooks` of it is gone")],
    ),
    "callback": (
        lambda d: method(d, "get").update(callbacks={"done": {}}),
        [("metadata", GET, '`callbacks` `{"done":{}}` of the operation is new')],
        [("metadata", GET, "`callbacks` of the operation is gone")],
    ),
    "unknown keyword of a description": (
        lambda d: d.update(novel=[1]),
        [("metadata", "the description", "`novel` `[1]` of it is new")],
        [("metadata", "the description", "`novel` of it is gone")],
    ),
    "unknown keyword of a path": (
        lambda d: d["paths"][PREFIX].update(novel=[1]),
        [("metadata", UPLOAD, "`novel` `[1]` of the operation is new")],
        [("metadata", UPLOAD, "`novel` of the operation is gone")],
    ),
    "unknown keyword of a operation": (
        lambda d: method(d, "get").update(novel=[1]),
        [("metadata", GET, "`novel` `[1]` of the operation is new")],
        [("metadata", GET, "`novel` of the operation is gone")],
    ),
    "unknown keyword of a parameter": (
        lambda d: query(d, "name").update(novel=[1]),
        [("metadata", SEARCH, "`novel` `[1]` of query parameter `name` is new")],
        [("metadata", SEARCH, "`novel` of query parameter `name` is gone")],
    ),
    "unknown keyword of a body": (
        lambda d: method(d, "patch")["requestBody"].update(novel=[1]),
        [("metadata", PATCH, "`novel` `[1]` of body is new")],
        [("metadata", PATCH, "`novel` of body is gone")],
    ),
    "unknown keyword of a media type": (
        lambda d: media(d).update(novel=[1]),
        [("metadata", UPLOAD, "`novel` `[1]` of content `multipart/form-data` of body is new")],
        [("metadata", UPLOAD, "`novel` of content `multipart/form-data` of body is gone")],
    ),
    "unknown keyword of a response": (
        lambda d: answers(d)["200"].update(novel=[1]),
        [("metadata", GET, "`novel` `[1]` of answer 200 is new")],
        [("metadata", GET, "`novel` of answer 200 is gone")],
    ),
    "unknown keyword of a schema": (
        lambda d: member(d, "File", "id").update(novel=[1]),
        [("metadata", FILE, "`novel` `[1]` of property `id` is new")],
        [("metadata", FILE, "`novel` of property `id` is gone")],
    ),
    "new operation": (
        new_operation,
        [("additive", f"GET {PREFIX}/{{fileId}}/download", "the operation is new")],
        [("breaking", f"GET {PREFIX}/{{fileId}}/download", "the operation is gone")],
    ),
    "deprecated operation": (
        lambda d: method(d, "get").update(deprecated=True),
        [("metadata", GET, "the operation is deprecated")],
        [("metadata", GET, "the operation is no longer deprecated")],
    ),
    "version": (
        lambda d: d.update(paths={path.replace("/v3/", "/2026-03/"): item for path, item in d["paths"].items()}),
        [("metadata", "paths", "the version segment is `2026-03`, was `v3`")],
        [("metadata", "paths", "the version segment is `v3`, was `2026-03`")],
    ),
}


@pytest.mark.parametrize(("change", "expected", "back"), CHANGES.values(), ids=CHANGES)
def test_a_change_is_one_event(change: Change, expected: list[Reported], back: list[Reported]) -> None:
    old, new = published(), changed(change)
    assert reported(compared(old, new)) == expected
    assert reported(compared(new, old)) == back
    assert compared(new, copy.deepcopy(new)) == []


A_TEXT = {"a": TEXT}
CHOICES: list[Json] = [{"type": "object", "properties": {name: TEXT}} for name in "bc"]
NEEDED: list[Json] = [{"required": [name]} for name in "ab"]
HELD: Json = {"type": "object", "properties": {"a": TEXT, "b": TEXT}}
CHOSEN: Json = {"type": "object", "properties": A_TEXT, "oneOf": CHOICES}

# Two schemas of OpenAPI 3.1 with the worst grade where they are sent and where they are answered, there and back.
SCHEMAS: dict[str, tuple[Any, Any, str]] = {
    "type beside choices": (CHOSEN, {**CHOSEN, "properties": {"a": {"type": "integer"}}}, "b b, b b"),
    "property beside choices": (CHOSEN, {"type": "object", "oneOf": CHOICES}, "b b, a a"),
    "required beside choices": (CHOSEN, {**CHOSEN, "required": ["a"]}, "b a, a b"),
    "closed beside choices": (CHOSEN, {**CHOSEN, "additionalProperties": False}, "b m, a m"),
    "values beside choices": (
        {**TEXT, "anyOf": [{"pattern": "a"}, {"maxLength": 3}]},
        {**TEXT, "enum": ["a"], "anyOf": [{"pattern": "a"}, {"maxLength": 3}]},
        "b a, a b",
    ),
    "type that choices have": ({"oneOf": CHOICES}, {"type": "object", "oneOf": CHOICES}, "- -, - -"),
    "choice of another type": ({"oneOf": [HELD, TEXT]}, {"oneOf": [HELD, TEXT, {"type": "array"}]}, "a b, b a"),
    "choices of what is required": (HELD, {**HELD, "anyOf": NEEDED}, "b m, a m"),
    "choices and fewer properties": (HELD, {**HELD, "properties": A_TEXT, "anyOf": NEEDED}, "b b, a a"),
    "type in place of null": ({"type": ["string", "null"]}, {"type": ["string", "integer"]}, "b b, b b"),
    "type and values": (TEXT, {"type": ["string", "integer"], "enum": ["a", 1]}, "b b, b b"),
    "type and limit": (TEXT, {"type": ["string", "integer"], "maxLength": 3}, "b b, b a"),
    "type and property": (HELD, {"type": ["object", "string"], "properties": A_TEXT}, "b b, b a"),
    "nothing": (TEXT, False, "b b, b b"),
    "any type with a limit": (TEXT, {"maxLength": 3}, "b b, b a"),
    "any type with a rule": (TEXT, {"not": {"const": "a"}}, "b b, b a"),
    "limit of any type": ({"maxLength": 5}, {"maxLength": 3}, "b m, a m"),
    "integer as number": ({"type": "integer"}, {"type": "number"}, "a b, b a"),
    "integer or number": ({"type": "number"}, {"type": ["integer", "number"]}, "- -, - -"),
    "tightest of several": (
        {"allOf": [{**TEXT, "maxLength": 5, "minLength": 2}, {"maxLength": 10, "minLength": 1}]},
        {**TEXT, "maxLength": 5, "minLength": 2},
        "- -, - -",
    ),
    "bound itself": ({"type": "integer", "exclusiveMaximum": 5}, {"type": "integer", "maximum": 5}, "a m, b m"),
    "bound below": ({"type": "integer", "minimum": 5}, {"type": "integer", "exclusiveMinimum": 5}, "b m, a m"),
    "bound that says nothing": (
        {"type": "integer", "exclusiveMaximum": 5, "maximum": 6},
        {"type": "integer", "exclusiveMaximum": 5},
        "- -, - -",
    ),
    "divisor": ({"type": "integer", "multipleOf": 4}, {"type": "integer", "multipleOf": 2}, "a m, b m"),
    "fraction": ({"type": "number", "multipleOf": 0.3}, {"type": "number", "multipleOf": 0.1}, "a m, b m"),
    "discriminator": (CHOSEN, {**CHOSEN, "discriminator": {"propertyName": "a"}}, "m m, m m"),
    "huge limit": (TEXT, {**TEXT, "maxLength": 10**400}, "b m, a m"),
}


@pytest.mark.parametrize(("before", "after", "grades"), SCHEMAS.values(), ids=SCHEMAS)
def test_the_worst_grade_is_reported(before: Any, after: Any, grades: str) -> None:
    def with_schema(name: str, held: Any) -> Json:
        document = published()
        document["openapi"] = "3.1.0"
        schema(document, name)["properties"]["held"] = held
        return document

    for way, expected in zip(((before, after), (after, before)), grades.split(", "), strict=True):
        worst = [
            next((event.grade[0] for event in compared(*(with_schema(name, held) for held in way))), "-")
            for name in ("FileUpdate", "File")
        ]
        assert " ".join(worst) == expected


def test_a_changed_style_of_a_parameter_is_reported() -> None:
    media = changed(lambda d: replace(query(d, "name"), name="name", **{"in": "query", "content": {"a/b": {}}}))
    query(media, "name")["content"]["a/b"] = {"schema": TEXT}
    what = "query parameter `name` is {}, was {}"
    assert reported(compared(published(), media)) == [("breaking", SEARCH, what.format("a/b", "a plain value"))]
    assert reported(compared(media, published())) == [("breaking", SEARCH, what.format("a plain value", "a/b"))]
    file_id = changed(lambda d: d["paths"][f"{PREFIX}/{{fileId}}"]["parameters"][0].update(style="matrix"))
    expected = "path parameter `fileId` is matrix, was a plain value"
    assert [event.what for event in compared(published(), file_id)] == [expected] * 3


@pytest.mark.parametrize("name", [".x", "[x]", "{x}", "|"])
def test_a_name_of_any_form_is_reported_in_full(name: str) -> None:
    def odd(document: Json) -> None:
        add_query(document, name)
        answers(document)["200"].update(headers={name: {"schema": TEXT}})
        answers(document)["200"]["content"][name] = {"schema": TEXT}
        schema(document, "File")["properties"][name] = TEXT

    assert sorted(event.what for event in compared(published(), changed(odd))) == [
        f"content `{name}` of answer 200 is new",
        f"header `{name}` of answer 200 is new",
        f"property `{name}` is new",
        f"query parameter `{name}` is new",
    ]


def inline(document: Json) -> Json:
    """Return the document with each reference but the last of a circle replaced by what it leads to."""

    def written(node: Any, above: tuple[str, ...]) -> Any:
        if isinstance(node, dict):
            reference = node.get("$ref")
            if isinstance(reference, str) and reference not in above:
                target: Any = document
                for part in reference[2:].split("/"):
                    target = target[part]
                return written(target, (*above, reference))
            return {key: written(value, above) for key, value in node.items()}
        return [written(value, above) for value in node] if isinstance(node, list) else node

    result: Json = {**document, "paths": written(document["paths"], ())}
    return result


def renamed(document: Json) -> Json:
    text = json.dumps(document)
    for name in ("File", "FileUpdate", "Error"):
        text = text.replace(f'#/components/schemas/{name}"', f'#/components/schemas/Public{name}"')
        text = text.replace(f'"{name}": {{"type"', f'"Public{name}": {{"type"')
    result: Json = json.loads(text)
    return result


def renamed_path(document: Json, name: str) -> None:
    item = document["paths"].pop(f"{PREFIX}/{{fileId}}")
    item["parameters"][0]["name"] = name
    document["paths"][f"{PREFIX}/{{{name}}}"] = item


def as_31(document: Json) -> Json:
    """Return the description in the forms of OpenAPI 3.1."""
    document["openapi"] = "3.1.0"
    member(document, "File", "size").update(type=["integer", "null"])
    member(document, "File", "group").update(type=["null", "string"])
    replace(member(document, "File", "parent"), anyOf=[{"$ref": "#/components/schemas/File"}, {"type": "null"}])
    replace(member(document, "File", "access"), oneOf=[{"const": "PUBLIC", "title": "Pub"}, {"const": "PRIVATE"}])
    replace(parts(document)["properties"]["file"], type="string", contentMediaType="application/octet-stream")
    member(document, "FileUpdate", "expiresAt").update(exclusiveMinimum=0)
    return document


def as_30(document: Json) -> Json:
    """Return the same in the forms of OpenAPI 3.0."""
    member(document, "File", "size").update(nullable=True)
    member(document, "File", "group").update(nullable=True)
    replace(member(document, "File", "parent"), allOf=[{"$ref": "#/components/schemas/File"}], nullable=True)
    member(document, "FileUpdate", "expiresAt").update(minimum=0, exclusiveMinimum=True)
    return document


NOISE: dict[str, Change] = {
    "nothing": lambda d: None,
    "title and description": lambda d: d["info"].update(title="ファイル", description="Archivos"),
    "tags": lambda d: [d.update(tags=[{"name": "Ficheiros"}]), search(d).update(tags=["Fichiers"])],
    "operationId": lambda d: search(d).update(operationId="get-search_doSearch"),
    "no operationId": lambda d: search(d).pop("operationId"),
    "summary and description": lambda d: search(d).update(summary="検索", description="Buscar"),
    "description of a parameter": lambda d: query(d, "name").update(description="Nom", example="x"),
    "description of a property": lambda d: member(d, "File", "id").update(description="ID", title="ID", example=None),
    "extension": lambda d: [d.update({"x-hubspot-banner": {"a": 1}}), search(d).update({"x-rate": 1})],
    "description of an answer": lambda d: answers(d)["200"].update(description="OK"),
    "example of a body": lambda d: answers(d)["200"]["content"]["application/json"].update(example=None, examples={}),
    "schema that nobody uses": lambda d: d["components"]["schemas"].update(More={"type": "string"}),
    "no schema that nobody uses": lambda d: d["components"]["schemas"].pop("Unused"),
    "flow without scopes": lambda d: d["components"]["securitySchemes"]["oauth2"]["flows"]["authorizationCode"].pop(
        "scopes"
    ),
    "other ways to authenticate": lambda d: [
        d["components"]["securitySchemes"].update(app={"type": "apiKey", "in": "cookie", "name": "app"}),
        method(d, "get")["security"].append({"app": []}),
    ],
    "scopes in another order": lambda d: method(d, "get")["security"].reverse(),
    "values in another order": lambda d: member(d, "File", "access")["enum"].reverse(),
    "required in another order": lambda d: schema(d, "File")["required"].reverse(),
    "parameters in another order": lambda d: search(d)["parameters"].reverse(),
    "parameters of the path": lambda d: [
        node.update(parameters=d["paths"][f"{PREFIX}/{{fileId}}"]["parameters"])
        for node in (method(d, "get"), method(d, "patch"), method(d, "delete"))
    ],
    "not required is said": lambda d: query(d, "name").update(required=False, style="form", explode=True),
    "usual style is not said": lambda d: [query(d, "sort").pop("style"), query(d, "sort").pop("explode")],
    "header in another case": lambda d: query(d, "X-Trace").update(name="x-trace"),
    "header that OpenAPI ignores": lambda d: search(d)["parameters"].append(
        {"name": "Authorization", "in": "header", "schema": {"type": "string"}}
    ),
    "allOf with one member": lambda d: replace(
        member(d, "File", "parent"), allOf=[{"$ref": "#/components/schemas/File"}], description="Parent."
    ),
    "oneOf with one member": lambda d: replace(
        answers(d)["200"]["content"]["application/json"],
        schema={"oneOf": [{"$ref": "#/components/schemas/File"}]},
    ),
    "reference to a reference": lambda d: [
        d["components"]["schemas"].update(Same={"$ref": "#/components/schemas/File"}),
        replace(member(d, "File", "parent"), **{"$ref": "#/components/schemas/Same"}),
    ],
    "text beside a reference": lambda d: member(d, "File", "parent").update(description="Parent."),
    "split by allOf": lambda d: [
        d["components"]["schemas"].update(Base={"type": "object", "properties": {"id": member(d, "File", "id")}}),
        schema(d, "File")["properties"].pop("id"),
        d["components"]["schemas"].update(File={"allOf": [{"$ref": "#/components/schemas/Base"}, schema(d, "File")]}),
    ],
    "errors by status": lambda d: answers(d).update({"404": answers(d)["default"], "5XX": answers(d).pop("default")}),
    "another error": lambda d: answers(d).update({"409": answers(d)["default"]}),
    "media type with a parameter": lambda d: answers(d)["200"].update(
        content={"Application/JSON; charset=utf-8": answers(d)["200"]["content"]["application/json"]}
    ),
    "no content": lambda d: answers(d, "delete")["204"].pop("content"),
    "further properties are allowed": lambda d: schema(d, "File").update(additionalProperties=True),
    "type that goes without saying": lambda d: [schema(d, "File").pop("type"), member(d, "File", "access").pop("type")],
    "limit that is none": lambda d: member(d, "File", "id").update(minLength=0, uniqueItems=False),
    "other path parameter": lambda d: renamed_path(d, "path"),
    "other name in the path only": lambda d: d["paths"].update(
        {f"{PREFIX}/{{path}}": d["paths"].pop(f"{PREFIX}/{{fileId}}")}
    ),
    "server with a slash and a port": lambda d: d.update(servers=[{"url": "HTTPS://API.hubapi.com:443/"}]),
    "server that is said again": lambda d: [
        d["paths"][PREFIX].update(servers=d["servers"]),
        method(d, "get").update(servers=d["servers"]),
    ],
    "servers in another order": lambda d: d.update(servers=[*d["servers"], *d["servers"]]),
    "usual encoding": lambda d: media(d).update(
        encoding={
            "file": {"contentType": "application/octet-stream", "style": "form", "explode": True},
            "options": {"contentType": "text/plain; charset=utf-8", "allowReserved": False},
        }
    ),
    "links": lambda d: answers(d)["200"].update(links={"self": {"operationId": "get-file"}}),
    "no callbacks and webhooks": lambda d: [d.update(webhooks={}), method(d, "get").update(callbacks={})],
    "server with the path": lambda d: d.update(
        servers=[{"url": "https://api.hubapi.com/files"}],
        paths={path.removeprefix("/files"): item for path, item in d["paths"].items()},
    ),
}


@pytest.mark.parametrize("change", NOISE.values(), ids=NOISE)
def test_noise_is_no_event(change: Change) -> None:
    old, new = published(), changed(change)
    assert reported(compared(old, new)) == []
    assert reported(compared(new, old)) == []


def test_paths_that_differ_in_a_name_only_are_told_apart_by_their_patterns() -> None:
    def twins(document: Json) -> Json:
        twin = json.loads(json.dumps(document["paths"][f"{PREFIX}/{{fileId}}"]))
        twin["parameters"][0] = {"name": "path", "in": "path", "schema": {"type": "string", "pattern": ".+"}}
        document["paths"][f"{PREFIX}/{{path}}"] = twin
        return document

    old, new = twins(published()), twins(published())
    renamed_path(new, "id")
    assert reported(compared(old, new)) == []
    paths = new["paths"]
    other = json.loads(json.dumps(paths.pop(f"{PREFIX}/{{path}}")).replace('"path", "in"', '"way", "in"'))
    paths[f"{PREFIX}/{{way}}"] = other
    assert reported(compared(old, new)) == []
    assert reported(compared(new, old)) == []
    # Without patterns, nobody can say which is which.
    for item in paths.values():
        for parameter in item.get("parameters", []):
            parameter["schema"].pop("pattern", None)
    assert {event.what for event in compared(old, new)} == {"the operation is gone", "the operation is new"}


def test_indirection_is_no_event() -> None:
    for new in (inline(published()), renamed(published())):
        assert reported(compared(published(), new)) == []
        assert reported(compared(new, published())) == []


def test_the_forms_of_two_versions_are_one() -> None:
    old, new = as_30(published()), as_31(published())
    assert reported(compared(old, new)) == []
    assert reported(compared(new, old)) == []
    assert [event.what for event in compared(published(), new)] == [event.what for event in compared(published(), old)]


def test_a_change_of_an_unnamed_schema_is_reported_for_each_operation() -> None:
    new = inline(changed(lambda d: schema(d, "Error")["properties"].update(category={"type": "string"})))
    found = compared(inline(published()), new)
    assert [(event.grade, event.what) for event in found] == [("additive", "property `category` of answer is new")]
    assert len(found[0].operations) == 5


def test_a_schema_that_is_put_together_keeps_its_name() -> None:
    def together(document: Json) -> Json:
        schemas = document["components"]["schemas"]
        schemas["Base"] = {"type": "object", "properties": {"id": schemas["File"]["properties"].pop("id")}}
        schemas["File"] = {"allOf": [{"$ref": "#/components/schemas/Base"}, schemas["File"]]}
        return document

    new = together(published())
    schema(new, "Base")["properties"]["md5"] = {"type": "string"}
    assert reported(compared(together(published()), new)) == [("additive", FILE, "property `md5` is new")]


def test_a_schema_of_requests_and_responses_counts_for_both() -> None:
    def shared(document: Json) -> Json:
        method(document, "patch")["requestBody"]["content"]["application/json"]["schema"] = {
            "$ref": "#/components/schemas/File"
        }
        return document

    new = shared(published())
    schema(new, "File")["required"].append("size")
    assert reported(compared(shared(published()), new)) == [
        ("breaking", f"schema File, requests of {PATCH}", "property `size` is required, was optional"),
        ("additive", FILE, "property `size` is required, was optional"),
    ]


def test_control_characters_are_written_as_their_codes() -> None:
    new = changed(lambda d: add_query(d, "a\x1b[31m\nb"))
    assert reported(compared(published(), new)) == [("additive", SEARCH, "query parameter `a\\x1b[31m\\nb` is new")]


def shuffled(node: Any, chance: random.Random) -> Any:
    """Return a document in another order with other prose, which says the same."""
    if isinstance(node, dict):
        entries = [(key, shuffled(value, chance)) for key, value in node.items()]
        if "type" in node or "$ref" in node:
            entries.append(("description", str(chance.random())))
        chance.shuffle(entries)
        return dict(entries)
    if isinstance(node, list):
        listed = [shuffled(value, chance) for value in node]
        chance.shuffle(listed)
        return listed
    return node


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(names=st.lists(st.sampled_from(sorted(CHANGES)), max_size=3, unique=True), seed=st.integers())
def test_order_and_prose_never_count(names: list[str], seed: int) -> None:
    document = published()
    for name in names:
        try:
            CHANGES[name][0](document)
        except (KeyError, StopIteration, ValueError):
            # One change took away what the other changes.
            continue
    # Some changes add the same parameter; a description that has it twice is not valid, and its order counts.
    for item in document["paths"].values():
        for operation in item.values():
            listed = operation.get("parameters", []) if isinstance(operation, dict) else []
            assume(len({(entry.get("in"), entry.get("name"), entry.get("$ref")) for entry in listed}) == len(listed))
    other = shuffled(document, random.Random(seed))
    assert compared(document, other) == []
    there, back = compared(published(), other), compared(other, published())
    assert there == compared(published(), document)
    assert sum(len(event.changes) for event in there) == sum(len(event.changes) for event in back)
