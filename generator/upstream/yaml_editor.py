"""Additions to a YAML text that leave every other character, comments included, as it is."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterable
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, SingleQuotedScalarString

from ..descriptions.references import Pointer


class YamlText:
    """A YAML document as the text that it is; each method changes the text at one place, named by its keys."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._root: Node | None = None

    def line(self, pointer: Pointer) -> int:
        """Return the number of the line on which something begins."""
        line: int = self._node(pointer).start_mark.line
        return line + 1

    def has(self, pointer: Pointer) -> bool:
        """Whether there is something at a place."""
        return self._find(pointer) is not None

    def add_entry(self, pointer: Pointer, key: str, value: Any, *, after: str = "", apart: bool = False) -> None:
        """Add a key with its value to a mapping.

        Args:
            pointer: The mapping, which is made where its holder has none.
            key: The key, which must not be there yet.
            value: What JSON can hold.
            after: The key that it comes after; the last one when empty.
            apart: Whether a blank line comes before it.
        """
        node = self._find(pointer)
        if node is None:
            self.add_entry(pointer[:-1], str(pointer[-1]), {key: value})
            return
        if not isinstance(node, MappingNode):
            raise TypeError(f"{pointer} is no mapping")
        if node.flow_style:
            self._add_to_flow(node, f"{_flow(key)}: {_flow(value)}")
            return
        last = next((entry for entry in node.value if entry[0].value == after), node.value[-1])
        snippet = _indented({key: value}, node.value[0][0].start_mark.column)
        self._insert_line(self._end(last), ("\n" if apart else "") + snippet)

    def add_items(self, pointer: Pointer, values: Iterable[Any]) -> None:
        """Add items to the end of a list, which is made where its holder has none."""
        node = self._find(pointer)
        if node is None:
            self.add_entry(pointer[:-1], str(pointer[-1]), list(values))
            return
        if not isinstance(node, SequenceNode):
            raise TypeError(f"{pointer} is no list")
        for value in values:
            node = self._node(pointer)
            if node.flow_style:
                self._add_to_flow(node, _flow(value))
            else:
                snippet = _indented([value], node.start_mark.column)
                self._insert_line(self._content_end(node.value[-1]), snippet)

    def remove_item(self, pointer: Pointer, value: str) -> None:
        """Remove a text from a list, and the list with its key where nothing is left."""
        node = self._node(pointer)
        kept = [item.value for item in node.value if item.value != value]
        if not kept:
            self.remove_entry(pointer)
        elif node.flow_style:
            self._replace(node.start_mark.index, node.end_mark.index, _flow(kept))
        else:
            [index] = [index for index, item in enumerate(node.value) if item.value == value]
            self._cut_lines(node.value[index].start_mark.index, self._content_end(node.value[index]))

    def remove_entry(self, pointer: Pointer) -> None:
        """Remove a key with its value from a mapping."""
        key, value = self._entry(self._node(pointer[:-1]), pointer[-1])
        self._cut_lines(key.start_mark.index, self._content_end(value))

    def _find(self, pointer: Pointer) -> Any:
        if self._root is None:
            self._root = YAML(typ="safe", pure=True).compose(io.StringIO(self.text))
        node = self._root
        for key in pointer:
            if isinstance(node, MappingNode):
                node = next((value for name, value in node.value if name.value == str(key)), None)
            elif isinstance(node, SequenceNode) and isinstance(key, int) and key < len(node.value):
                node = node.value[key]
            else:
                return None
        return node

    def _node(self, pointer: Pointer) -> Any:
        node = self._find(pointer)
        if node is None:
            raise KeyError(pointer)
        return node

    def _entry(self, node: MappingNode, key: object) -> tuple[ScalarNode, Node]:
        entry: tuple[ScalarNode, Node] = next(entry for entry in node.value if entry[0].value == str(key))
        return entry

    def _end(self, entry: tuple[Node, Node]) -> int:
        key_end: int = entry[0].end_mark.index
        return max(self._content_end(entry[1]), key_end)

    def _content_end(self, node: Any) -> int:
        """Return where a value ends, without the blank lines and comments that come before the next one."""
        if isinstance(node, MappingNode) and not node.flow_style and node.value:
            return self._end(node.value[-1])
        if isinstance(node, SequenceNode) and not node.flow_style and node.value:
            return self._content_end(node.value[-1])
        end: int = node.end_mark.index
        return len(self.text[:end].rstrip())

    def _insert_line(self, index: int, snippet: str) -> None:
        at = self.text.find("\n", index)
        if at < 0:
            self.text += "\n"
            at = len(self.text) - 1
        self._replace(at, at, "\n" + snippet)

    def _add_to_flow(self, node: Any, item: str) -> None:
        at = len(self.text[: node.end_mark.index - 1].rstrip())
        self._replace(at, at, f", {item}" if node.value else item)

    def _cut_lines(self, start: int, end: int) -> None:
        first = self.text.rfind("\n", 0, start) + 1
        last = self.text.find("\n", end)
        self._replace(first, last + 1 if last >= 0 else len(self.text), "")

    def _replace(self, start: int, end: int, text: str) -> None:
        self.text = self.text[:start] + text + self.text[end:]
        self._root = None


# What is a plain text to YAML, unless it looks like a number or a word of YAML's; in flow, braces are more than text.
_PLAIN = re.compile(r"[A-Za-z0-9_./$][A-Za-z0-9_./ ()+{}-]*(?<! )")
_PLAIN_IN_FLOW = re.compile(r"[A-Za-z0-9_./$][A-Za-z0-9_./ ()+-]*(?<! )")


def _written(value: Any, plain: re.Pattern[str]) -> Any:
    """Have every text quoted that could be read as anything else."""
    if isinstance(value, dict):
        return {_written(key, plain): _written(entry, plain) for key, entry in value.items()}
    if isinstance(value, list):
        return [_written(entry, plain) for entry in value]
    if not isinstance(value, str) or plain.fullmatch(value):
        return value
    return (
        SingleQuotedScalarString(value) if value.isascii() and value.isprintable() else DoubleQuotedScalarString(value)
    )


def _dumped(value: Any, flow: bool) -> str:
    yaml = YAML(pure=True)
    yaml.default_flow_style = flow
    yaml.width = sys.maxsize
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(_written(value, _PLAIN_IN_FLOW if flow else _PLAIN), stream)
    return stream.getvalue()


def _indented(value: Any, column: int) -> str:
    lines = _dumped(value, flow=False).splitlines()
    if isinstance(value, list):
        # The dash of a list at the top stands as far in as that of one below a key.
        lines = [line[2:] for line in lines]
    return "\n".join(" " * column + line for line in lines)


def _flow(value: Any) -> str:
    # In a list, a mapping of one entry would be written without its braces.
    return _dumped({"value": value}, flow=True).strip().removeprefix("{value: ").removesuffix("}")
