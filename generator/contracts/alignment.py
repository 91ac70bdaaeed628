"""Gives the parameters of a contract's paths the names that another contract has for them: names are not sent."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from .model import VERSION, Contract, Operation, canonical_json

_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


def aligned(contract: Contract, other: Contract) -> Contract:
    """Return a contract with the names that another has for the parameters of the same paths.

    Of several paths that differ in these names only, those belong together whose parameters have the same pattern.
    """
    own = [key for key in contract.operations if key not in other.operations]
    others = [key for key in other.operations if key not in contract.operations]
    renamed: dict[str, str] = {}
    for pairs in (_pairs(contract, own, other, others, patterns=flag) for flag in (True, False)):
        renamed |= {key: name for key, name in pairs if key not in renamed and name not in renamed.values()}
    if not renamed:
        return contract
    operations = {
        renamed.get(key, key): _renamed(operation, renamed[key]) if key in renamed else operation
        for key, operation in contract.operations.items()
    }
    return replace(contract, operations=dict(sorted(operations.items())))


def _pairs(
    one: Contract, keys: Iterable[str], other: Contract, others: Iterable[str], *, patterns: bool
) -> list[tuple[str, str]]:
    """Return the keys that alone have a shape on their side."""
    shapes: dict[object, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for side, (contract, listed) in enumerate(((one, keys), (other, others))):
        for key in listed:
            shapes[_shape(contract, key, patterns=patterns)][side].append(key)
    return [(mine[0], theirs[0]) for mine, theirs in shapes.values() if len(mine) == len(theirs) == 1]


def _shape(contract: Contract, key: str, *, patterns: bool) -> object:
    rules = []
    if patterns:
        operation = contract.operations[key]
        for name in _names(key):
            parameter = operation.parameters.get(("path", name))
            rules.append("" if parameter is None else canonical_json(parameter.node.notes.get("pattern")))
    return _PLACEHOLDER.sub(lambda match: VERSION if match[0] == VERSION else "{}", key), tuple(rules)


def _names(key: str) -> list[str]:
    return [text[1:-1] for text in _PLACEHOLDER.findall(key) if text != VERSION]


def _renamed(operation: Operation, key: str) -> Operation:
    names = dict(zip(_names(operation.path), _names(key), strict=True))
    parameters = {
        (place, names.get(name, name) if place == "path" else name): parameter
        for (place, name), parameter in operation.parameters.items()
    }
    notes = {
        ("path", names[steps[1]], *steps[2:]) if steps[0] == "path" and steps[1] in names else steps: note
        for steps, note in operation.notes.items()
    }
    return replace(operation, path=key.partition(" ")[2], parameters=parameters, notes=notes)
