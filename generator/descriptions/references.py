"""References and JSON pointers: the one place that reads, writes and follows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from referencing import Registry

Pointer: TypeAlias = tuple[str | int, ...]

# The URI of the document in the registry.
DOCUMENT = "urn:description"


class UnresolvableError(Exception):
    """A reference leads to no part of its document; the message names it."""


def as_pointer(reference: str) -> Pointer:
    """Return the pointer of a reference into its own document; indexes are strings in it, like keys."""
    _, *steps = unquote(reference.removeprefix("#")).split("/")
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in steps)


def as_text(pointer: Pointer) -> str:
    """Return a pointer as RFC 6901 writes it; that of the whole document is empty."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in pointer)


def as_reference(pointer: Pointer) -> str:
    """Return a pointer as `$ref` writes it, a fragment of a URL."""
    return "#" + quote(as_text(pointer), safe="/~")


def walk(node: object, at: Pointer = ()) -> Iterator[tuple[Pointer, object]]:
    """Yield a value and everything in it, each with its pointer."""
    yield at, node
    if isinstance(node, dict):
        for key, value in node.items():
            yield from walk(value, (*at, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from walk(value, (*at, index))


def registry(document: object) -> Registry[Any]:
    """Return a registry that holds a document as `DOCUMENT` and fetches nothing.

    The document is opaque to it: in OpenAPI, `id` is the name of a property and not an address.
    """
    from referencing import Registry, Specification

    resource = Specification.OPAQUE.create_resource(document)
    held: Registry[Any] = Registry().with_resource(DOCUMENT, resource)
    return held


def lookup(document: object, reference: str) -> object:
    """Return the target of a reference.

    Raises:
        UnresolvableError: It leads nowhere, or out of the document.
    """
    from referencing.exceptions import Unresolvable

    if not reference.startswith("#"):
        raise UnresolvableError(f"$ref {reference!r} leads out of it")
    try:
        found = registry(document).resolver(DOCUMENT).lookup(reference).contents
    except (Unresolvable, TypeError, ValueError) as error:
        # The library expects every index to be a number and every node on the way to be a collection.
        raise UnresolvableError(f"$ref {reference!r} leads nowhere") from error
    if isinstance(found, str):
        # To the library, a string is a sequence of characters.
        raise UnresolvableError(f"$ref {reference!r} leads nowhere")
    return found


def resolve(document: object, node: object) -> dict[str, Any]:
    """Follow the references of a node; return an empty mapping for a circle and for anything but a mapping.

    Raises:
        UnresolvableError: One of them leads nowhere, or out of the document.
    """
    seen: set[str] = set()
    while isinstance(node, dict) and isinstance(reference := node.get("$ref"), str):
        if reference in seen:
            return {}
        seen.add(reference)
        node = lookup(document, reference)
    return node if isinstance(node, dict) else {}


def resolve_or_empty(document: object, node: object) -> dict[str, Any]:
    """Follow the references of a node; return an empty mapping if one leads nowhere."""
    try:
        return resolve(document, node)
    except UnresolvableError:
        return {}


def locate(document: object, pointer: Pointer) -> tuple[Pointer, dict[str, Any]]:
    """Follow the references of the node at a pointer.

    Returns:
        The pointer of the target and the target; an empty mapping if it is no mapping.
    """
    seen: set[Pointer] = set()
    while pointer not in seen:
        seen.add(pointer)
        try:
            node = lookup(document, as_reference(pointer))
        except UnresolvableError:
            break
        if not isinstance(node, dict):
            break
        if not isinstance(reference := node.get("$ref"), str):
            return pointer, node
        pointer = as_pointer(reference)
    return pointer, {}
