"""The checks of a description before a client is generated from it; each finding says what to do."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

from ..errors import PipelineError, as_ascii
from . import operation_checks, schema_checks
from .description import Json
from .references import as_text, resolve_or_empty, walk

_RULES: tuple[Callable[[Json], Iterator[str]], ...] = (*operation_checks.RULES, *schema_checks.RULES)

# Control, format, private and unassigned characters and the two separators that Python reads as ends of
# lines.
_INVISIBLE = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}

_MAX_PATTERN = 200
_MAX_REPEATS = 3
# What is one character of a pattern, for its structure: an escape or a set.
_LITERALS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_REPEAT = re.compile(r"[*+]|\{\d*,?\d*\}")
_GROUP = re.compile(r"\((?:\?[:=!]|\?<[=!]|\?P?<\w+>)?([^()]*)\)")


def check(document: Json, name: str) -> None:
    """Make sure that a client can be generated from `document` and that it will be right.

    Raises:
        PipelineError: With every finding; `name` is the document's, for the heading.
    """
    heading = f"{name} needs a change before a client can be generated from it:"
    lines = [*_characters(document), *_references(document), *_patterns(document)]
    version = document.get("openapi")
    if not isinstance(version, str) or not version.startswith("3.0."):
        lines.append(f"openapi: {version!r} is not supported; describe the API in OpenAPI 3.0.3")
    if not lines:
        lines = list(_validity(document))
    if lines:
        # The other checks need a valid document.
        raise PipelineError(heading, lines)
    lines = [line for rule in _RULES for line in rule(document)]
    if lines:
        raise PipelineError(heading, lines)


def _characters(document: Json) -> Iterator[str]:
    for at, node in walk(document):
        texts = [(at, node)] if isinstance(node, str) else []
        texts += [((*at, key), key) for key in node] if isinstance(node, dict) else []
        for where, text in texts:
            found = {mark for mark in text if unicodedata.category(mark) in _INVISIBLE and mark != "\n"}
            if found:
                codes = ", ".join(f"U+{ord(mark):04X}" for mark in sorted(found))
                place = as_ascii(as_text(where)) or "/"
                yield f"{place}: {codes} cannot be seen and has no place in a description; remove it"


def _references(document: Json) -> Iterator[str]:
    for at, node in walk(document):
        reference = node.get("$ref") if isinstance(node, dict) else None
        if not isinstance(reference, str):
            continue
        if not reference.startswith("#/"):
            yield (f"{as_text(at)}: $ref {reference!r} leads out of the document; move what it names into components")
        elif not resolve_or_empty(document, node):
            yield f"{as_text(at)}: $ref {reference!r} leads to nothing; describe there what it names"


def _patterns(document: Json) -> Iterator[str]:
    for at, node in walk(document):
        pattern = node.get("pattern") if isinstance(node, dict) else None
        if isinstance(pattern, str) and (reason := _unusable(pattern)):
            yield f"{as_text(at)}/pattern: {pattern[:100]!r} {reason}"


def _unusable(pattern: str) -> str:
    """Return why a pattern cannot be used, or an empty text.

    Of two repeats within one another or three open ones after one another, matching may take for ever.
    """
    if len(pattern) > _MAX_PATTERN:
        return f"has more than {_MAX_PATTERN} characters; write a shorter one"
    plain = _LITERALS.sub("a", pattern)
    if len(_REPEAT.findall(plain)) > _MAX_REPEATS:
        return f"repeats more than {_MAX_REPEATS} parts, and may take for ever to match; repeat fewer"
    while group := _GROUP.search(plain):
        inside, repeated = group.group(1), _REPEAT.match(plain, group.end()) is not None
        if repeated and ("|" in inside or _REPEAT.search(inside)):
            return "repeats a group with a repeat or a choice in it, and may take for ever to match; write it without"
        # Of a group, what counts is whether something in it repeats or is a choice.
        rest = "a+" if "|" in inside or _REPEAT.search(inside) else "a"
        plain = plain[: group.start()] + rest + plain[group.end() :]
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"is no regular expression, {error}; correct it"
    return ""


def _validity(document: Json) -> Iterator[str]:
    from jsonschema.exceptions import UnknownType  # type: ignore[import-untyped] # it has no types
    from openapi_spec_validator import OpenAPIV30SpecValidator
    from referencing.exceptions import Unresolvable

    errors = OpenAPIV30SpecValidator(document).iter_errors()
    found = False
    while True:
        try:
            error = next(errors, None)
        except (LookupError, TypeError, ValueError, AttributeError, UnknownType, Unresolvable) as gave_up:
            # The validator goes on with values that it has just found to be invalid, and fails on them.
            if not found:
                yield f"/: not valid OpenAPI 3.0: {type(gave_up).__name__}: {' '.join(str(gave_up).split())[:300]}"
            return
        if error is None:
            return
        found = True
        where = as_text(tuple(getattr(error, "absolute_path", ())))
        message = " ".join((getattr(error, "message", None) or str(error)).split())
        if len(message) > 300:
            message = f"{message[:300]}…"
        yield f"{where or '/'}: not valid OpenAPI 3.0: {message}"
