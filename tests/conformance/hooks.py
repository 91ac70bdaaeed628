"""Hooks for schemathesis: properties of the emulator that a description cannot express, each with its reason."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

import httpx
import schemathesis
from schemathesis import Case, HookContext, Response
from schemathesis.core.failures import AcceptedNegativeData, Failure, MalformedJson
from schemathesis.openapi.checks import (
    EnsureResourceAvailability,
    JsonSchemaError,
    MissingContentType,
    UndefinedContentType,
)

_INSTANT = re.compile("(created|updated|expires)At(Gte|Lte)?")


@schemathesis.hook
def map_body(context: HookContext, body: Any) -> Any:
    """Remove conflicting and unknown keys, so that most calls are accepted.

    Only valid values are changed, so invalid cases stay invalid.
    """
    if context.operation is None or not isinstance(body, dict):
        return body
    components = context.operation.schema.raw_schema["components"]["schemas"]
    [media] = context.operation.definition.raw["requestBody"]["content"].values()
    described = components[media["schema"]["$ref"].rpartition("/")[2]]
    properties = described["properties"]
    changed = _usable({name: value for name, value in body.items() if name in properties})
    # A dated version requires the properties of such a pair. These values have no conflict.
    pair = {"duplicateValidationStrategy": "NONE", "duplicateValidationScope": "ENTIRE_PORTAL"}
    for name in pair.keys() & body.keys() & {*described.get("required", [])}:
        changed.setdefault(name, pair[name])
    if isinstance(changed.get("options"), dict):
        properties_named = components[properties["options"]["$ref"].rpartition("/")[2]]["properties"]
        changed["options"] = _usable(
            {name: value for name, value in changed["options"].items() if name in properties_named}
        )
    if "folderPath" in properties and "folderId" not in changed:
        changed.setdefault("folderPath", "/library")
    return changed


def _usable(values: dict[str, Any]) -> dict[str, Any]:
    texts = {name for name, value in values.items() if isinstance(value, str)}
    dropped = texts & {"ttl", "charsetHunch"}
    for name, other in (("folderId", "folderPath"), ("parentFolderId", "parentPath")):
        if {name, other} <= texts:
            dropped.add(name)
    if values.get("duplicateValidationStrategy") in _STRATEGIES or values.get("duplicateValidationScope") in _SCOPES:
        allowed = {*_STRATEGIES, *_SCOPES, None}
        pair = {"duplicateValidationStrategy", "duplicateValidationScope"} & values.keys()
        dropped |= pair if all(isinstance(values[name], str) and values[name] in allowed for name in pair) else set()
    if "expiresAt" in texts and _is_instant(values["expiresAt"]):
        dropped.add("expiresAt")
    kept = {name: value for name, value in values.items() if name not in dropped}
    for name in (texts - dropped) & {"name", "fileName", "folderPath", "parentPath"}:
        kept[name] = re.sub(r"[\x00-\x1f\x7f]|^[.]+$", "", kept[name]).strip() or "a name"
    if "url" in texts:
        kept["url"] = "https://example.com/cat.png"
    return kept


_STRATEGIES = ("NONE", "REJECT", "RETURN_EXISTING")
_SCOPES = ("ENTIRE_PORTAL", "EXACT_FOLDER")


def _is_instant(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


@schemathesis.hook
def filter_failure(context: HookContext, failure: Failure, case: Case, response: Response) -> bool:
    """Return whether a failure counts."""
    return not (
        _is_another_route(failure, case, response)
        or _counts_as_absent(failure, case, response)
        or _is_an_epoch(failure, case)
        or _is_an_id(failure, case)
        or _has_fewer_properties(failure, case)
        or _redirects(failure, case, response)
        or _is_deleted(failure, case, response)
        or _is_a_valid_upload(failure)
        or _is_text(failure, case)
    )


def _is_another_route(failure: Failure, case: Case, response: Response) -> bool:
    """Return whether a path with an invalid parameter belongs to no operation or another one.

    HubSpot sends HTML for unknown routes. An OPTIONS request to a folder path of digits gets the methods of a folder
    id.
    """
    given = case.path_parameters or {}
    ids = [str(value) for name, value in given.items() if name in ("fileId", "folderId")]
    if any(not re.fullmatch("[0-9]{1,30}", value) for value in ids):
        return response.status_code in (404, 405) and isinstance(failure, UndefinedContentType)
    return re.fullmatch("[0-9]+", str(given.get("folderPath", ""))) is not None and response.status_code == 405


def _counts_as_absent(failure: Failure, case: Case, response: Response) -> bool:
    """Return whether parameters are blank or null: the assumptions blank-parameters and unknown-keys."""
    if not isinstance(failure, AcceptedNegativeData):
        return False
    sent = parse_qsl(urlsplit(str(response.request.url)).query, keep_blank_values=True)
    return any(not value for _, value in sent) or _holds_null(case.body)


def _holds_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_null(item) for item in value.values())
    return value is None


def _is_an_epoch(failure: Failure, case: Case) -> bool:
    """Return whether a time is in milliseconds, as in HubSpot's reference; its description has date-times."""
    return isinstance(failure, AcceptedNegativeData) and any(
        _INSTANT.fullmatch(name) and re.fullmatch("-?[0-9]+", str(value)) for name, value in (case.query or {}).items()
    )


