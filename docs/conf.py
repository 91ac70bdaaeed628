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
    "errors": lambda value: isinstance(value, type) and issubclass(value, Exception),
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
    # Only the package makes errors, and objects that need a driver: their constructors are of no use to others.
    made_here = issubclass(value, Exception) or "driver" in inspect.signature(value).parameters
    kind = "autoexception" if issubclass(value, Exception) else "autoclass"
    options = "   :undoc-members:\n" if issubclass(value, enum.Enum) else ""
    return f".. {kind}:: {module}.{name}{'()' if made_here or options else ''}\n{options}"


def fill_in(app: Sphinx, name: str, source: list[str]) -> None:
    """Fill the public names into a page of the reference, and the figures of the last release into the benchmarks."""
    if name.startswith("reference/"):
        source[0] = jinja2.Template(source[0], undefined=jinja2.StrictUndefined).render(reference=reference)
    elif name == "benchmarks":
        # Only as part of the page, the plot follows its theme, and has text that can be selected.
        plot = f"```{{raw}} html\n:file: {app.confdir}/assets/benchmarks.svg\n```"
        source[0] = benchmarks.fill_in(source[0], plot)


def to_rst(app: Sphinx, what: str, name: str, value: object, options: object, lines: list[str]) -> None:
    """Make reStructuredText of a docstring, which is plain text with code in backticks."""
    # The examples of generated models are the JSON of responses, with other names than those of the attributes.
    lines[:] = re.sub(r"\s+Example:\s+\{.*?\}(\.|(?=\n\n))", "", "\n".join(lines), flags=re.DOTALL).split("\n")
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
    """Call attributes so, and for the Markdown pages, remove plots, and the hints on * and / in signatures."""
    for title in page.findall(nodes.field_name):
        if title.astext() == "Variables":
            title.children = [nodes.Text("Attributes")]
    for hint in list(page.findall(nodes.abbreviation)):
        hint.replace_self(hint.children)
    if app.tags.has("sphinx_llm_markdown"):
        for plot in list(page.findall(nodes.raw)):
            plot.parent.remove(plot)


def setup(app: Sphinx) -> None:
    """Connect the events."""
    app.connect("source-read", fill_in)
    app.connect("autodoc-process-docstring", to_rst, priority=400)  # before napoleon
    app.connect("doctree-resolved", simplify)
