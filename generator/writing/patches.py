"""Patches the pinned generator's own templates with the exact replacements in template_patches/.

No template is copied: a copy would miss the escapes that later releases add. A replacement whose original is not found
exactly as often as it says stops the run, so that somebody looks at a new release of the generator.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from ..errors import PipelineError
from ..layout import TEMPLATE_PATCHES

# Written beside the patched templates: the parts of the description that they need and the generator drops.
FACTS = "facts.jinja"
_REASONS = "reasons.toml"


@dataclass(frozen=True)
class Patch:
    """One exact replacement in one template.

    Attributes:
        template: The name of the template.
        reason: The name of the reason, which reasons.toml gives.
        original: The text to replace.
        replacement: The text in its place.
        count: How often the original stands in the template, earlier patches of it applied.
    """

    template: str
    reason: str
    original: str
    replacement: str
    count: int = 1


def read(folder: Path | None = None) -> tuple[Patch, ...]:
    """Return all patches, those of each template in the order of its file.

    Args:
        folder: The folder with a file for each template and the reasons; the pipeline's own when None.

    Raises:
        PipelineError: A file cannot be read, or a patch has no reason.
    """
    folder = folder or TEMPLATE_PATCHES
    found: list[Patch] = []
    lines: list[str] = []
    reasons = tomllib.loads((folder / _REASONS).read_text(encoding="utf-8"))
    for path in sorted(folder.rglob("*.toml")):
        name = path.relative_to(folder).as_posix()
        if name == _REASONS:
            continue
        template = name.removesuffix(".toml") + ".jinja"
        try:
            for reason, entries in tomllib.loads(path.read_text(encoding="utf-8")).items():
                if reason not in reasons:
                    lines.append(f"{name}: [[{reason}]] is not explained in {_REASONS}; give the reason there")
                found += [Patch(template, reason, **entry) for entry in entries]
        except (ValueError, TypeError) as error:
            lines.append(f"{name}: {error}")
    if lines:
        raise PipelineError(f"{folder.name} cannot be used:", lines)
    return tuple(found)


def patched(patches: Sequence[Patch]) -> dict[str, str]:
    """Return the templates that patches change, by name, as they read afterwards.

    Raises:
        PipelineError: A template is missing or does not hold an original as often as its patch says.
    """
    originals = files("openapi_python_client") / "templates"
    texts: dict[str, str] = {}
    lines = []
    for patch in patches:
        if patch.template not in texts:
            template = originals.joinpath(*patch.template.split("/"))
            if not template.is_file():
                lines.append(f"{patch.template}: the generator has no such template; remove its file of patches")
                continue
            texts[patch.template] = template.read_text(encoding="utf-8")
        found = texts[patch.template].count(patch.original)
        if found == patch.count:
            texts[patch.template] = texts[patch.template].replace(patch.original, patch.replacement)
        else:
            lines.append(
                f"{patch.template}, {patch.reason}: {found} times instead of {patch.count}: {patch.original!r}"
            )
    if lines:
        raise PipelineError(
            "The generator's templates are not those that generator/writing/template_patches was written for. Read what"
            " changed in the template and adapt the replacement under this heading, in the file that is named like it:",
            lines,
        )
    return texts


def facts(keeps_slashes: Iterable[str], operation_ids: Iterable[str]) -> str:
    """Return the template that tells the patched ones what the generator drops.

    Args:
        keeps_slashes: The names of the path parameters that keep their slashes.
        operation_ids: The operationIds, which are in camel case. The generator's names of operations are in snake case.
    """
    by_name = {name.lower(): name for name in operation_ids}
    return (
        "{% set keeps_slashes = " + json.dumps(sorted(keeps_slashes)) + " %}\n"
        "{% set operation_ids = " + json.dumps(by_name, sort_keys=True) + " %}\n"
    )


def digest(patches: Sequence[Patch]) -> str:
    """Return the SHA-256, in hexadecimal digits, of the replacements, without their reasons."""
    replaced = [[patch.template, patch.original, patch.replacement, patch.count] for patch in patches]
    return hashlib.sha256(json.dumps(replaced).encode()).hexdigest()
