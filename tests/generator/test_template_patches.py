"""The mends as such: each is exact and has a reason, and a template that has changed stops the run."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from generator.errors import PipelineError
from generator.layout import HERE
from generator.writing import template_patches
from generator.writing.template_patches import MENDS, Edit, Mend


def test_every_mend_fits_the_pinned_templates_and_has_a_reason() -> None:
    changed = template_patches.mended()
    assert {edit.template for mend in MENDS for edit in mend.edits} == set(changed)
    for mend in MENDS:
        assert mend.edits
        assert len(mend.reason.split()) >= 8, mend.reason


def test_all_edits_that_do_not_fit_are_named_at_once() -> None:
    wrong = Mend(
        "None of these fits.",
        (
            Edit("types.py.jinja", "no such text", ""),
            Edit("types.py.jinja", "from attrs import define\n", "", count=2),
            Edit("nothing.py.jinja", "a", "b"),
        ),
    )
    with pytest.raises(PipelineError) as caught:
        template_patches.mended([*MENDS, wrong])
    assert "generator/writing/template_patches.py" in caught.value.heading
    assert caught.value.lines == (
        "types.py.jinja: 0 times instead of 1: 'no such text'",
        "types.py.jinja: 1 times instead of 2: 'from attrs import define\\n'",
        "nothing.py.jinja: the generator has no such template",
    )


def test_no_template_is_copied() -> None:
    assert not [path for path in HERE.rglob("*") if ".jinja" in path.name]


def test_the_digest_speaks_of_the_replacements_and_not_of_the_reasons() -> None:
    first, *rest = MENDS
    reworded = dataclasses.replace(first, reason="Other words.")
    assert template_patches.digest([reworded, *rest]) == template_patches.digest()
    assert template_patches.digest(rest) != template_patches.digest()


def test_facts_cannot_break_out_of_their_template(tmp_path: Path) -> None:
    from jinja2 import Environment

    names = {'a"b', "%}{{ 7 * 7 }}", "c\\d", "e\nf"}
    template = Environment().from_string(template_patches.facts(names) + "{{ keeps_slashes | join('|') }}")
    assert template.render().strip() == "|".join(sorted(names))
