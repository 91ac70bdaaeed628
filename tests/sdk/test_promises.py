"""Each sentence of docs/failures.md is named by a test: `@pytest.mark.promise("the sentence")`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "failures.md"
FOLDERS = ("sdk", "emulator", "faults", "soak")


class Marked(NamedTuple):
    """A function or class with the marker.

    Attributes:
        place: its file, line and name.
        is_test: whether pytest runs it as a test.
        sentences: the arguments of the marker.
    """

    place: str
    is_test: bool
    sentences: list[str]


def plain(text: str) -> str:
    """Return a text without Markdown marks and line breaks."""
    return " ".join(re.sub(r"[`*]", "", text).split()).strip("| ")


def promises(page: str) -> list[str]:
    """Return the sentences, list items and table rows of a page.

    Headings, code blocks, table heads and lines that end with a colon do not count.
    """
    page = re.sub(r"(?ms)^```.*?^```$", "", page)
    page = re.sub(r"(?m)^\|.*\n\|[-| ]+\|$", "", page)
    found: list[str] = []
    for block in re.split(r"\n\s*\n|\n(?=[-|#])", page):
        if block.startswith(("|", "- ")):
            found.append(plain(block.removeprefix("- ")))
        elif not block.startswith("#"):
            found += map(plain, re.split(r"(?<=[.!?:])\s+(?=[A-Z`*])", block))
    return [text for text in found if text and not text.endswith(":")]


def marked(source: str, name: str) -> Iterator[Marked]:
    """Return the marked functions and classes of a module, without running it."""
    module = ast.parse(source, name)
    classes = [node for node in module.body if isinstance(node, ast.ClassDef) and node.name.startswith("Test")]
    tests = [node for body in (module.body, *(node.body for node in classes)) for node in body]
    for node in ast.walk(module):
        for decorator in getattr(node, "decorator_list", ()):
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.promise":
                is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                is_test = is_function and node.name.startswith("test_") and node in tests
                sentences = [plain(ast.literal_eval(argument)) for argument in decorator.args]
                yield Marked(f"{name}:{node.lineno} {node.name}", is_test, sentences)


def faults(page: str, found: list[Marked]) -> list[str]:
    """Return the mismatches between a page and the markers, each with its fix."""
    promised = promises(page)
    named = [(sentence, mark.place) for mark in found for sentence in mark.sentences]
    missing = [sentence for sentence in promised if sentence not in dict(named)]
    return [
        *(f"no test names this sentence; mark one that fails if it is false: {sentence}" for sentence in missing),
        *(f"{place}: not on the page; copy it from there: {text}" for text, place in named if text not in promised),
        *(f"{mark.place}: not a test; move the marker to one" for mark in found if not mark.is_test),
    ]


@pytest.mark.promise("Each sentence, list item and table row of this page is named by a test.")
def test_each_sentence_has_a_test() -> None:
    files = [path for folder in FOLDERS for path in sorted((TESTS / folder).glob("test_*.py"))]
    found = [
        mark for path in files for mark in marked(path.read_text("utf-8"), path.relative_to(TESTS.parent).as_posix())
    ]
    wrong = faults(PAGE.read_text("utf-8"), found)
    assert not wrong, "docs/failures.md and the tests do not fit:\n" + "\n".join(wrong)


SMALL_PAGE = """\
# Heading. With sentences.

One `sentence`. Another one,
over **two** lines. `code` begins a third, version 1.5 of it. This introduces:

| head | of a table |
|---|---|
| a row | of `cells`. And more |

Items:

- an item: with a
  colon
- another item

```sh
echo "No promise."
```
"""
SENTENCES = [
    "One sentence.",
    "Another one, over two lines.",
    "code begins a third, version 1.5 of it.",
    "a row | of cells. And more",
    "an item: with a colon",
    "another item",
]


class TestFaults:
    def test_the_parts_of_a_page(self) -> None:
        assert promises(SMALL_PAGE) == SENTENCES

    def test_no_mismatch(self) -> None:
        assert faults(SMALL_PAGE, [Marked("a", True, SENTENCES[:2]), Marked("b", True, SENTENCES[2:])]) == []

    def test_a_sentence_without_a_test(self) -> None:
        (wrong,) = faults(f"An invented sentence.\n\n{SMALL_PAGE}", [Marked("a", True, SENTENCES)])
        assert wrong == "no test names this sentence; mark one that fails if it is false: An invented sentence."

    def test_a_marker_without_a_sentence(self) -> None:
        (wrong,) = faults(SMALL_PAGE, [Marked("a.py:1 test", True, [*SENTENCES, "Invented."])])
        assert wrong == "a.py:1 test: not on the page; copy it from there: Invented."

    def test_markers_are_read_without_running_the_module(self) -> None:
        source = """
@pytest.mark.promise("A `sentence`, " "in two parts.", "Another.")
@pytest.mark.parametrize("a", [1])
def test_one(a): 1 / 0

class TestTwo:
    @pytest.mark.promise("Of a method.")
    async def test_two(self):
        @pytest.mark.promise("Of a function in a test.")
        def test_inner(): ...

@pytest.mark.promise("Of a class.")
class TestThree: ...

@pytest.mark.promise("Of a helper.")
def helper(): ...

1 / 0
"""
        found = {mark.place: (mark.is_test, mark.sentences) for mark in marked(source, "a.py")}
        assert found == {
            "a.py:4 test_one": (True, ["A sentence, in two parts.", "Another."]),
            "a.py:8 test_two": (True, ["Of a method."]),
            "a.py:10 test_inner": (False, ["Of a function in a test."]),
            "a.py:13 TestThree": (False, ["Of a class."]),
            "a.py:16 helper": (False, ["Of a helper."]),
        }
        (wrong,) = faults("Of a helper.", [mark for mark in marked(source, "a.py") if "helper" in mark.place])
        assert wrong == "a.py:16 helper: not a test; move the marker to one"
