"""Configuration of the documentation site: `nox -s docs` builds it into `site/`."""

from __future__ import annotations

import enum
import importlib
import inspect
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import get_origin

import jinja2
from docutils import nodes
from sphinx.application import Sphinx

import hubspot_files
from hubspot_files import transfers

sys.path.append(str(Path(__file__).parents[1]))
from benchmarks import page as benchmarks  # a package of the checkout

project = "hubspot-files"
author = "The hubspot-files maintainers"
copyright = "the hubspot-files maintainers, MIT licence"
version = release = hubspot_files.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_llm.txt"]

myst_heading_anchors = 3

# Docstrings are written with single backticks, as in Markdown.
default_role = "literal"
smartquotes_action = "D"  # dashes, but no quotes: these are often in code
add_module_names = False
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "inherited-members": "BaseException, Enum, object, str, tuple"}
maximum_signature_line_length = 88
napoleon_numpy_docstring = False
napoleon_use_ivar = True

# llms.txt and a Markdown page beside each page: made from the same parsed pages.
llms_txt_build_parallel = False
llms_txt_description = "Upload, share and fetch HubSpot files from Python: typed, streaming, safely retried."

html_theme = "furo"
html_title = "hubspot-files"
html_static_path = ["assets"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_show_sphinx = False
html_use_index = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#b3361c", "color-brand-content": "#b3361c"},
    "dark_css_variables": {"color-brand-primary": "#ff8f73", "color-brand-content": "#ff8f73"},
}


# These are on pages of their own.
CLIENTS = (hubspot_files.HubSpotFiles, hubspot_files.AsyncHubSpotFiles, transfers.Transfers, transfers.AsyncTransfers)

# The parts of the API reference, each of them a test of a public value. A value belongs to the first that is true.
PARTS: dict[str, Callable[[object], bool]] = {
    "clients": lambda value: value in CLIENTS,
    "errors": lambda value: is_error(value),
    "oauth": lambda value: getattr(value, "__module__", "").startswith("hubspot_files._oauth."),
    "results": lambda value: True,
}


def reference(module: str, part: str) -> str:
    """Return the directives that document the public names of a module that belong to a part."""
    names = importlib.import_module(module).__all__
    ordered = sorted(names, key=lambda name: (name.removeprefix("Async").lower(), name))
    values = {name: getattr(importlib.import_module(module), name) for name in ordered}
    return "\n".join(
        directive(module, name, value)
        for name, value in values.items()
        if not name.startswith("__") and part == next(title for title, belongs in PARTS.items() if belongs(value))
    )


def directive(module: str, name: str, value: object) -> str:
    """Return the directive that documents a value."""
    if get_origin(value) is not None:
        return f".. py:type:: {name}\n   :module: {module}\n   :canonical: {str(value).replace('typing.', '')}\n"
    if not isinstance(value, type):
        return (
            f".. autofunction:: {module}.{name}\n" if inspect.isfunction(value) else f".. py:data:: {module}.{name}\n"
        )
    exception = issubclass(value, Exception)
    # Only the package makes errors, and objects that need a driver: their constructors are of no use to others.
    made_here = exception or "driver" in inspect.signature(value).parameters
    kind = "autoexception" if exception else "autoclass"
    undocumented = issubclass(value, enum.Enum)
    options = "   :show-inheritance:\n" if exception else "   :undoc-members:\n" if undocumented else ""
    return f".. {kind}:: {module}.{name}{'()' if made_here or undocumented else ''}\n{options}"


def bases_of(error: type) -> tuple[type, ...]:
    """Return the bases of an error that have a public name."""
    return tuple(
        public for base in error.__bases__ for public in (bases_of(base) if base.__name__.startswith("_") else (base,))
    )


def link(error: type) -> str:
    """Return the link to an error of this package, or to one of Python."""
    is_ours = issubclass(error, hubspot_files.HubSpotFilesError)
    return f":py:exc:`~hubspot_files.{error.__name__}`" if is_ours else f"``{error.__name__}``"


