"""What CI and maintainers run: lint, types, tests, the generated client's freshness, and the built wheel."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tomllib
from pathlib import Path

import nox

ROOT = Path(__file__).parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS: dict[str, list[str]] = PROJECT["dependency-groups"]
_PYTEST = [requirement for requirement in GROUPS["test"] if requirement.startswith("pytest")]

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = True


def _supported() -> list[str]:
    """The Python versions that the project's metadata names."""
    prefix = "Programming Language :: Python :: 3."
    return ["3." + line.removeprefix(prefix) for line in PROJECT["project"]["classifiers"] if line.startswith(prefix)]


def _interpreter(version: str) -> Path | None:
    """An interpreter of a version that really runs: a shim may stand for one that is not selected."""
    pyenv = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"))
    for candidate in (shutil.which(f"python{version}"), *map(str, pyenv)):
        if candidate is not None:
            program = "import sys; print('%d.%d' % sys.version_info[:2], sys.executable)"
            told = subprocess.run([candidate, "-c", program], capture_output=True, text=True, check=False)
            found, _, executable = told.stdout.strip().partition(" ")
            if found == version:
                return Path(executable)
    return None


INTERPRETERS = {version: path for version in _supported() if (path := _interpreter(version)) is not None}
INSTALLED = list(INTERPRETERS)
OLDEST = INSTALLED[0]
# Where nox looks for the interpreter of a version, those that run come first.
os.environ["PATH"] = os.pathsep.join([*(str(path.parent) for path in INTERPRETERS.values()), os.environ["PATH"]])


@nox.session(python=OLDEST)
def lint(session: nox.Session) -> None:
    """Check style and formatting."""
    session.install(*GROUPS["lint"])
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session(python=OLDEST)
def types(session: nox.Session) -> None:
    """Type-check the hand-written layer, the generator and a file of user code, with three checkers."""
    session.install("-e", ".[cli]", *GROUPS["types"], *GROUPS["test"], "-r", "generator/requirements.in")
    session.run("mypy")
    # Named, because a .venv of the checkout would be taken before the session's own.
    python = str(Path(session.bin) / "python")
    session.run("basedpyright", "--level", "error", "--pythonpath", python)
    session.run("pyrefly", "check", "tests/user_code.py", "--python-interpreter-path", python)
    with session.chdir(session.create_tmp()):
        for package in ("hubspot_files", "hubspot_files_api"):
            session.run("basedpyright", "--verifytypes", package, "--ignoreexternal", silent=True)


@nox.session(python=INSTALLED)
def tests(session: nox.Session) -> None:
    """Run the tests of the SDK and of the emulator on the built wheel."""
    session.install(f"{_wheel(session)}[cli]", *GROUPS["test"])
    tests = ["pytest", "tests/sdk", "tests/emulator", "--numprocesses", "auto", *session.posargs]
    if session.python not in (OLDEST, INSTALLED[-1]):
        # What trio does differs with its own versions, not with those in the middle of Python's.
        tests += ["-k", "not trio"]
    if session.python == OLDEST:
        session.run("coverage", "erase")
        session.run("coverage", "run", "-m", *tests)
        session.run("coverage", "combine", "--quiet")
        session.run("coverage", "report", "--fail-under", "100")
    else:
        session.run("python", "-m", *tests)


@nox.session(python=OLDEST)
def faults(session: nox.Session) -> None:
    """Run every operation against every fault, search all that comes out for secrets, and soak over real sockets."""
    session.install(f"{_wheel(session)}[cli]", *GROUPS["test"])
    session.run("python", "-m", "pytest", "tests/faults", "tests/soak", "--numprocesses", "auto", *session.posargs)


@nox.session(python=OLDEST)
def peers(session: nox.Session) -> None:
    """Let the official clients, unchanged, do their work against the served emulator."""
    session.install(f"{_wheel(session)}[cli]", *_PYTEST, "-r", "tests/peers/requirements.txt")
    session.run("python", "-m", "pytest", "tests/peers", *session.posargs)


@nox.session(python=OLDEST)
def conformance(session: nox.Session) -> None:
    """Replay the description's examples, and thousands of generated cases, against the served emulator."""
    session.install(f"{_wheel(session)}[cli]", *_PYTEST, "-r", "tests/conformance/requirements.txt")
    session.run("python", "-m", "pytest", "tests/conformance")
    session.run("python", "-m", "tests.conformance", *session.posargs)


@nox.session(python=OLDEST, default=False)
def soak(session: nox.Session) -> None:
    """Upload while a tenth of it fails, or share clients with forked workers: `nox -s soak -- --uploads 20000`.

    The latter is `nox -s soak -- --workers 8 --calls 10000`.
    """
    session.install(f"{_wheel(session)}[cli]")
    session.run("python", "-m", "tests.soak", *session.posargs)


# The modules whose every small change some test has to notice, and the files of tests/sdk that are about them.
MUTATED = {
    "_retry": "test_retry test_deadline test_lookup",
    "_options": "test_options test_files test_folders test_search",
    "_signed": "test_signed test_signed_urls test_files",
    "_signed_cache": "test_signed_urls",
    "_download": "test_download test_deadline test_sinks test_identity",
    "_atomic_file": "test_destinations test_download",
    "_file_names": "test_file_names",
    "_log": "test_log",
    "_secrets": "test_secrets test_log",
    "_lookup": "test_lookup test_twins test_path_forms",
    "_pace": "test_pace test_retry",
}