def _is_an_id(failure: Failure, case: Case) -> bool:
    """Return whether a value is an id, as text or number: the assumption loose-ids."""
    body = case.body if isinstance(case.body, dict) else {}
    return isinstance(failure, AcceptedNegativeData) and any(
        re.fullmatch("[0-9]+", str(body.get(name, ""))) for name in ("id", "folderId", "parentFolderId")
    )


def _has_fewer_properties(failure: Failure, case: Case) -> bool:
    """Return whether the query limits the response, required properties too: the assumption properties-subset."""
    return (
        isinstance(failure, JsonSchemaError)
        and not {"properties", "property"}.isdisjoint(case.query or {})
        and "is a required property" in failure.message
    )


def _redirects(failure: Failure, case: Case, response: Response) -> bool:
    """Return whether a download redirects: HubSpot documents no success response, and neither does ours."""
    return (
        case.operation.definition.raw.get("operationId") == "downloadFile"
        and response.status_code == 302
        and isinstance(failure, MissingContentType | MalformedJson)
    )


def _is_deleted(failure: Failure, case: Case, response: Response) -> bool:
    """Return whether a 404 is right: the oracle has the deletion, or another folder is missing.

    schemathesis does not connect a deletion by path or for good, or of the parent folder, with the deleted item. A
    change that names a missing folder gets a 404 too: the assumption missing-folder.
    """
    if not isinstance(failure, EnsureResourceAvailability):
        return False
    missed = cast("dict[str, Any]", response.json()).get("context", {}).get("id")
    given = [str(value) for value in (case.path_parameters or {}).values()]
    if missed not in [[value] for value in given]:
        return True
    base_url = str(response.request.url).partition("/files/")[0]
    files, folders = (
        httpx.get(f"{base_url}/_emulator/{kind}").raise_for_status().json()["results"] for kind in ("files", "folders")
    )
    deleted = {file["id"] for file in files if file["state"] != "live"}
    return bool(set(given) & (deleted | {folder["id"] for folder in folders if folder["archived"]}))


def _is_a_valid_upload(failure: Failure) -> bool:
    """Return whether a valid upload is reported as invalid, as when bytes are checked as a string."""
    return isinstance(failure, AcceptedNegativeData) and "Invalid component: positive test case" in failure.message


def _is_text(failure: Failure, case: Case) -> bool:
    """Return whether a value becomes text, as the parts of a form do."""
    return (
        isinstance(failure, AcceptedNegativeData)
        and case.media_type == "multipart/form-data"
        and re.search(r"/properties/(fileName|folderPath|folderId|charsetHunch) \(was string", failure.message)
        is not None
    )
