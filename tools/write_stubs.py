"""Write the stubs of the modules whose classes receive methods when they are created.

Editors and type checkers read source code without running it, and cannot see these methods. A stub shows each as a
method of its own, with its parameters, its result and its docstring. `--check` reports outdated stubs instead.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, cast, get_overloads

import hubspot_files.transfers
from hubspot_files._engine.methods import AsyncResource, Method, SyncResource, type_argument

MODULES = (
    "hubspot_files.resources.files",
    "hubspot_files.resources.folders",
    "hubspot_files.resources.requests",
    "hubspot_files.resources.signed_url_cache",
    "hubspot_files.resources.tasks",
    "hubspot_files.transfers.resource",
)
HEADER = """\
# Written by tools/write_stubs.py, from the flows of the base classes. Run it again instead of editing this file.
# Methods return the results of the flows that they override.
# mypy: disable-error-code="override"
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

"""
# The results of `files.open` on AsyncHubSpotFiles, which opens no text files.
ASYNC_FILES = {"FileReader": "AsyncFileReader", "FileWriter": "AsyncFileWriter"}
# To jedi, no str is a Literal. It takes the last overload, and shows nothing if that returns Any.
ANY_FILE = ("FileReader | FileWriter | io.TextIOWrapper | TextFileWriter", "AsyncFileReader | AsyncFileWriter")

Definition = ast.FunctionDef | ast.AsyncFunctionDef


def stub(module: ModuleType) -> str:
    """Return the stub of a module, not formatted."""
    imports: list[ast.stmt] = []
    body: list[ast.stmt] = []
    for source in _bases(module):
        imports += _imports(source, of_base=source is not module)
    imported = {alias.asname or alias.name for node in imports for alias in getattr(node, "names", [])}
    imports += _result_imports(module, imported)
    for node in _tree(module).body:
        if isinstance(node, ast.ClassDef):
            body.append(_class(node, getattr(module, node.name)))
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            body.append(_without_body(node))
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _is_public(node.targets[0]):
            body.append(node)
    return HEADER + ast.unparse(ast.fix_missing_locations(ast.Module([*imports, *body], [])))


def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def _is_public(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and not node.id.startswith("_")


def _bases(module: ModuleType) -> list[ModuleType]:
    """Return the modules in which the operations of a module's classes are written, and the module itself."""
    names = {
        base.__module__
        for kind in vars(module).values()
        if isinstance(kind, type) and kind.__module__ == module.__name__
        for base in kind.__mro__
        if any(isinstance(member, Method) for member in vars(base).values())
    }
    return [importlib.import_module(name) for name in sorted(names | {module.__name__})]


def _imports(module: ModuleType, *, of_base: bool) -> Iterator[ast.stmt]:
    """Iterate over the imports of a module, and over those of the names that a base defines itself."""
    for node in _tree(module).body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield from (statement for statement in node.body if isinstance(statement, ast.Import | ast.ImportFrom))
        elif of_base and isinstance(node, ast.AnnAssign) and _is_public(node.target):
            yield ast.ImportFrom(module.__name__.rpartition(".")[2], [ast.alias(ast.unparse(node.target))], 1)


def _result_imports(module: ModuleType, imported: set[str]) -> Iterator[ast.stmt]:
    """Iterate over imports of the public classes that methods of the clients return, and that no flow names."""
    for package in (hubspot_files, hubspot_files.transfers):
        for name in package.__all__:
            kind = getattr(package, name)
            if isinstance(kind, type) and name not in imported and kind.__module__ != module.__name__:
                yield ast.ImportFrom(kind.__module__, [ast.alias(name)], 0)


def _class(node: ast.ClassDef, kind: type) -> ast.ClassDef:
    """Return a class without the bodies of its methods, and with the operations that it received."""
    body: list[ast.stmt] = [node.body[0]] if ast.get_docstring(node) is not None else []
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and _is_public(statement.target):
            body.append(statement)
        elif isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
            body += _attributes(statement)
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef) and (statement.name[0] != "_" or statement.name[:2] == "__"):
            body.append(_without_body(statement))
    if issubclass(kind, SyncResource | AsyncResource):
        for base in kind.__mro__[1:]:
            for name, member in vars(base).items():
                if isinstance(member, Method) and name in vars(kind):
                    body += _operation(member, vars(kind)[name], asynchronous=issubclass(kind, AsyncResource))
    node.body = body or [ast.Expr(ast.Constant(...))]
    return node


def _attributes(initializer: ast.FunctionDef) -> Iterator[ast.stmt]:
    """Iterate over the public attributes that a constructor annotates."""
    for node in initializer.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Attribute) and node.target.attr[0] != "_":
            yield ast.AnnAssign(ast.Name(node.target.attr), node.annotation, None, 1)


def _without_body(node: Definition) -> Definition:
    node.body = [node.body[0] if ast.get_docstring(node) is not None else ast.Expr(ast.Constant(...))]
    # To the readers of a stub, the decorators of operations change nothing.
    node.decorator_list = [item for item in node.decorator_list if ast.unparse(item) in ("property", "overload")]
    return node


def _operation(method: Method, bound: FunctionType, *, asynchronous: bool) -> Iterator[Definition]:
    """Iterate over the method that a class received, or over its overloads."""
    overloads = get_overloads(method.function)
    documentation = _definition(method.function).body[0]
    for function in overloads or [method.function]:
        node = _definition(cast("FunctionType", function))
        template = method.results[asynchronous]
        result = type_argument(function.__annotations__["return"], method.depth)
        if overloads and "{}" not in template:
            if result == "Any":
                result = ANY_FILE[asynchronous]
            elif asynchronous and result not in ASYNC_FILES:
                continue
            elif asynchronous:
                result = ASYNC_FILES[result]
        else:
            result = template.format(result)
        node.returns = ast.parse(result, mode="eval").body
        # The value of a private constant is of more use than its name.
        defaults = [default and _value(default, function.__globals__) for default in node.args.kw_defaults]
        node.args.kw_defaults = defaults
        node.body = [documentation]
        node.decorator_list = [ast.Name("overload")] if overloads else []
        if inspect.iscoroutinefunction(bound):
            fields = {name: getattr(node, name) for name in node._fields}
            node = ast.AsyncFunctionDef(**fields)
        yield node


def _value(default: ast.expr, names: dict[str, Any]) -> ast.expr:
    private = isinstance(default, ast.Name) and default.id.startswith("_")
    return ast.Constant(names[default.id]) if private else default


def _definition(function: FunctionType) -> Definition:
    node = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(node, ast.FunctionDef)
    return node


def formatted(code: str, path: Path) -> str:
    """Return code in the style of the project, without imports that it does not use."""
    options = ["--stdin-filename", str(path), "--quiet", "-"]
    for command in (["check", "--fix-only", "--select", "F401,F811,I"], ["format"]):
        ruff = [sys.executable, "-m", "ruff", *command, *options]
        code = subprocess.run(ruff, input=code, stdout=subprocess.PIPE, text=True, check=True).stdout
    return code


def main(arguments: list[str]) -> int:
    outdated: list[Path] = []
    for name in MODULES:
        module = importlib.import_module(name)
        path = Path(inspect.getfile(module)).with_suffix(".pyi")
        code = formatted(stub(module), path)
        if not path.exists() or path.read_text("utf-8") != code:
            outdated.append(path)
            if arguments != ["--check"]:
                path.write_text(code, "utf-8")
    for path in outdated:
        print(f"{path}: {'not up to date; run tools/write_stubs.py' if arguments else 'written'}")
    return 1 if outdated and arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