@nox.session(python=OLDEST, default=False)
def mutation(session: nox.Session) -> None:
    """Change modules in small ways and show what no test notices: `nox -s mutation -- _log`; all take two hours."""
    session.install(f"{_wheel(session)}[cli]", *GROUPS["test"], *GROUPS["mutation"])
    copy = Path(session.create_tmp()).resolve() / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    env = {"PYTHONPATH": os.pathsep.join(str(copy / part) for part in ("hand_written", "generated_client"))}
    scores: dict[str, float] = {}
    with session.chdir(copy):
        for module in session.posargs or MUTATED:
            files = " ".join(f"tests/sdk/{name}.py" for name in MUTATED[module].split())
            # One client of the three, and no test that hangs: which of them notices it does not matter.
            tests = f"python -m pytest -xq -p no:cacheprovider -k 'not asyncio and not trio' {files}"
            Path("mutation.toml").write_text(
                f"""[cosmic-ray]
module-path = "hand_written/hubspot_files/{module}.py"
test-command = {json.dumps(tests)}
timeout = 60.0
excluded-modules = []
distributor.name = "local"
# All that `|` does in these modules is to join types.
filters.operators-filter.exclude-operators = ["core/ReplaceBinaryOperator_BitOr_.*"]
"""
            )
            results = f"{module}.sqlite"
            session.run("cosmic-ray", "init", "mutation.toml", results)
            session.run("cr-filter-operators", results, "mutation.toml")
            session.run("cosmic-ray", "baseline", "mutation.toml", env=env)
            session.run("cosmic-ray", "exec", "mutation.toml", results, env=env)
            # Not by `cr-rate`, which counts what was left out as noticed.
            dump = session.run("cosmic-ray", "dump", results, silent=True, log=False)
            tried = [result for _, result in map(json.loads, str(dump).splitlines()) if result["test_outcome"]]
            survivors = [result["diff"] for result in tried if result["test_outcome"] == "survived"]
            print(*survivors, sep="\n")
            scores[module] = 100 * (1 - len(survivors) / len(tried))
            print(f"{module}: {len(tried) - len(survivors)} of {len(tried)} noticed, {scores[module]:.1f} %")
    low = [module for module, score in scores.items() if score < 90]
    if low:
        session.error(f"below 90 %: {', '.join(low)}")


@nox.session(python=OLDEST, default=False)
def benchmarks(session: nox.Session) -> None:
    """Measure side by side with the peers: `nox -s benchmarks -- upload`; without a name, say what there is."""
    session.install(f"{_wheel(session)}[cli]", "-r", "benchmarks/requirements.txt")
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session(python=OLDEST)
def generator(session: nox.Session) -> None:
    """Run the tests of the pipeline, and check that the generated client is what it would write."""
    session.install("--require-hashes", "-r", "generator/requirements.txt")
    session.install(*[line for line in GROUPS["test"] if line.startswith(("pytest", "hypothesis"))])
    session.run("python", "-m", "generator", "regenerate", "--check")
    session.run("python", "-m", "generator", "reconcile")
    session.run("python", "-m", "pytest", "tests/generator", *session.posargs)


@nox.session(python=OLDEST, default=False, reuse_venv=True)
def regenerate(session: nox.Session) -> None:
    """Write generated_client anew: `nox -s regenerate`; `nox -s regenerate -- --check` only says what would change."""
    session.install("--require-hashes", "-r", "generator/requirements.txt")
    session.run("python", "-m", "generator", "regenerate", *session.posargs)


@nox.session(python=OLDEST, default=False, reuse_venv=True)
def upstream(session: nox.Session) -> None:
    """Say what HubSpot changed: `nox -s upstream -- FILE_OR_URL`; docs/updating.md says what to do about it."""
    session.install("--require-hashes", "-r", "generator/requirements.txt")
    # 1 says that something changed, which is no failure.
    session.run("python", "-m", "generator", "upstream", *session.posargs, success_codes=[0, 1])


@nox.session(python=OLDEST, default=False, reuse_venv=True)
def api(session: nox.Session) -> None:
    """Say how the public names differ from the last release: `nox -s api`; `nox -s api -- --against REF_OR_FOLDER`."""
    session.install("--require-hashes", "-r", "generator/requirements.txt")
    session.run("python", "-m", "generator", "api", *session.posargs, success_codes=[0, 1])


@nox.session(python=OLDEST)
def wheel(session: nox.Session) -> None:
    """Install the built wheel as a user would, run the demo, and look at what is in it."""
    path = _wheel(session)
    size = path.stat().st_size
    if size > 300_000:
        session.error(f"the wheel has {size:,} bytes, over the 300,000 that it may have")
    session.install(f"{path}[cli]")
    session.run("python", "-m", "pip", "check")
    with session.chdir(session.create_tmp()):
        session.run("hubspot-files", "demo")


def _wheel(session: nox.Session) -> Path:
    """Build the wheel of this checkout."""
    folder = Path(session.create_tmp()) / "wheel"
    shutil.rmtree(folder, ignore_errors=True)
    session.run("python", "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT))
    [wheel] = folder.glob("*.whl")
    return wheel
