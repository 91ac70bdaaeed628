"""Verifies the generated package before it replaces the present one."""

from __future__ import annotations

import ast
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

from ..errors import PipelineError
from . import tools

_SENTINEL = {"Unset", "UNSET"}

_IMPORT_ALL = """
import importlib, pathlib, sys
root = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(root))
for path in sorted(root.glob(sys.argv[2] + "/**/*.py")):
    name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
    module = importlib.import_module(name)
    if pathlib.Path(module.__file__) != path:
        sys.exit(f"{name} was imported from {module.__file__}")
"""


def verify(package: Path) -> None:
    """Check that the package compiles, has lost its sentinel and fixed boundary, type-checks strictly and imports.

    Raises:
        PipelineError: One of these steps fails; with all of its findings.
    """
    steps = (
        ("The generated code does not compile without a warning:", _compiled),
        ("The generated code still has what the template patches remove from it:", _promises),
        ("The generated code does not pass `mypy --strict`:", _types),
        ("The generated code cannot be imported:", _imported),
    )
    for heading, step in steps:
        lines = list(step(package))
        if lines:
            raise PipelineError(heading, lines)


def _modules(package: Path) -> list[Path]:
    return sorted(package.rglob("*.py"))


def _compiled(package: Path) -> Iterator[str]:
    for path in _modules(package):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                compile(path.read_bytes(), path.name, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, Warning) as error:
            yield f"{path.relative_to(package.parent)}: {error}"


def _promises(package: Path) -> Iterator[str]:
    for path in _modules(package):
        place = path.relative_to(package.parent)
        tree = ast.parse(path.read_bytes())
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if _is_sentinel(node):
                yield f"{place}, line {getattr(node, 'lineno', '?')}: the generator's sentinel is used"
            if isinstance(node, ast.Constant) and id(node) not in prose and _fixes_boundary(node.value):
                yield f"{place}, line {node.lineno}: a fixed multipart boundary; httpx has to draw one"


def _is_sentinel(node: ast.AST) -> bool:
    """Whether a node uses, imports or defines the sentinel; a member of an enumeration may have its name."""
    if isinstance(node, ast.Name):
        return isinstance(node.ctx, ast.Load) and node.id in _SENTINEL
    return isinstance(node, (ast.alias, ast.ClassDef)) and node.name in _SENTINEL


def _fixes_boundary(value: object) -> bool:
    return isinstance(value, str) and value.startswith("multipart/") and "boundary" in value


def _types(package: Path) -> Iterator[str]:
    arguments = (
        "--strict",
        "--config-file=",
        f"--cache-dir={os.devnull}",
        "--python-version=3.11",
        "--no-pretty",
    )
    done = tools.run(
        "-m",
        "mypy",
        *arguments,
        "--no-error-summary",
        "--show-error-codes",
        "--",
        package.name,
        cwd=package.parent,
    )
    lines = [*tools.output_lines(done.stdout), *tools.output_lines(done.stderr)]
    if done.returncode and not lines:
        lines = [f"it ended with status {done.returncode} and no word"]
    yield from lines


def _imported(package: Path) -> Iterator[str]:
    # An isolated process, so that neither this checkout nor the modules loaded here can help.
    done = tools.run(
        "-I", "-B", "-W", "error", "-c", _IMPORT_ALL, str(package.parent), package.name, cwd=package.parent
    )
    if done.returncode:
        yield from tools.output_lines(done.stderr)[-1:] or [f"it ended with status {done.returncode} and no word"]
