"""Each template patch fits exactly and has a reason; a template that has changed stops the run."""

from __future__ import annotations

import dataclasses
import shutil
import tomllib
from pathlib import Path

import pytest

from generator.errors import PipelineError
from generator.layout import HERE, TEMPLATE_PATCHES
from generator.writing import patches
from generator.writing.patches import Patch


def test_every_patch_fits_the_pinned_templates_and_has_a_reason() -> None:
    known = patches.read()
    assert {patch.template for patch in known} == set(patches.patched(known))
    reasons = tomllib.loads((TEMPLATE_PATCHES / "reasons.toml").read_text())
    assert {patch.reason for patch in known} == set(reasons)
    for reason in reasons.values():
        assert len(reason.split()) >= 8, reason


def test_all_patches_that_do_not_fit_are_named_at_once() -> None:
    wrong = (
        Patch("types.py.jinja", "a", "no such text", ""),
        Patch("types.py.jinja", "b", "from typing import BinaryIO", "", count=2),
        Patch("nothing.py.jinja", "c", "a", "b"),
    )
    with pytest.raises(PipelineError) as caught:
        patches.patched([*patches.read(), *wrong])
    assert "generator/writing/template_patches" in caught.value.heading
    assert caught.value.lines == (
        "types.py.jinja, a: 0 times instead of 1: 'no such text'",
        "types.py.jinja, b: 1 times instead of 2: 'from typing import BinaryIO'",
        "nothing.py.jinja: the generator has no such template; remove its file of patches",
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "[[no-such-reason]]\noriginal = 'a'\nreplacement = 'b'\n",
            "[[no-such-reason]] is not explained in",
        ),
        ("[[path-values]]\noriginal = 'a'\n", "replacement"),
        ("[[path-values]]\noriginal = 'a'\nreplacement = 'b'\ncuont = 2\n", "cuont"),
        ("[[path-values]]\noriginal = a\n", "Invalid value"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: str, line: str) -> None:
    folder = tmp_path / "template_patches"
    shutil.copytree(TEMPLATE_PATCHES, folder)
    (folder / "client.py.toml").write_text(text)
    with pytest.raises(PipelineError, match="template_patches cannot be used") as caught:
        patches.read(folder)
    assert [found for found in caught.value.lines if found.startswith("client.py.toml: ") and line in found]


def test_no_template_is_copied() -> None:
    assert not [path for path in HERE.rglob("*") if ".jinja" in path.name]


def test_the_digest_speaks_of_the_replacements_and_not_of_the_reasons() -> None:
    first, *rest = patches.read()
    reworded = dataclasses.replace(first, reason="other-words")
    assert patches.digest([reworded, *rest]) == patches.digest(patches.read())
    assert patches.digest(rest) != patches.digest(patches.read())


def test_facts_cannot_break_out_of_their_template(tmp_path: Path) -> None:
    from jinja2 import Environment

    names = {'a"b', "%}{{ 7 * 7 }}", "c\\d", "e\nf"}
    template = Environment().from_string(patches.facts(names, []) + "{{ keeps_slashes | join('|') }}")
    assert template.render().strip() == "|".join(sorted(names))
