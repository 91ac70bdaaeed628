"""The command: the files it writes, that it changes all or nothing and repeats itself, and the findings of --check."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from small_api import REVISION, Generated, quick_build, small_description, write_description

from generator.__main__ import main
from generator.contracts.versions import Facts
from generator.descriptions import description
from generator.errors import PipelineError
from generator.layout import CONFIGURATION, HERE, LOCK, PACKAGE, TEMPLATE_PATCHES, Layout
from generator.writing import output_tree, patches, regenerate, tools, verify


def copied(checkout: Layout, folder: Path) -> Layout:
    shutil.copytree(checkout.root, folder)
    return Layout(folder)


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def texts(package: Path) -> dict[str, str]:
    return {path.relative_to(package).as_posix(): path.read_text() for path in sorted(package.rglob("*.py"))}


class TestWriting:
    def test_only_the_package_and_the_lock_are_written(self, checkout: Layout) -> None:
        assert sorted(path.name for path in checkout.target.iterdir()) == [LOCK, PACKAGE]
        assert sorted(path.name for path in checkout.root.iterdir()) == ["generated_client", "openapi"]

    def test_the_lock_names_the_inputs_of_the_client(self, checkout: Layout, client: Generated) -> None:
        text = (checkout.target / LOCK).read_text()
        lock = json.loads(text)
        assert text == json.dumps(lock, indent=2, sort_keys=True) + "\n"
        assert set(lock) == {
            "command",
            "configuration",
            "description",
            "files",
            "naming",
            "reading_module",
            "template_patches",
            "templates",
            "tools",
            "versions",
            "versions_module",
        }
        assert lock["description"]["path"] == "openapi/files-v3.yaml"
        assert lock["versions"] == {"v3": Facts().as_json()}
        assert client.module("spec_revision").__spec_revision__ == REVISION
        assert lock["tools"] == tools.pins()
        known = patches.read()
        assert lock["template_patches"] == {"count": len(known), "sha256": patches.digest(known)}
        assert set(lock["templates"]) == {*patches.patched(known), patches.FACTS}
        package = {
            path.relative_to(checkout.target).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in (checkout.target / PACKAGE).rglob("*")
            if path.is_file()
        }
        assert lock["files"] == package
        assert str(checkout.root) not in text
        assert os.fspath(HERE) not in text

    def test_changed_files_are_listed(self, checkout: Layout, tmp_path: Path) -> None:
        layout = copied(checkout, tmp_path / "copy")
        document = small_description()
        path = document["paths"]["/files/v3/things/search"]["get"]
        path["operationId"] = "findThings"
        path["parameters"][0]["name"] = "title"
        document["components"]["schemas"]["Error"]["properties"]["code"] = {"type": "string"}
        write_description(layout.root, document)
        output: list[str] = []
        assert regenerate.run(layout, echo=output.append) == 0
        assert output[-7:] == [
            f"  added   {PACKAGE}/api/things/find_things.py",
            f"  changed {LOCK}",
            f"  changed {PACKAGE}/inputs.py",
            f"  changed {PACKAGE}/models/error.py",
            f"  changed {PACKAGE}/versions.py",
            f"  removed {PACKAGE}/api/things/search_things.py",
            "generated_client: 1 files added, 4 changed, 1 removed",
        ]

    def test_a_line_of_the_description_changes_the_request(
        self, tmp_path: Path, importable: Callable[[Path, str], Generated]
    ) -> None:
        document = small_description()
        document["paths"]["/v4/things/search"] = document["paths"].pop("/files/v3/things/search")
        document["paths"]["/v4/things/search"]["get"]["parameters"][0]["name"] = "title"
        document["components"]["schemas"]["Color"]["enum"][0] = "CRIMSON"
        changed = importable(quick_build(tmp_path / "build", document), "changed_client")
        kwargs = changed.endpoint("search_things")._get_kwargs(title="t", color=changed.Color.CRIMSON)
        assert kwargs == {
            "method": "get",
            "url": "/v4/things/search",
            "params": {"title": "t", "color": "CRIMSON"},
        }


class TestRepetition:
    @pytest.mark.parametrize("seed", ["0", "1", "4242"])
    def test_hash_seeds_make_no_difference(
        self, checkout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: str
    ) -> None:
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        package = quick_build(tmp_path / "build", small_description())
        assert texts(package) == texts(checkout.target / PACKAGE)

    def test_order_makes_no_difference(self, checkout: Layout, tmp_path: Path) -> None:
        shuffle = random.Random(7).sample

        def shuffled(value: Any, key: str = "") -> Any:
            if isinstance(value, dict):
                return {name: shuffled(value[name], name) for name in shuffle(sorted(value), len(value))}
            if isinstance(value, list):
                entries = [shuffled(entry) for entry in value]
                return shuffle(entries, len(entries)) if key == "parameters" else entries
            return value

        package = quick_build(tmp_path / "build", shuffled(small_description()))
        assert texts(package) == texts(checkout.target / PACKAGE)

    def test_configuration_that_is_around_makes_no_difference(
        self, checkout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nline-length = 60\n")
        (tmp_path / "mypy.ini").write_text("[mypy]\nbroken")
        monkeypatch.setenv("PYTHONWARNINGS", "error")
        monkeypatch.setenv("PYTHONPATH", os.fspath(tmp_path))
        (tmp_path / "httpx.py").write_text("raise RuntimeError('the wrong one')")
        package = quick_build(tmp_path / "build", small_description())
        verify.verify(package)
        assert texts(package) == texts(checkout.target / PACKAGE)


class TestFailure:
    """A run that fails leaves every file as it was and says what to do."""

    def failing(
        self, checkout: Layout, tmp_path: Path, capsys: pytest.CaptureFixture[str], document: dict[str, Any]
    ) -> str:
        layout = copied(checkout, tmp_path / "copy")
        write_description(layout.root, document)
        before = everything(layout.target)
        assert regenerate.run(layout, echo=lambda line: None) == 1
        assert everything(layout.target) == before
        return capsys.readouterr().err

    @staticmethod
    def changed() -> dict[str, Any]:
        document = small_description()
        document["paths"]["/files/v3/things/search"]["get"]["parameters"][0]["name"] = "title"
        return document

    def test_a_bad_description(self, checkout: Layout, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        document = self.changed()
        document["paths"]["/files/v3/things"]["post"].pop("operationId")
        output = self.failing(checkout, tmp_path, capsys, document)
        assert output.splitlines() == [
            "files-v3.yaml needs a change before a client can be generated from it:",
            "  POST /files/v3/things: operationId None is not camelCase; name it like uploadFile",
        ]

    def test_a_warning_of_the_generator(
        self, checkout: Layout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        document = self.changed()
        content = document["paths"]["/files/v3/things/{thingId}"]["get"]["responses"]["200"]["content"]
        content["image/png"] = content.pop("application/json")
        output = self.failing(checkout, tmp_path, capsys, document)
        assert "openapi-python-client did not generate the whole client" in output
        assert "Unsupported content_type image/png" in output
        assert "0x" not in output

    def patched(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, original: str, replacement: str) -> None:
        """Have the pipeline read one more template patch."""
        folder = tmp_path / "template_patches"
        shutil.copytree(TEMPLATE_PATCHES, folder)
        with (folder / "types.py.toml").open("a") as file:
            file.write(f"\n[[unregistered-statuses]]\noriginal = '{original}'\nreplacement = '{replacement}'\n")
        monkeypatch.setattr(patches, "TEMPLATE_PATCHES", folder)

    def test_a_failing_verification(
        self,
        checkout: Layout,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        self.patched(tmp_path, monkeypatch, "status_code: int", "status_code: str")
        output = self.failing(checkout, tmp_path, capsys, self.changed())
        assert "does not pass `mypy --strict`" in output
        assert f"{PACKAGE}/api/things/search_things.py" in output
        assert "[arg-type]" in output

    def test_a_template_patch_that_does_not_fit(
        self,
        checkout: Layout,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        self.patched(tmp_path, monkeypatch, "gone", "")
        output = self.failing(checkout, tmp_path, capsys, self.changed())
        assert "types.py.jinja, unregistered-statuses: 0 times instead of 1: 'gone'" in output

    def test_tools_that_are_not_the_pinned_ones(
        self,
        checkout: Layout,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(tools, "pins", lambda: {"ruff": "0.0.1", "no-such-tool": "1.0"})
        output = self.failing(checkout, tmp_path, capsys, self.changed())
        assert "python -m pip install --require-hashes -r generator/requirements.txt" in output
        assert f"  ruff is {version('ruff')}, 0.0.1 is needed" in output
        assert "  no-such-tool is not installed, 1.0 is needed" in output


class TestSwap:
    def folders(self, tmp_path: Path) -> tuple[Path, Path]:
        target, new = tmp_path / "target", tmp_path / "target" / ".new"
        for folder, text in ((target, "old"), (new, "new")):
            (folder / PACKAGE).mkdir(parents=True)
            (folder / PACKAGE / "module.py").write_text(text)
            (folder / LOCK).write_text(text)
        (target / PACKAGE / "stale.py").write_text("old")
        return new, target

    def test_the_new_tree_replaces_the_old_one_entirely(self, tmp_path: Path) -> None:
        new, target = self.folders(tmp_path)
        output_tree.swap(new, target)
        assert everything(target) == {f"{PACKAGE}/module.py": b"new", LOCK: b"new"}

    def test_a_first_tree_needs_no_old_one(self, tmp_path: Path) -> None:
        new, target = self.folders(tmp_path)
        shutil.rmtree(target / PACKAGE)
        (target / LOCK).unlink()
        output_tree.swap(new, target)
        assert everything(target) == {f"{PACKAGE}/module.py": b"new", LOCK: b"new"}

    def test_the_remains_of_a_killed_run_are_ignored(self, tmp_path: Path) -> None:
        new, target = self.folders(tmp_path)
        (target / PACKAGE).rename(target / f".{PACKAGE}.replaced")
        output_tree.swap(new, target)
        assert everything(target) == {f"{PACKAGE}/module.py": b"new", LOCK: b"new"}

    @pytest.mark.parametrize("step", ["package", "lock"])
    @pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
    def test_whatever_fails_the_old_tree_is_back(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: type[BaseException]
    ) -> None:
        new, target = self.folders(tmp_path)
        before = everything(target)
        rename = Path.rename

        def fail(*_: object) -> None:
            raise error

        def rename_but_the_new_package(self: Path, to: Path) -> Path:
            if self == new / PACKAGE:
                raise error
            return rename(self, to)

        if step == "package":
            monkeypatch.setattr(Path, "rename", rename_but_the_new_package)
        else:
            monkeypatch.setattr(os, "replace", fail)
        with pytest.raises(error):
            output_tree.swap(new, target)
        assert everything(target) == before


class TestCheck:
    def test_a_tree_that_is_up_to_date(self, checkout: Layout) -> None:
        cache = checkout.target / PACKAGE / "__pycache__"
        cache.mkdir()
        (cache / "types.cpython-311.pyc").write_bytes(b"")
        before = everything(checkout.root)
        output: list[str] = []
        assert regenerate.run(checkout, check=True, echo=output.append) == 0
        assert output[-1].endswith("files are up to date")
        assert everything(checkout.root) == before
        shutil.rmtree(cache)

    def test_each_file_that_is_not(self, checkout: Layout, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        layout = copied(checkout, tmp_path / "copy")
        package = layout.target / PACKAGE
        (package / "client.py").write_text((package / "client.py").read_text() + "\n")
        (package / "py.typed").unlink()
        (package / "models" / "patch.py").write_text("by_hand = True\n")
        (layout.target / LOCK).unlink()
        before = everything(layout.root)
        assert regenerate.run(layout, check=True, echo=lambda line: None) == 1
        assert capsys.readouterr().err.splitlines() == [
            "generated_client is not up to date. Mend it with: python -m generator regenerate",
            f"  missing {LOCK}",
            f"  missing {PACKAGE}/py.typed",
            f"  stale   {PACKAGE}/client.py",
            f"  extra   {PACKAGE}/models/patch.py",
        ]
        assert everything(layout.root) == before


class TestVerification:
    def broken(self, checkout: Layout, tmp_path: Path, name: str, text: str) -> PipelineError:
        package = tmp_path / PACKAGE
        shutil.copytree(checkout.target / PACKAGE, package)
        with (package / name).open("a") as file:
            file.write(text)
        with pytest.raises(PipelineError) as caught:
            verify.verify(package)
        return caught.value

    @pytest.mark.parametrize(
        ("text", "heading", "line"),
        [
            ("def (", "does not compile", "types.py: invalid syntax"),
            ("x = '\\d'\n", "does not compile", "invalid escape sequence"),
            ("from .client import UNSET\n", "still has what the template patches remove", "the generator's sentinel"),
            ("class Unset: ...\n", "still has what the template patches remove", "the generator's sentinel"),
            ("x = 'multipart/form-data; boundary=+++'\n", "still has", "a fixed multipart boundary"),
            ("x: int = ''\n", "mypy --strict", "Incompatible types in assignment"),
            ("raise RuntimeError('at import')\n", "cannot be imported", "RuntimeError: at import"),
        ],
    )
    def test_it_finds(self, checkout: Layout, tmp_path: Path, text: str, heading: str, line: str) -> None:
        problems = self.broken(checkout, tmp_path, "types.py", text)
        assert heading in problems.heading
        assert line in "\n".join(problems.lines)


class TestCommandLine:
    def test_help_names_the_commands(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "generator", "--help"],
            cwd=HERE.parent,
            capture_output=True,
            text=True,
            check=True,
        )
        assert "regenerate" in done.stdout

    def test_help_needs_none_of_the_tools(self) -> None:
        command = [sys.executable, "-S", "-m", "generator", "regenerate", "--help"]
        done = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, check=True)
        assert "--check" in done.stdout

    @pytest.mark.parametrize(("words", "checked"), [(["regenerate"], False), (["regenerate", "--check"], True)])
    def test_the_words_reach_the_run(self, monkeypatch: pytest.MonkeyPatch, words: list[str], checked: bool) -> None:
        seen: list[bool] = []

        def run(*, check: bool) -> int:
            seen.append(check)
            return 7

        monkeypatch.setattr(regenerate, "run", run)
        assert main(words) == 7
        assert seen == [checked]

    def test_every_tool_is_pinned_with_hashes(self) -> None:
        text = (HERE / "requirements.txt").read_text()
        for name, pin in tools.pins().items():
            assert f"{name.replace('.', '-')}=={pin}" in text
        requirements = [line for line in text.splitlines() if line and line[0] not in " #"]
        assert all("==" in line for line in requirements)
        assert text.count("--hash=sha256:") >= len(requirements)
        assert "index-url" not in text

    def test_post_hooks_cannot_run_an_unpinned_formatter(self) -> None:
        assert description.read(CONFIGURATION)["post_hooks"] == []
