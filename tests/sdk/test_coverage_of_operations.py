"""Each operation of the description has a method here, or a stated reason for its absence."""

from __future__ import annotations

import inspect
import pkgutil
import re
from pathlib import Path

import pytest

from hubspot_files import AsyncHubSpotFiles, HubSpotFiles
from hubspot_files._operations import file_calls, folder_calls
from hubspot_files_api import api
from hubspot_files_api.versions import VERSIONS, Version

TABLE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
ROWS = {
    operation: (method, path, where)
    for operation, method, path, where in re.findall(r"^\| (\w+) \| ([A-Z]+) (\S+) \| (.+) \|$", TABLE, re.MULTILINE)
}
# Reachable through hubspot.api only.
UNCOVERED = {"getLegacySignedUrl"}


def generated_operations() -> dict[str, str]:
    """Return the modules of the generated client, by operationId."""
    found = {}
    for module in pkgutil.walk_packages(api.__path__, f"{api.__name__}."):
        if not module.ispkg:
            first, *rest = module.name.rpartition(".")[2].split("_")
            found["".join([first, *(word.capitalize() for word in rest)])] = module.name
    return found


def test_the_table_names_every_operation_of_the_generated_client() -> None:
    assert sorted(ROWS) == sorted(generated_operations())


@pytest.mark.parametrize("operation", sorted(generated_operations()))
def test_the_layer_calls_the_generated_client(operation: str) -> None:
    module = generated_operations()[operation].removeprefix("hubspot_files_api.")
    package, _, name = module.rpartition(".")
    sources = inspect.getsource(file_calls) + inspect.getsource(folder_calls)
    called = f"from hubspot_files_api.{package} import {name}\n" in sources
    assert called is (operation not in UNCOVERED)


@pytest.mark.parametrize("operation", sorted(set(ROWS) - UNCOVERED))
@pytest.mark.parametrize("kind", [HubSpotFiles, AsyncHubSpotFiles])
def test_the_table_names_methods_that_exist(operation: str, kind: type) -> None:
    [first, *_] = re.findall(r"`hubspot\.([\w.]+)`", ROWS[operation][2])
    target: object = kind("token")
    for name in first.split("."):
        target = getattr(target, name)
    assert callable(target)


@pytest.mark.parametrize("operation", sorted(ROWS))
def test_the_table_names_the_request_of_the_description(operation: str) -> None:
    method, path, _ = ROWS[operation]
    source = Path(str(pkgutil.resolve_name(generated_operations()[operation]).__file__)).read_text(encoding="utf-8")
    assert f'"method": "{method.lower()}"' in source
    fixed = [text for text in re.split(r"\{\w+\}", path) if text]
    assert re.search(r".+?".join(map(re.escape, fixed)), source)


def test_the_table_of_versions_is_what_the_generated_client_says() -> None:
    page = (Path(__file__).parents[2] / "docs" / "versions.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` \|(.*)\|(.*)\|(.*)\|$", page, re.MULTILINE)
    assert [(name, *(cell.strip() for cell in cells)) for name, *cells in rows] == [
        (name, ", ".join(sorted(facts.missing)), _listed(_required(facts)), _listed(_not_promised(facts)))
        for name, facts in VERSIONS.items()
    ]


def _required(facts: Version) -> dict[str, set[str]]:
    return {name: {input for part in parts.values() for input in part} for name, parts in facts.required.items()}


def _not_promised(facts: Version) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for other in VERSIONS.values():
        for schema, names in other.promised.items():
            found.setdefault(schema, set()).update(names - facts.promised.get(schema, frozenset()))
    return {schema: names for schema, names in found.items() if names}


def _listed(names: dict[str, set[str]]) -> str:
    return "; ".join(f"{key}: {', '.join(f'`{name}`' for name in sorted(names[key]))}" for key in sorted(names))