def name_bases(app: Sphinx, name: str, value: object, options: object, bases: list[object]) -> None:
    """Name the bases of an error as users import them."""
    if isinstance(value, type) and issubclass(value, Exception):
        bases[:] = [link(base) for base in bases_of(value)]


def error_tree() -> str:
    """Return the tree of the errors as nested lists, each with the first sentence of its docstring."""
    errors = [value for value in (getattr(hubspot_files, name) for name in hubspot_files.__all__) if is_error(value)]

    def branch(error: type, depth: int) -> str:
        summary = re.split(r"(?<=\.)\s", inspect.getdoc(error) or "", maxsplit=1)[0]
        others = [link(base) for base in bases_of(error) if base not in errors and base is not Exception]
        also = f" Also: {', '.join(others)}." if others else ""
        below = "\n".join(branch(each, depth + 1) for each in errors if bases_of(each)[0] is error)
        return f"{'  ' * depth}- {link(error)}: {summary}{also}\n" + (f"\n{below}\n" if below else "")

    return branch(hubspot_files.HubSpotFilesError, 0)


def is_error(value: object) -> bool:
    """Return whether a public value is an error."""
    return isinstance(value, type) and issubclass(value, Exception)


def fill_in(app: Sphinx, name: str, source: list[str]) -> None:
    """Fill the public names into a page of the reference, and the figures of the last release into the benchmarks."""
    if name.startswith("reference/"):
        page = jinja2.Template(source[0], undefined=jinja2.StrictUndefined)
        source[0] = page.render(reference=reference, error_tree=error_tree)
    elif name == "benchmarks":
        # Only as part of the page, the plot follows its theme, and has text that can be selected.
        plot = f"```{{raw}} html\n:file: {app.confdir}/assets/benchmarks.svg\n```"
        source[0] = benchmarks.fill_in(source[0], plot)


def to_rst(app: Sphinx, what: str, name: str, value: object, options: object, lines: list[str]) -> None:
    """Make reStructuredText of a docstring, which is plain text with code in backticks."""
    # The examples of generated models are the JSON of responses, with other names than those of the attributes.
    lines[:] = re.sub(r"\s+Example:\s+\{.*?\}(\.|(?=\n\n))", "", "\n".join(lines), flags=re.DOTALL).split("\n")
    if what in ("attribute", "property"):
        # As below, for the first colon of the text.
        lines[0] = f": {lines[0]}"
    for number, line in enumerate(lines):
        after = lines[number + 1 : number + 3]
        if line.strip() in ("Returns:", "Yields:"):
            # Without a type before a colon, the first colon of the text would be taken for that of a type.
            lines[number + 1] = re.sub(r"^(\s*)", r"\1: ", after[0])
        elif line.endswith(":") and len(after) == 2 and not after[0] and after[1].startswith("    "):
            lines[number] += ":"
        else:
            lines[number] = re.sub(r"(\w)_(?=[\s,.;]|$)(?! \()", r"\1\\_", line)


def simplify(app: Sphinx, page: nodes.document, name: str) -> None:
    """Call attributes so, and make of plots, signatures and links within a page what the Markdown pages can show."""
    for title in page.findall(nodes.field_name):
        if title.astext() == "Variables":
            title.children = [nodes.Text("Attributes")]
    for hint in list(page.findall(nodes.abbreviation)):
        hint.replace_self(hint.children)
    for link in page.findall(nodes.reference):
        if "refid" in link:
            link["refuri"] = f"#{link['refid']}"
    if app.tags.has("sphinx_llm_markdown"):
        for plot in list(page.findall(nodes.raw)):
            plot.parent.remove(plot)


def setup(app: Sphinx) -> None:
    """Connect the events."""
    app.connect("source-read", fill_in)
    app.connect("autodoc-process-bases", name_bases)
    app.connect("autodoc-process-docstring", to_rst, priority=400)  # before napoleon
    app.connect("doctree-resolved", simplify)
