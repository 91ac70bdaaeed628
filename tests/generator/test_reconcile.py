"""Our description equals the published one with the divergences; a difference on either side fails."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from published_api import changed, published, query, schema

from generator import __main__
from generator.contracts import lockfile, versions
from generator.contracts.extraction import contract
from generator.contracts.lockfile import LockedContract
from generator.contracts.versions import Facts
from generator.errors import PipelineError
from generator.layout import CHECKOUT, LOCK, PACKAGE, Layout
from generator.upstream import reconcile

STRICTER = {
    "where": "GET /files/{version}/files/search",
    "what": "query parameter `name` is required, was optional",
    "reason": "It is useless without.",
    "evidence": "Seen.",
}


def checkout(root: Path, ours: dict[str, Any], divergences: object) -> Layout:
    layout = Layout(root)
    layout.locks.mkdir(parents=True)
    layout.target.mkdir()
    (layout.target / LOCK).write_text(json.dumps({"versions": {"v3": Facts().as_json()}}))
    lockfile.write(layout.lock("v3"), LockedContract("2026-01-02", "0" * 64, contract(published())))
    layout.description.write_text(json.dumps(ours))
    layout.divergences.write_text(json.dumps(divergences))
    return layout


def findings(layout: Layout) -> list[str]:
    return reconcile.findings(layout, versions.read(layout))


def stricter(document: dict[str, Any]) -> None:
    query(document, "name")["required"] = True


def test_this_checkout_is_reconciled(capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main(["reconcile"]) == 0
    assert capsys.readouterr().out == (
        "files-v3.yaml is published and divergences.yaml together, in v3, 2026-03, 2026-09-beta, 2026-09\n"
    )
    revision = lockfile.read(CHECKOUT.lock("v3")).revision
    assert revision >= "2026-08-17"
    written = (CHECKOUT.target / PACKAGE / "spec_revision.py").read_text(encoding="utf-8")
    assert f'__spec_revision__ = "{revision}"\n' in written


def test_a_difference_needs_an_entry(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    layout = checkout(tmp_path, changed(stricter), {"divergences": []})
    assert findings(layout) == [
        "v3: not explained; change the description, or add a divergence with:"
        ' where: "GET /files/{version}/files/search", what: "query parameter `name` is required, was optional"'
    ]
    assert reconcile.run(layout) == 1
    assert "files-v3.yaml and divergences.yaml need a change:" in capsys.readouterr().err


def test_an_entry_needs_a_difference(tmp_path: Path) -> None:
    assert findings(checkout(tmp_path / "a", changed(stricter), {"divergences": [STRICTER]})) == []
    assert findings(checkout(tmp_path / "b", published(), {"divergences": [STRICTER]})) == [
        "v3: the divergence 'GET /files/{version}/files/search': 'query parameter `name` is required, was optional'"
        " is no difference any more; remove it, or list in `versions` those that have it"
    ]


def test_one_entry_may_cover_several_places_and_facts(tmp_path: Path) -> None:
    def looser(document: dict[str, Any]) -> None:
        schema(document, "File")["required"] = []
        schema(document, "FileUpdate").update(required=[])

    entry = {
        **STRICTER,
        "where": ["schema File, answers", "schema FileUpdate, requests"],
        "what": [f"property `{name}` is optional, was required" for name in ("access", "id", "name")],
    }
    assert findings(checkout(tmp_path / "a", changed(looser), {"divergences": [entry]})) == []
    entry["where"] = [*entry["where"], "schema Error, answers"]
    entry["what"] = [*entry["what"], "it is anything, was object"]
    assert findings(checkout(tmp_path / "b", changed(looser), {"divergences": [entry]})) == [
        "v3: the divergence 'schema File, answers': 'property `access` is optional, was required' has a where that is"
        " no difference any more: schema Error, answers",
        "v3: the divergence 'schema File, answers': 'property `access` is optional, was required' has a what that is no"
        " difference any more: it is anything, was object",
    ]


def test_our_version_needs_a_lock(tmp_path: Path) -> None:
    ours = json.loads(json.dumps(published()).replace("/files/v3/", "/files/2026-03/"))
    with pytest.raises(PipelineError, match=r"no lock of a version that is followed:\n  2026-03: write it with"):
        versions.read(checkout(tmp_path, ours, {"divergences": []}))


DAMAGED: dict[str, tuple[object, str]] = {
    "no list": ({"divergences": {}}, "it holds one list, named divergences"),
    "more": ({"divergences": [], "more": 1}, "it holds one list, named divergences"),
    "no mapping": ({"divergences": ["a"]}, "entry 1: give where and what"),
    "no reason": ({"divergences": [STRICTER, {**STRICTER, "reason": " "}]}, "entry 2: give where and what"),
    "no evidence": (
        {"divergences": [{key: text for key, text in STRICTER.items() if key != "evidence"}]},
        "entry 1: give where and what",
    ),
    "no place": ({"divergences": [{**STRICTER, "where": []}]}, "entry 1: give where and what"),
    "number": ({"divergences": [{**STRICTER, "what": [1]}]}, "entry 1: give where and what"),
}


@pytest.mark.parametrize(("divergences", "output"), DAMAGED.values(), ids=DAMAGED)
def test_incomplete_divergences_are_refused(
    tmp_path: Path, divergences: object, output: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reconcile.run(checkout(tmp_path, published(), divergences)) == 1
    assert output in capsys.readouterr().err


def texts(node: Any) -> Iterator[str]:
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from texts(value)
    if isinstance(node, str):
        yield node


def test_nothing_published_is_in_the_repository() -> None:
    """The structure alone is kept: no prose, and no file as HubSpot publishes it."""
    for lock in CHECKOUT.locks.iterdir():
        assert not [text for text in texts(json.loads(lock.read_bytes())) if text.count(" ") > 1]
    assert sorted(os.listdir(CHECKOUT.description.parent)) == ["divergences.yaml", "files-v3.yaml", "published"]
    assert sorted(os.listdir(CHECKOUT.locks)) == ["2026-03.json", "2026-09-beta.json", "v3.json"]
