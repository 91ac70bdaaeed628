"""Generates a formatted package from a checked description, in an empty folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ..descriptions.description import Json, canonical, operations, slashed_parameters
from ..errors import PipelineError
from ..layout import CONFIGURATION, NAMING, PACKAGE, READING_MODULE
from . import patches, tools
from .patches import Patch

_ISOLATED = "--isolated --no-cache --target-version py311"
_FORMATTING = (
    f"check {_ISOLATED} --select F,I,UP --fix-only .",
    f"format {_ISOLATED} --line-length 110 .",
)


def templates(document: Json, replacements: Sequence[Patch]) -> dict[str, str]:
    """Return the templates that override the generator's own, by name."""
    operation_ids = [str(operation.node.get("operationId")) for operation in operations(document)]
    return {**patches.patched(replacements), patches.FACTS: patches.facts(slashed_parameters(document), operation_ids)}


def generate(document: Json, own_templates: dict[str, str], folder: Path) -> Path:
    """Generate the package into `folder`, which must be empty, and return the package's folder.

    Raises:
        PipelineError: The generator failed or printed a warning.
    """
    source = folder / "description.json"
    source.write_text(json.dumps(canonical(document)), encoding="utf-8")
    template_folder = folder / "templates"
    for name, text in own_templates.items():
        path = template_folder.joinpath(*name.split("/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    package = folder / PACKAGE
    arguments = {
        "--path": source,
        "--config": CONFIGURATION,
        "--custom-template-path": template_folder,
        "--output-path": package,
        "--meta": "none",
    }
    words = [str(word) for pair in arguments.items() for word in pair]
    done = tools.run(str(NAMING), "generate", "--fail-on-warning", *words, cwd=folder)
    lines = [*tools.output_lines(done.stderr), *tools.output_lines(done.stdout.replace(f"Generating {package}", ""))]
    if done.returncode or lines:
        raise PipelineError(
            "openapi-python-client did not generate the whole client; change the description where it says:",
            lines or [f"it ended with status {done.returncode} and no word"],
        )
    (package / "py.typed").touch()
    (package / "reading.py").write_text(READING_MODULE.read_text(encoding="utf-8"), encoding="utf-8", newline="\n")
    return package


def write_revision(package: Path, revision: str) -> None:
    """Write the date of the published revision that the description was last reconciled with into the package."""
    text = (
        '"""Which revision of HubSpot\'s published description this client was last reconciled with."""\n\n'
        f"__spec_revision__ = {json.dumps(revision)}\n"
    )
    (package / "spec_revision.py").write_text(text, encoding="utf-8", newline="\n")


def format_package(package: Path) -> None:
    """Format the code of the package.

    Raises:
        PipelineError: The formatter could not read the code.
    """
    for arguments in _FORMATTING:
        done = tools.run("-m", "ruff", *arguments.split(), cwd=package)
        if done.returncode:
            raise PipelineError(
                "ruff cannot read the generated code; a template patch has probably damaged it:",
                [*tools.output_lines(done.stdout), *tools.output_lines(done.stderr)],
            )
