"""Edits YAML files by ruamel.yaml's round trip: every other character, comments included, stays."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import StringMark
from ruamel.yaml.scalarstring import (
    DoubleQuotedScalarString,
    FoldedScalarString,
    LiteralScalarString,
    SingleQuotedScalarString,
)
from ruamel.yaml.tokens import CommentToken

from ..descriptions.references import Pointer
from ..errors import PipelineError


class YamlEditor:
    """A YAML file, and edits of it at one place each.

    ruamel.yaml attaches the comments and blank lines between two entries to the last scalar of the first one, where
    they would be misplaced once an entry is added after it or removed. This class moves them to where they were.

    One thing changes beside an edit: a comment on the line of a list or mapping in flow style keeps its column, so that
    its distance from the edited text may differ.
    """

    def __init__(self, text: str, name: str) -> None:
        """Read a file.

        Args:
            text: Its content.
            name: Its name, for errors.

        Raises:
            PipelineError: It is laid out in a way that the round trip does not keep: indented otherwise than by two
                spaces, a plain text over several lines, or spaces inside braces and brackets.
        """
        self._yaml = YAML()
        self._yaml.preserve_quotes = True
        self._yaml.width = sys.maxsize
        self._yaml.brace_single_entry_mapping_in_flow_sequence = True
        self._yaml.indent(mapping=2, sequence=4, offset=2)
        self._root: Any = self._yaml.load(text)
        kept = self.text.splitlines()
        for number, line in enumerate(text.splitlines(), 1):
            if number > len(kept) or kept[number - 1] != line:
                raise PipelineError(
                    f"{name} cannot be edited without changing its layout:",
                    [f"line {number}: {line.strip()!r}; indent by two spaces and end each plain text on its line"],
                )

    @property
    def text(self) -> str:
        """The file as it is now.

        Raises:
            PipelineError: It is nested too deeply.
        """
        stream = io.StringIO()
        try:
            self._yaml.dump(self._root, stream)
        except RecursionError as error:
            raise PipelineError("What is published cannot be written:", ["it is nested too deeply"]) from error
        return stream.getvalue()

    def line(self, pointer: Pointer) -> int:
        """Return the number of the line on which a value begins, in the file that was read."""
        node = self._node(pointer)
        if isinstance(node, (CommentedMap, CommentedSeq)):
            return int(node.lc.line) + 1
        holder, key = self._node(pointer[:-1]), pointer[-1]
        position = holder.lc.value(key) if isinstance(holder, CommentedMap) else holder.lc.item(int(key))
        return int(position[0]) + 1

    def has(self, pointer: Pointer) -> bool:
        """Whether there is a value at a pointer."""
        try:
            self._node(pointer)
        except KeyError:
            return False
        return True

    def add_entry(self, pointer: Pointer, key: str, value: Any, *, after: str = "", apart: bool = False) -> None:
        """Add a key with its value to a mapping.

        Args:
            pointer: The mapping, which is created if it is missing.
            key: The key, which the mapping must not have yet.
            value: A value of JSON.
            after: The key to insert it after; the last one when empty.
            apart: Whether to put a blank line before it.
        """
        if not self.has(pointer):
            self.add_entry(pointer[:-1], str(pointer[-1]), {key: value})
            return
        node = self._node(pointer)
        if not isinstance(node, CommentedMap):
            raise TypeError(f"{pointer} is no mapping")
        keys = list(node)
        position = keys.index(after) + 1 if after in keys else len(keys)
        following = _take_following(node, keys[position - 1]) if keys else ""
        node.insert(position, _quoted(key), _commented(value, in_flow=node.fa.flow_style()))
        _add_following(node, key, following)
        if apart:
            _add_following(node, keys[position - 1], "\n")

    def add_items(self, pointer: Pointer, values: Iterable[Any]) -> None:
        """Add items to the end of a list, which is created if it is missing."""
        if not self.has(pointer):
            self.add_entry(pointer[:-1], str(pointer[-1]), list(values))
            return
        node = self._node(pointer)
        if not isinstance(node, CommentedSeq):
            raise TypeError(f"{pointer} is no list")
        for value in values:
            following = _take_following(node, len(node) - 1) if node else ""
            node.append(_commented(value, in_flow=node.fa.flow_style()))
            _add_following(node, len(node) - 1, following)

    def remove_item(self, pointer: Pointer, value: str) -> None:
        """Remove a text from a list, and the list with its key if it becomes empty."""
        node = self._node(pointer)
        if list(node) == [value]:
            self.remove_entry(pointer)
        else:
            self._remove(node, pointer, node.index(value))

    def remove_entry(self, pointer: Pointer) -> None:
        """Remove a key with its value from a mapping."""
        self._remove(self._node(pointer[:-1]), pointer[:-1], pointer[-1])

    def _remove(self, node: Any, pointer: Pointer, key: Any) -> None:
        keys = list(node) if isinstance(node, CommentedMap) else list(range(len(node)))
        following = _take_following(node, key)
        position = keys.index(key)
        del node[key]
        if position:
            _add_following(node, keys[position - 1], following)
        elif not node:
            node.fa.set_flow_style()
            _add_following(self._node(pointer[:-1]), pointer[-1], following)
        elif following:
            first = next(iter(node)) if isinstance(node, CommentedMap) else 0
            tokens = node.ca.items.setdefault(first, [None] * 4)
            tokens[1] = [_comment(following), *(tokens[1] or [])]

    def _node(self, pointer: Pointer) -> Any:
        node = self._root
        for key in pointer:
            # Statuses may be numbers here; they are strings in pointers.
            own = next((own for own in node if str(own) == str(key)), None) if isinstance(node, CommentedMap) else None
            if own is not None:
                node = node[own]
            elif isinstance(node, CommentedSeq) and str(key).isdecimal() and int(key) < len(node):
                node = node[int(key)]
            else:
                raise KeyError(pointer)
        return node


def _commented(value: Any, *, in_flow: bool) -> Any:
    """Return a value of JSON for ruamel.yaml, in the style of the collection that will hold it."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, dict):
        made: Any = CommentedMap((_quoted(key), _commented(entry, in_flow=in_flow)) for key, entry in value.items())
    elif isinstance(value, list):
        made = CommentedSeq(_commented(entry, in_flow=in_flow) for entry in value)
    else:
        return value
    if in_flow:
        made.fa.set_flow_style()
    return made


