"""`python -m generator regenerate`: writes the client from the description, or checks that it is up to date."""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..contracts import versions as contract_versions
from ..contracts.versions import Followed
from ..descriptions import checks, description
from ..errors import PipelineError, complain, say
from ..layout import CHECKOUT, COMMAND, CONFIGURATION, HERE, NAMING, READING_MODULE, VERSIONS_MODULE, Layout
from ..saving import naming, workspace
from . import build, inputs, output_tree, patches, tools, verify, versions
from .patches import Patch


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this subcommand to the command line."""
    parser = commands.add_parser(
        "regenerate",
        help="write generated_client/ from the description",
        description="Write generated_client/ from openapi/files-v3.yaml. A run that fails changes nothing.",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="change nothing; exit with 1 when generated_client/ is not up to date",
    )
    parser.set_defaults(run=lambda options: run(check=options.check))


def run(layout: Layout = CHECKOUT, *, check: bool = False, echo: Callable[[str], object] = say) -> int:
    """Regenerate the client of a checkout, or with `check` only compare, and return the exit status.

    Args:
        layout: The checkout.
        check: Whether to change nothing and report the files that are not up to date.
        echo: Receives each line for the maintainer.
    """
    try:
        return _check(layout, echo) if check else _regenerate(layout, echo)
    except (PipelineError, OSError) as problem:
        complain(problem)
        return 1


def _regenerate(layout: Layout, echo: Callable[[str], object]) -> int:
    # A sibling of what it replaces, because a rename does not cross file systems.
    with workspace(layout.target, ".regenerate-") as folder:
        output_tree.restore(layout.target)
        _make(layout, folder, echo)
        before, after = output_tree.contents(layout.target), output_tree.contents(folder)
        changes = output_tree.difference(after, before)
        if changes:
            output_tree.swap(folder, layout.target)
    if not changes:
        echo(f"{layout.target.name}: no difference, {len(after)} files are up to date")
        return 0
    for word, names in (("added", changes.missing), ("changed", changes.stale), ("removed", changes.extra)):
        for path in names:
            echo(f"  {word:<8}{path}")
    echo(
        f"{layout.target.name}: {len(changes.missing)} files added, {len(changes.stale)} changed,"
        f" {len(changes.extra)} removed"
    )
    return 0


def _check(layout: Layout, echo: Callable[[str], object]) -> int:
    with tempfile.TemporaryDirectory(prefix="regenerate-") as name, naming(Path(name)):
        folder = Path(name)
        _make(layout, folder, echo)
        wanted = output_tree.contents(folder)
    changes = output_tree.difference(wanted, output_tree.contents(layout.target))
    if not changes:
        echo(f"{layout.target.name}: {len(wanted)} files are up to date")
        return 0
    raise PipelineError(
        f"{layout.target.name} is not up to date. Mend it with: {COMMAND}",
        [
            f"{word:<8}{path}"
            for word, names in (
                ("missing", changes.missing),
                ("stale", changes.stale),
                ("extra", changes.extra),
            )
            for path in names
        ],
    )


def _make(layout: Layout, folder: Path, echo: Callable[[str], object]) -> None:
    """Generate and verify the package and its lock in an empty folder."""
    pins = tools.pins()
    tools.check(pins)
    document = description.read(layout.description)
    checks.check(document, layout.description.name)
    echo(f"Read {layout.description.name}: {len(list(description.operations(document)))} operations")
    followed = contract_versions.read(layout)
    echo(f"Read the locks of {', '.join(version.name for version in followed.versions)}")
    replacements = patches.read()
    own_templates = build.templates(document, replacements)
    package = build.generate(document, own_templates, folder)
    echo(
        f"Generated with openapi-python-client {pins['openapi-python-client']} and {len(replacements)} template patches"
    )
    build.write_revision(package, followed.default.locked.revision)
    versions.write(package, document, followed)
    inputs.write(package, document)
    build.format_package(package)
    echo(f"Formatted with ruff {pins['ruff']}")
    verify.verify(package)
    echo(f"Verified: compiles, passes mypy {pins['mypy']} --strict, imports")
    output_tree.write_lock(folder, _inputs(layout, document, followed, own_templates, replacements, pins))


def _inputs(
    layout: Layout,
    document: description.Json,
    followed: Followed,
    own_templates: dict[str, str],
    replacements: Sequence[Patch],
    pins: dict[str, str],
) -> dict[str, Any]:
    """Return the inputs of the client for the lock; nothing of them depends on the machine or the time.

    Digests of YAML files are taken of their content, so that comments and order do not matter.
    """
    return {
        "command": COMMAND,
        "description": {
            "path": layout.description.relative_to(layout.root).as_posix(),
            "sha256": description.digest(document),
        },
        "configuration": {
            "path": CONFIGURATION.relative_to(HERE.parent).as_posix(),
            "sha256": description.digest(description.read(CONFIGURATION)),
        },
        "naming": _digest(NAMING),
        "reading_module": _digest(READING_MODULE),
        "template_patches": {"count": len(replacements), "sha256": patches.digest(replacements)},
        "templates": {name: hashlib.sha256(text.encode()).hexdigest() for name, text in own_templates.items()},
        "tools": pins,
        "versions": {version.name: followed.facts(version).as_json() for version in followed.versions},
        "versions_module": _digest(VERSIONS_MODULE),
    }


def _digest(path: Path) -> dict[str, str]:
    return {"sha256": hashlib.sha256(path.read_text(encoding="utf-8").encode()).hexdigest()}
