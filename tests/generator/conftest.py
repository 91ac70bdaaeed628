"""Fixtures of the pipeline's tests: a client that is generated once, and a way to import others."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from small_api import Generated, small_description, write_description

from generator.layout import PACKAGE, Layout
from generator.writing import regenerate


@pytest.fixture
def importable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path, str], Generated]]:
    """Give a function that makes a package importable under another name until the test is over."""
    names = []

    def copy(package: Path, name: str) -> Generated:
        shutil.copytree(package, tmp_path / "importable" / name)
        monkeypatch.syspath_prepend(tmp_path / "importable")
        names.append(name)
        return Generated(name)

    yield copy
    for name in [module for module in sys.modules if module.partition(".")[0] in names]:
        del sys.modules[name]


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """A checkout with the small description, regenerated once by the real command. Not to be changed."""
    layout = write_description(tmp_path_factory.mktemp("checkout"), small_description())
    output: list[str] = []
    assert regenerate.run(layout, echo=output.append) == 0, output
    return layout


@pytest.fixture(scope="session")
def client(checkout: Layout, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generated]:
    """The client of the small description."""
    folder = tmp_path_factory.mktemp("client")
    shutil.copytree(checkout.target / PACKAGE, folder / "small_client")
    sys.path.insert(0, str(folder))
    yield Generated("small_client")
    sys.path.remove(str(folder))