def _quoted(text: str) -> Any:
    """Return a text, in quotes if it is one of those that ruamel.yaml writes plain and cannot read back."""
    if not text.isprintable():
        return DoubleQuotedScalarString(text)
    if text.startswith("?"):
        return SingleQuotedScalarString(text)
    return text


def _comment(text: str) -> CommentToken:
    return CommentToken(text, StringMark("", 0, 0, 0, "", 0), None)


def _last_scalar(node: Any, key: Any) -> tuple[Any, Any]:
    """Return the collection and the key of the last scalar, or value in flow style, of an entry."""
    value = node[key]
    while isinstance(value, (CommentedMap, CommentedSeq)) and value and not value.fa.flow_style():
        node, key = value, next(reversed(value)) if isinstance(value, CommentedMap) else len(value) - 1
        value = node[key]
    return node, key


def _take_following(node: Any, key: Any) -> str:
    """Remove the blank lines and comments between an entry and the next one, and return them."""
    node, key = _last_scalar(node, key)
    slot = 2 if isinstance(node, CommentedMap) else 0
    token = (node.ca.items.get(key) or [None] * 4)[slot]
    if token is None:
        return ""
    beside, _, following = token.value.partition("\n")
    if isinstance(node[key], (FoldedScalarString, LiteralScalarString)):
        beside, following = "", token.value
    token.value = f"{beside}\n" if beside else ""
    if not beside:
        node.ca.items[key][slot] = None
    return str(following)


def _add_following(node: Any, key: Any, following: str) -> None:
    """Insert blank lines and comments after an entry, before those that follow it already."""
    node, key = _last_scalar(node, key)
    slot = 2 if isinstance(node, CommentedMap) else 0
    if not following:
        return
    tokens = node.ca.items.setdefault(key, [None] * 4)
    if tokens[slot] is None:
        tokens[slot] = _comment("")
    beside, _, rest = tokens[slot].value.partition("\n")
    is_block = isinstance(node[key], (FoldedScalarString, LiteralScalarString))
    tokens[slot].value = following + rest if is_block else f"{beside}\n{following}{rest}"
