"""The site that `nox -s docs` has built into `site/`: its links, its API reference, its pages in Markdown."""

from __future__ import annotations

import html
import importlib
import inspect
import re
import runpy
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag

import hubspot_files
from hubspot_files import AsyncHubSpotFiles, HubSpotFiles, HubSpotFilesError
from hubspot_files.testing import Emulator

ROOT = Path(__file__).parents[2]
SITE = ROOT / "site"


@pytest.fixture(scope="module")
def pages() -> dict[Path, BeautifulSoup]:
    """All pages of the site."""
    found = {path: BeautifulSoup(path.read_bytes(), "html.parser") for path in SITE.rglob("*.html")}
    assert found, "build the site first: sphinx-build -W docs site"
    return found


def test_links_and_anchors(pages: dict[Path, BeautifulSoup]) -> None:
    anchors = {path: {tag["id"] for tag in page.find_all(id=True)} for path, page in pages.items()}
    broken = []
    for path, page in pages.items():
        for tag in page.find_all(["a", "img", "link", "script"]):
            link = urlsplit(tag.get("href") or tag.get("src") or "")
            if link.scheme or link.netloc:
                continue
            target = (path.parent / unquote(link.path)).resolve() if link.path else path
            fragment = unquote(link.fragment)
            if not target.is_file() or (fragment and fragment not in anchors.get(target, ())):
                broken.append((str(path.relative_to(SITE)), link.geturl()))
    assert broken == []


def entries(pages: dict[Path, BeautifulSoup]) -> dict[str, Tag]:
    """Return the definition of each name of the API reference."""
    return {term["id"]: term.parent for page in pages.values() for term in page.select("dl.py > dt[id]")}


def test_public_names_are_documented(pages: dict[Path, BeautifulSoup]) -> None:
    documented: set[object] = set()
    for name in entries(pages):
        module, _, attribute = name.rpartition(".")
        if module in ("hubspot_files", "hubspot_files.transfers", "hubspot_files.testing"):
            documented.add(id(getattr(importlib.import_module(module), attribute)))
    for module in ("hubspot_files", "hubspot_files.transfers", "hubspot_files.testing"):
        names = (name for name in importlib.import_module(module).__all__ if not name.startswith("__"))
        for name in names:
            assert id(getattr(importlib.import_module(module), name)) in documented, f"{module}.{name}"


def methods(owner: type) -> dict[str, Any]:
    return {name: value for name, value in inspect.getmembers(owner, inspect.isfunction) if not name.startswith("_")}


def test_methods_have_their_own_signature_and_docstring(pages: dict[Path, BeautifulSoup]) -> None:
    found = entries(pages)
    emulator = Emulator()
    for client, name in ((emulator.client(), "HubSpotFiles"), (emulator.async_client(), "AsyncHubSpotFiles")):
        owners = {f"hubspot_files.{name}": type(client)}
        for part in (client.files, client.folders, client.files.signed_url_cache):
            owners[f"{type(part).__module__}.{type(part).__name__}"] = type(part)
        owners[f"hubspot_files.transfers.{type(client.transfers).__name__}"] = type(client.transfers)
        for prefix, owner in owners.items():
            assert methods(owner), prefix
            for method, function in methods(owner).items():
                entry = found.get(f"{prefix}.{method}")
                assert entry is not None, f"{prefix}.{method}"
                term = entry.find("dt").get_text()
                parameters = [parameter for parameter in inspect.signature(function).parameters if parameter != "self"]
                assert [each for each in parameters if not re.search(rf"\b{each}\b", term)] == [], term
                assert ("async" in term) is inspect.iscoroutinefunction(function), term
                first = re.sub(r"\W+", " ", inspect.getdoc(function).split("\n")[0]).strip()
                assert first in re.sub(r"\W+", " ", entry.find("dd", recursive=False).get_text()), term
    assert HubSpotFiles is not AsyncHubSpotFiles
    emulator.close()


def test_errors_name_their_bases(pages: dict[Path, BeautifulSoup]) -> None:
    """In the tree of the page, and in their entries."""
    page = pages[SITE / "reference/errors.html"]
    errors = [value for value in map(hubspot_files.__dict__.get, hubspot_files.__all__) if is_error(value)]
    drawn = {
        item.find("code").get_text(): item.find_parent("li") for item in page.select("article li:has(a.reference)")
    }
    found = entries(pages)
    for error in errors:
        above = drawn[error.__name__]
        public = next((base for base in error.__mro__[1:] if base in errors), None)
        assert (above and above.find("code").get_text()) == (public and public.__name__)
        text = found[f"hubspot_files.{error.__name__}"].get_text()
        bases = [base.__name__ for base in error.__bases__ if not base.__name__.startswith("_")]
        assert f"Bases: {', '.join(bases)}" in text, error


def is_error(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, HubSpotFilesError)


def test_every_page_is_there_in_markdown(pages: dict[Path, BeautifulSoup]) -> None:
    index = (SITE / "llms.txt").read_text("utf-8")
    listed = set(re.findall(r"^- \[.*?\]\((\S+?)\)", index, re.MULTILINE))
    assert all((SITE / page).is_file() for page in listed)
    assert {path.relative_to(SITE).as_posix() for path in pages} - {"search.html"} == {
        page.removesuffix(".md") for page in listed
    }
    assert "folder_path: str | None = None" in (SITE / "reference/files.html.md").read_text("utf-8")


def test_the_picture_of_the_demo_is_fresh() -> None:
    """If it is not, run `python docs/demo_picture.py`."""
    demo = runpy.run_path(str(ROOT / "docs/demo_picture.py"))

    def text(picture: str) -> str:
        lines = " ".join(re.findall(r"<text [^>]*>(.*?)</text>", picture, re.DOTALL))
        shown = html.unescape(lines).replace("\xa0", " ")
        return re.sub(r"\d{4}-\d\d-\d\d|\d\d:\d\d:\d\d|\d+ s\b", "…", shown)

    assert text(demo["draw"](demo["output"]())) == text(demo["PICTURE"].read_text("utf-8"))
