"""Edits of a YAML file leave all else as it is: comments, order, blank lines and style."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from ruamel.yaml import YAML

from generator.errors import PipelineError
from generator.layout import CHECKOUT
from generator.upstream.yaml_editor import YamlEditor

TEXT = """\
# About all of it.
first:
  # About a.
  a: [x, 'y']  # beside a
  list:
    - one  # beside one
    - two

# About second, not about first.
second:
  folded: >-
    Text of
    two lines.

  # About flow.
  flow: {p: 1}
  empty: {}
  last:
    deep: 1  # beside deep

# The end.
"""

Edit = Callable[[YamlEditor], object]


def edited(edit: Edit) -> str:
    text = YamlEditor(TEXT, "a.yaml")
    edit(text)
    YAML(typ="safe", pure=True).load(io.StringIO(text.text))
    return text.text


CASES: dict[str, tuple[Edit, str, str]] = {
    "entry": (lambda t: t.add_entry(("first",), "b", "on: x"), "    - two\n", "    - two\n  b: 'on: x'\n"),
    "entry after another": (
        lambda t: t.add_entry(("first",), "b", 1, after="a"),
        "  # beside a\n",
        "  # beside a\n  b: 1\n",
    ),
    "entry after a folded text": (
        lambda t: t.add_entry(("second",), "b", ["1", 1, True], after="folded"),
        "two lines.\n",
        "two lines.\n  b:\n    - '1'\n    - 1\n    - true\n",
    ),
    "entry apart": (
        lambda t: t.add_entry((), "third", {"x": {"y": []}}, after="first", apart=True),
        "    - two\n",
        "    - two\n\nthird:\n  x:\n    y: []\n",
    ),
    "entry in flow": (lambda t: t.add_entry(("second", "flow"), "q", "a, b"), "{p: 1}", "{p: 1, q: 'a, b'}"),
    "mapping in flow": (
        lambda t: t.add_entry(("second", "flow"), "q", {"type": "string"}),
        "{p: 1}",
        "{p: 1, q: {type: string}}",
    ),
    "mapping in a list in flow": (lambda t: t.add_items(("first", "a"), [{"k": "v"}]), "'y']  #", "'y', {k: v}] #"),
    "entry in an empty mapping": (lambda t: t.add_entry(("second", "empty"), "q", 2), " {}\n", "\n    q: 2\n"),
    "entry of a mapping that is not there": (
        lambda t: t.add_entry(("second", "last", "new"), "q", 2),
        "# beside deep\n",
        "# beside deep\n    new:\n      q: 2\n",
    ),
    "items": (
        lambda t: t.add_items(("first", "list"), ["three", {"k": "v"}]),
        "- two\n",
        "- two\n    - three\n    - k: v\n",
    ),
    "items in flow": (lambda t: t.add_items(("first", "a"), ["z", "1"]), "'y']  #", "'y', z, '1'] #"),
    "items of a list that is not there": (
        lambda t: t.add_items(("second", "last", "more"), ["z"]),
        "# beside deep\n",
        "# beside deep\n    more:\n      - z\n",
    ),
    "no item": (lambda t: t.remove_item(("first", "list"), "two"), "    - two\n", ""),
    "no item in flow": (lambda t: t.remove_item(("first", "a"), "x"), "[x, 'y']", "['y']   "),
    "no first item": (lambda t: t.remove_item(("first", "list"), "one"), "    - one  # beside one\n", ""),
    "no entry before a comment": (
        lambda t: t.remove_entry(("second", "folded")),
        "  folded: >-\n    Text of\n    two lines.\n",
        "",
    ),
    "no entry at all": (
        lambda t: t.remove_entry(("second", "last", "deep")),
        "\n    deep: 1  # beside deep\n",
        " {}\n",
    ),
    "no entry": (lambda t: t.remove_entry(("second", "flow")), "  flow: {p: 1}\n", ""),
}


@pytest.mark.parametrize(("edit", "old", "new"), CASES.values(), ids=CASES)
def test_one_place_changes(edit: Edit, old: str, new: str) -> None:
    assert TEXT.count(old) == 1
    assert edited(edit) == TEXT.replace(old, new)


@pytest.mark.parametrize(
    "hostile",
    [
        "a: b\n# c",
        "'\"{x}\n- y",
        "!!python/name:os",
        "? x",
        "&a *b",
        "\x85\u2028",
        "~",
        "",
        "?*a",
        "\u2028# b",
        "1_0",
        "\t",
    ],
)
def test_added_text_is_never_read_as_yaml(hostile: str) -> None:
    text = edited(lambda t: [t.add_entry(("first",), f"{hostile}!", hostile), t.add_items(("first", "a"), [hostile])])
    first = YAML(typ="safe", pure=True).load(io.StringIO(text))["first"]
    assert first[f"{hostile}!"] == hostile
    assert first["a"] == ["x", "y", hostile]


def test_a_list_that_becomes_empty_is_removed_with_its_key() -> None:
    def all_of_it(text: YamlEditor) -> None:
        text.remove_item(("first", "list"), "one")
        text.remove_item(("first", "list"), "two")

    assert edited(all_of_it) == TEXT.replace("  list:\n    - one  # beside one\n    - two\n", "")


def test_a_text_without_a_last_line_break_gets_one() -> None:
    text = YamlEditor("a:\n  b: 1", "a.yaml")
    text.add_entry(("a",), "c", 2)
    assert text.text == "a:\n  b: 1\n  c: 2\n"


def test_values_are_located_by_their_line() -> None:
    text = YamlEditor(TEXT, "a.yaml")
    assert text.line(("second", "last", "deep")) == 19
    assert text.has(("first", "list", 1))
    assert not text.has(("first", "list", 2))
    assert YamlEditor("a:\n  200:\n    b: {c: 1}\n", "a.yaml").line(("a", "200", "b")) == 3
    with pytest.raises(KeyError):
        text.line(("nowhere",))
    with pytest.raises(TypeError, match="is no mapping"):
        text.add_entry(("first", "list"), "a", 1)
    with pytest.raises(TypeError, match="is no list"):
        text.add_items(("first",), [1])


@pytest.mark.parametrize(
    ("text", "line"), [("a:\n   b: 1\n", "   b: 1"), ("a: {  b: 1}\n", "a: {  b: 1}"), ("a: b\n  c\nd: 1\n", "a: b")]
)
def test_a_layout_that_would_not_be_kept_is_refused(text: str, line: str) -> None:
    with pytest.raises(PipelineError, match=r"a\.yaml cannot be edited without changing its layout") as caught:
        YamlEditor(text, "a.yaml")
    assert repr(line.strip()) in caught.value.lines[0]


def test_our_own_files_are_returned_byte_for_byte() -> None:
    for path in (CHECKOUT.description, CHECKOUT.divergences):
        text = path.read_bytes().decode()
        assert YamlEditor(text, path.name).text == text
