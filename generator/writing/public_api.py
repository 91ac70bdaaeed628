"""`python -m generator api`: lists the changes of public names since the last release, for the changelog."""

from __future__ import annotations

import argparse
import io
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import PipelineError, complain, say
from ..layout import CHECKOUT, PACKAGE, Layout

if TYPE_CHECKING:
    import griffe

# The folders of a checkout that hold packages, and the packages.
_FOLDERS = ("hand_written", "generated_client")
_PACKAGES = ("hubspot_files", PACKAGE)
# The modules of the hand-written package from which users import: its others are private, whatever their names.
_DOORS = ("hubspot_files", "hubspot_files.testing")
_BEHIND_TESTING = re.compile(r"hubspot_files\.(emulator|testing)\b")
# The four functions of a generated operation differ in their results only; `sync_detailed` represents all.
_VARIANTS = ("asyncio", "asyncio_detailed", "sync")

SAME, BROKEN, IMPOSSIBLE = 0, 1, 2


@dataclass(frozen=True)
class Difference:
    """The differences of public names, as lines for a changelog: sorted, each once."""

    breaking: tuple[str, ...]
    added: tuple[str, ...]
    changed: tuple[str, ...]


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this subcommand to the command line."""
    parser = commands.add_parser(
        "api",
        help="say how the public names differ from the last release",
        description="Say how the public names of hubspot_files and hubspot_files_api differ from the last release, as"
        " Markdown for the changelog. Exit status: 0 nothing breaks, 1 something does, 2 there is nothing to compare"
        " with.",
    )
    parser.add_argument(
        "--against",
        metavar="REF_OR_FOLDER",
        help="a git ref or a folder with a checkout; by default the newest tag of a release, such as v1.2.0",
    )
    parser.set_defaults(run=lambda options: run(options.against))


def run(against: str | None = None, layout: Layout = CHECKOUT, *, echo: Callable[[str], object] = say) -> int:
    """Report the changes of the public names of a checkout, and return the exit status.

    Args:
        against: A git ref or a folder; the newest tag of a release when None.
        layout: The checkout.
        echo: Receives each line of the report.
    """
    try:
        release = against or last_release(layout.root)
        if release is None:
            echo("There is no release to compare with yet: no tag is called like v1.2.0. Name one with --against.")
            return SAME
        with tempfile.TemporaryDirectory(prefix="api-") as name:
            old = Path(release) if Path(release).is_dir() else _checked_out(layout.root, release, Path(name))
            found = difference(old, layout.root)
    except (PipelineError, OSError) as problem:
        complain(problem)
        return IMPOSSIBLE
    echo(f"# Public names since {release}")
    for heading, lines in (("Breaking", found.breaking), ("Added", found.added), ("Changed", found.changed)):
        if lines:
            echo(f"\n## {heading}\n")
            for line in lines:
                echo(f"- {line}")
    if found == Difference((), (), ()):
        echo("\nNo public name has changed.")
    return BROKEN if found.breaking else SAME


def last_release(root: Path) -> str | None:
    """Return the newest tag of a release that this commit descends from; None if there is none."""
    done = subprocess.run(
        ["git", "tag", "--list", "v[0-9]*", "--merged", "HEAD", "--sort=-version:refname"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise PipelineError("git cannot list the releases:", done.stderr.splitlines())
    return next((tag for tag in done.stdout.split() if re.fullmatch(r"v\d+(\.\d+)*", tag)), None)


def _checked_out(root: Path, ref: str, folder: Path) -> Path:
    """Write the packages as they were at a git ref into a folder."""
    done = subprocess.run(
        ["git", "archive", "--format=tar", "--end-of-options", ref, *_FOLDERS],
        cwd=root,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        output = done.stderr.decode(errors="replace").splitlines()
        raise PipelineError(f"{ref!r} is neither a folder nor a commit with both packages:", output)
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def difference(old: Path, new: Path) -> Difference:
    """Compare the public names of two checkouts.

    Raises:
        PipelineError: One of them does not hold the packages.
    """
    import griffe

    before, after = _Names(old), _Names(new)
    breaking: set[str] = set()
    broken: set[str] = set()
    for root in before.roots.keys() & after.roots.keys():
        for breakage in griffe.find_breaking_changes(before.roots[root], after.roots[root]):
            names = before.paths.get(breakage.obj.path) or {_import_path(breakage.obj)}
            for name in names:
                if name in before.texts and name.rpartition(".")[2] not in _VARIANTS:
                    broken.add(name)
                    breaking.add(f"`{name}`: {_description(breakage)}")
    # Members of an added or removed class or function are not listed.
    removed_names, added_names = before.texts.keys() - after.texts.keys(), after.texts.keys() - before.texts.keys()
    breaking |= {
        f"`{name}` is gone"
        for name in removed_names
        if not broken & {name, _holder(name)} and _holder(name) not in removed_names
    }
    added = {f"`{after.texts[name]}`" for name in added_names if _holder(name) not in added_names}
    changed: set[str] = set()
    for name in before.texts.keys() & after.texts.keys():
        if before.texts[name] != after.texts[name]:
            changed.add(f"`{before.texts[name]}` is now `{after.texts[name]}`")
    return Difference(*(tuple(sorted(lines)) for lines in (breaking, added, changed)))


def _holder(name: str) -> str:
    """Return the function of a parameter, and the class or module of anything else."""
    return name.partition("(")[0] if "(" in name else name.rpartition(".")[0]


def _description(breakage: griffe.Breakage) -> str:
    values = [value for value in (breakage.old_value, breakage.new_value) if value is not None]
    words = " to ".join(f"`{getattr(value, 'name', value)}`" for value in values)
    text = breakage.kind.value[:1].lower() + breakage.kind.value[1:]
    return text if text.startswith("public object was") else f"{text}: {words}"


def _import_path(found: Any) -> str:
    """Return the path by which users import an object."""
    path: str = found.path
    if path.partition(".")[0] == PACKAGE:
        return re.sub(rf"^{PACKAGE}\.models\.\w+\.", f"{PACKAGE}.models.", path)
    # Objects of private modules are exported by a door, or reached from what it exports.
    module: str = found.module.path
    door = _DOORS[1] if _BEHIND_TESTING.match(module) else _DOORS[0]
    return door + path.removeprefix(module)


class _Names:
    """The public names of the packages of one checkout.

    Attributes:
        roots: The packages, and the classes that are reached from exported ones without being exported.
        texts: How each name is used, by its name.
        paths: The names of each member of a class, by where it is written: one that is inherited has several.
    """

    def __init__(self, checkout: Path) -> None:
        import griffe

        loader = griffe.GriffeLoader(search_paths=[checkout / folder for folder in _FOLDERS], allow_inspection=False)
        try:
            # The generated package first, because the other one exports objects of it.
            packages = {name: loader.load(name, try_relative_path=False) for name in reversed(_PACKAGES)}
        except (ImportError, griffe.GriffeError, OSError, SyntaxError) as error:
            raise PipelineError(f"{checkout} does not hold both packages:", [str(error)]) from error
        loader.resolve_aliases(implicit=True, external=False)
        self.roots: dict[str, Any] = dict(packages)
        self.texts: dict[str, str] = {}
        self.paths: dict[str, set[str]] = {}
        self._seen: set[str] = set()
        for name, package in packages.items():
            self._module(name, package)

    def _module(self, name: str, module: Any) -> None:
        for key, member in sorted(module.members.items()):
            found = _resolved(member)
            if found is None or not member.is_public:
                continue
            if member.is_alias and name in (*_PACKAGES, *_DOORS):
                self.texts[f"{name}.{key}"] = f"{name}.{key}"
            if found.is_module:
                if not member.is_alias and (f"{name}.{key}" in _DOORS or name.partition(".")[0] == PACKAGE):
                    self._module(f"{name}.{key}", found)
            elif not (found.is_function and key in _VARIANTS and "sync_detailed" in module.members):
                is_generated = found.path.partition(".")[0] == PACKAGE
                self._object(found, None if is_generated else f"{name}.{key}")

    def _object(self, found: Any, name: str | None = None) -> None:
        name = name or _import_path(found)
        if name in self._seen:
            return
        self._seen.add(name)
        if found.is_class:
            self.texts[name] = name
            for key, member in sorted(found.all_members.items()):
                inner = _resolved(member)
                if inner is not None and (member.is_public or key == "__init__") and _is_ours(inner):
                    self._member(name, key, inner)
        elif found.is_function:
            self._function(name, found, 0)
        else:
            self.texts[name] = f"{name}: {found.annotation or found.value}"

    def _member(self, holder: str, key: str, found: Any) -> None:
        name = f"{holder}.{key}"
        self.paths.setdefault(found.path, set()).add(name)
        if found.is_function:
            self._function(name, found, 0 if "staticmethod" in found.labels else 1)
            return
        self.texts[name] = f"{name}: {found.annotation}" if found.annotation else f"{name} = {found.value}"
        for reached in _classes(found):
            self.roots.setdefault(reached.path, reached)
            self._object(reached)

    def _function(self, name: str, function: Any, skipped: int) -> None:
        """Name a function and each of its parameters but the first `skipped` ones."""
        self.texts[name] = name
        self.texts[f"{name}()"] = f"{name}() -> {function.returns}"
        for parameter in list(function.parameters)[skipped:]:
            text = parameter.name if parameter.annotation is None else f"{parameter.name}: {parameter.annotation}"
            default = "" if parameter.default is None else f" = {parameter.default}"
            self.texts[f"{name}({parameter.name})"] = f"{name}({text}{default})"


def _resolved(member: Any) -> Any:
    """Return the object of a name; None if it is not in the two packages."""
    import griffe

    if not member.is_alias:
        return member
    try:
        return member.final_target
    except (griffe.AliasResolutionError, griffe.CyclicAliasError):
        return None


def _is_ours(found: Any) -> bool:
    return found.path.partition(".")[0] in _PACKAGES


def _classes(attribute: Any) -> Iterator[Any]:
    """Yield our own classes in an attribute's annotation, such as `Files` in `files: Files`."""
    annotation = attribute.annotation
    for part in annotation.iterate(flat=True) if annotation is not None and not isinstance(annotation, str) else ():
        path = getattr(part, "canonical_path", "")
        if path.partition(".")[0] == _PACKAGES[0]:
            found = _resolved(attribute.modules_collection[path])
            if found is not None and found.is_class:
                yield found
