"""Critical modules, changed in small ways to find the changes that no test notices: `python -m tests.mutation _log`."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = Path("hand_written/hubspot_files")

# The critical modules, by their names within hubspot_files, and the files of tests/sdk that are about each of them.
MODULES = {
    "_headers": ["test_errors", "test_signed", "test_pace", "test_retry"],
    "_log": ["test_log"],
    "_redaction": ["test_secrets", "test_log"],
    "_validation": ["test_options", "test_names", "test_files", "test_folders", "test_search"],
    "_http.failures": ["test_retry", "test_log"],
    "_http.redaction": ["test_secrets", "test_log"],
    "_http.transport_log": ["test_log"],
    "_engine.claims": ["test_twins", "test_lookup"],
    "_engine.context": ["test_retry", "test_deadline"],
    "_engine.rate_limit": ["test_pace", "test_retry"],
    "_engine.retry": ["test_retry", "test_deadline", "test_lookup"],
    "_engine.retry_budget": ["test_retry"],
    "_engine.retry_policy": ["test_retry", "test_identity"],
    "_operations.lookup": ["test_lookup", "test_twins", "test_path_forms"],
    "_operations.options": ["test_options", "test_files"],
    "_operations.prepared_call": ["test_identity", "test_path_forms", "test_lookup", "test_files", "test_folders"],
    "_operations.signed_url": ["test_signed", "test_signed_urls", "test_identity"],
    "_operations.versions": ["test_versions"],
    "_content.atomic_file": ["test_destinations", "test_download"],
    "_content.content_location": [
        "test_download",
        "test_deadline",
        "test_identity",
        "test_versions",
        "test_known_files",
    ],
    "_content.download": ["test_download", "test_destinations", "test_deadline", "test_known_files"],
    "_content.file_names": ["test_file_names"],
    "_content.public_url": ["test_known_files"],
    "_content.transfer": [
        "test_known_files",
        "test_download",
        "test_download_ranges",
        "test_deadline",
        "test_sinks",
        "test_identity",
    ],
    "resources.signed_url_cache": ["test_signed_urls", "test_connections"],
}

CONFIGURATION = """
[cosmic-ray]
module-path = {module}
test-command = {command}
timeout = 60.0
excluded-modules = []
distributor.name = "local"
# In these modules, `|` only joins types.
filters.operators-filter.exclude-operators = ["core/ReplaceBinaryOperator_BitOr_.*"]
"""


def main() -> int:
    """Change the chosen modules, print the changes that no test noticed, and return 1 if a score is too low."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="module", help=f"one of {', '.join(MODULES)}; by default, all")
    parser.add_argument("--minimum", type=float, default=95, help="the lowest score, in percent (default: %(default)s)")
    options = parser.parse_args()
    chosen = options.modules or list(MODULES)
    if problems := list(_problems(chosen)):
        parser.error("; ".join(problems))
    with tempfile.TemporaryDirectory() as folder:
        # The changes are made in a copy; its modules precede the installed ones.
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "__pycache__"))
        scores = {module: _score(module, copy) for module in chosen}
    low = [f"{module} ({score:.1f} %)" for module, score in scores.items() if score < options.minimum]
    if low:
        print(f"below {options.minimum:g} %: {', '.join(low)}", file=sys.stderr)
    return 1 if low else 0


def _source(module: str) -> Path:
    return PACKAGE.joinpath(*module.split(".")).with_suffix(".py")


def _tests(module: str) -> list[str]:
    return [f"tests/sdk/{name}.py" for name in MODULES[module]]


def _problems(modules: list[str]) -> Iterator[str]:
    """Find the modules that are not in the table, and the files in the table that do not exist."""
    for module in modules:
        if module not in MODULES:
            yield f"{module} is not in MODULES of tests/mutation/__main__.py"
            continue
        for path in (str(_source(module)), *_tests(module)):
            if not (ROOT / path).is_file():
                yield f"{path} does not exist: correct the line of {module} in MODULES of tests/mutation/__main__.py"


def _score(module: str, copy: Path) -> float:
    """Run the tests on each change of a module, and return how many of the changes they notice, in percent."""
    # The tests of the synchronous client are enough: both clients run the same code.
    command = [sys.executable, "-m", "pytest", "-xq", "-p", "no:cacheprovider", "-k", "not asyncio and not trio"]
    configuration = CONFIGURATION.format(
        module=json.dumps(str(_source(module))), command=json.dumps(shlex.join([*command, *_tests(module)]))
    )
    (copy / "mutation.toml").write_text(configuration, encoding="utf-8")
    results = f"{module}.sqlite"
    _run(copy, "cosmic-ray", "init", "mutation.toml", results)
    _run(copy, "cr-filter-operators", results, "mutation.toml")
    _run(copy, "cosmic-ray", "baseline", "mutation.toml")
    _run(copy, "cosmic-ray", "exec", "mutation.toml", results)
    # Not by `cr-rate`: it counts excluded changes as noticed.
    dump = [json.loads(line)[1] for line in _run(copy, "cosmic-ray", "dump", results, capture=True).splitlines()]
    tried = [result for result in dump if result["test_outcome"] and not _for_type_checkers(result["diff"])]
    survivors = [result["diff"] for result in tried if result["test_outcome"] == "survived"]
    print(*survivors, sep="\n")
    score = 100 * (1 - len(survivors) / len(tried))
    print(f"{module}: {len(tried) - len(survivors)} of {len(tried)} changes noticed, {score:.1f} %")
    return score


def _for_type_checkers(diff: str) -> bool:
    """Whether a change concerns only the imports for type checkers."""
    return any(line.startswith("-if TYPE_CHECKING:") for line in diff.splitlines())


def _run(copy: Path, *command: str, capture: bool = False) -> str:
    """Run a command of the cosmic-ray beside this Python on the copy, and return its output."""
    python_path = os.pathsep.join(str(copy / part) for part in ("hand_written", "generated_client"))
    program = Path(sys.executable).with_name(command[0])
    done = subprocess.run(
        [program, *command[1:]],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": python_path},
        stdout=subprocess.PIPE if capture else None,
        text=True,
        check=True,
    )
    return done.stdout or ""


if __name__ == "__main__":
    raise SystemExit(main())
