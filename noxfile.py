"""The checks that CI runs, in about 14 minutes on two cores, and the tasks of maintainers (`default=False`)."""

from __future__ import annotations

import json
import os
import shutil
import sys
import zipfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv|venv"
nox.options.error_on_missing_interpreters = True

PROJECT = nox.project.load_toml("pyproject.toml")
GROUPS: dict[str, list[str]] = PROJECT["dependency-groups"]
PYTEST = [requirement for requirement in GROUPS["test"] if requirement.startswith("pytest")]

# Compile the modules that are imported, and those of the tests with their assertions rewritten, once instead of in each
# process. It takes less time than compiling all that is installed.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A shim of pyenv fails if its version is not selected, so the installed versions come first.
PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
os.environ["PATH"] = os.pathsep.join([*map(str, PYENV.glob("versions/3.*/bin")), os.environ["PATH"]])
SUPPORTED = nox.project.python_versions(PROJECT)
# The Python that runs nox is installed, whatever its name; it may be newer than all that are supported.
RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
PYTHONS = [name for name in SUPPORTED if name == RUNNING or shutil.which(f"python{name}")] or [RUNNING]
OLDEST, NEWEST = PYTHONS[0], PYTHONS[-1]

# Tests of the SDK and of the emulator.
ALL = ["tests/sdk", "tests/emulator"]
# Tests that run the same lines thousands of times: simulations, generated programs, and transfers that end at each of
# their requests. Coverage would make them take three times as long, and other tests cover these lines.
UNMEASURED = [
    "tests/sdk/test_fsspec_memory.py",
    "tests/sdk/test_model.py",
    "tests/sdk/test_pace.py::TestAgainstALimit",
    "tests/sdk/test_pace.py::TestSharing",
    "tests/sdk/test_shape.py::test_any_json_is_a_model_or_an_unexpected_response",
    "tests/sdk/test_transfers_interrupted.py::TestEndAtEachRequest",
    "tests/sdk/test_transfers_interrupted.py::test_faults_in_a_tenth_of_the_requests",
    "tests/sdk/test_transfers_sequences.py",
]
# Tests of behaviour that comes from the standard library, and may differ from one Python to the next: sockets, TLS,
# event loops, threads, files, processes, signatures, pickles, tracebacks, parsers and SQLite.
STANDARD_LIBRARY = [
    "tests/sdk/test_cli.py",
    "tests/sdk/test_cli_connection.py",
    "tests/sdk/test_connections.py",
    "tests/sdk/test_destinations.py",
    "tests/sdk/test_drivers.py",
    "tests/sdk/test_errors.py",
    "tests/sdk/test_examples.py",
    "tests/sdk/test_file_names.py",
    "tests/sdk/test_fsspec_files.py",
    "tests/sdk/test_fsspec_tokens.py",
    "tests/sdk/test_guide.py",
    "tests/sdk/test_log.py",
    "tests/sdk/test_methods.py",
    "tests/sdk/test_names.py",
    "tests/sdk/test_network.py",
    "tests/sdk/test_oauth.py",
    "tests/sdk/test_oauth_stores.py",
    "tests/sdk/test_package.py",
    "tests/sdk/test_pool.py",
    "tests/sdk/test_requests.py",
    "tests/sdk/test_secrets.py",
    "tests/sdk/test_shape.py",
    "tests/sdk/test_sinks.py",
    "tests/sdk/test_source.py",
    "tests/sdk/test_streams_of_callers.py",
    "tests/sdk/test_transfers_download.py",
    "tests/sdk/test_transfers_interrupted.py",
    "tests/sdk/test_transfers_parts.py",
    "tests/sdk/test_urls.py",
    "tests/emulator/test_emulator_disk.py",
    "tests/emulator/test_emulator_imports.py",
    "tests/emulator/test_emulator_itself.py",
    "tests/emulator/test_emulator_limits.py",
    "tests/emulator/test_emulator_server.py",
    "tests/emulator/test_plugin.py",
]
# Tests in which the event loop plays a part. These and those above run on trio, too, on the newest Python: what trio
# does differs with its own version, not with Python's, and requests and responses are the same on every loop.
# Of the tests on asyncio, coverage is measured of these and those above: they run the lines that are asynchronous only.
LOOPS = [
    "tests/sdk/test_content_streams.py",
    "tests/sdk/test_download.py",
    "tests/sdk/test_open_reading.py",
    "tests/sdk/test_open_writing.py",
    "tests/sdk/test_retry.py",
    "tests/sdk/test_search.py::TestPages::test_an_iterator_can_be_continued",
    "tests/sdk/test_tasks.py",
    "tests/sdk/test_transfers_edges.py",
    "tests/sdk/test_transfers_upload.py",
]
# Tests of the operations, whose requests and responses differ from one version of the API to the next.
OPERATIONS = [
    "tests/sdk/test_agreement.py",
    "tests/sdk/test_download.py",
    "tests/sdk/test_download_ranges.py",
    "tests/sdk/test_errors.py",
    "tests/sdk/test_examples.py",
    "tests/sdk/test_files.py",
    "tests/sdk/test_folders.py",
    "tests/sdk/test_identity.py",
    "tests/sdk/test_log.py",
    "tests/sdk/test_lookup.py",
    "tests/sdk/test_model.py",
    "tests/sdk/test_path_forms.py",
    "tests/sdk/test_requests.py",
    "tests/sdk/test_retry.py",
    "tests/sdk/test_search.py",
    "tests/sdk/test_signed.py",
    "tests/sdk/test_signed_urls.py",
    "tests/sdk/test_streams_of_callers.py",
    "tests/sdk/test_tasks.py",
    "tests/sdk/test_twins.py",
    "tests/faults/test_matrix.py::test_without_a_fault",
]
# The known versions of the API. The tests run on v3, unless they name another.
VERSIONS: list[str] = list(json.loads(Path("generated_client/generation.lock.json").read_bytes())["versions"])
# The packages that only extras and tests use.
EXTRAS = (
    "hubspot_files/emulator",
    "hubspot_files/testing",
    "hubspot_files/cli",
    "hubspot_files/fsspec",
    "pytest_hubspot_files.py",
)
# Tests wait for a part of their time, so that two processes for each processor keep it busy. Each takes tests from the
# others when it has done its own.
XDIST = ["--numprocesses", str(2 * (os.cpu_count() or 2)), "--dist", "worksteal"]
# The folders that hold the packages of the checkout.
PATHS = os.pathsep.join(["hand_written", "generated_client"])


@nox.session(python=OLDEST)
def lint(session: nox.Session) -> None:
    """Check style, formatting, and which module may import which."""
    session.install(*GROUPS["lint"])
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports", "--no-logo", "--no-cache", env={"PYTHONPATH": PATHS})


@nox.session(python=OLDEST)
def workflows(session: nox.Session) -> None:
    """Check the workflows of GitHub, and test the scripts that they run."""
    session.install(*GROUPS["workflows"], *PYTEST)
    session.run("zizmor", "--offline", "--pedantic", "--quiet", "--no-progress", ".github")
    found = map(str, sorted(Path(".github/workflows").iterdir()))
    session.run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *found)
    session.run("check-jsonschema", "--builtin-schema", "vendor.dependabot", ".github/dependabot.yml")
    session.run("python", "-m", "pytest", "tests/workflows", *session.posargs)


@nox.session(python=OLDEST)
def types(session: nox.Session) -> None:
    """Check the types of the code and of a program that uses it, with three type checkers, and what editors show."""
    requirements = [*GROUPS["types"], *GROUPS["lint"], *GROUPS["test"]]
    session.install("-e", ".[cli,keyring]", *requirements, "-r", "generator/requirements.in")
    # Named, because a .venv of the checkout would be taken before the session's own.
    python = str(Path(session.bin) / "python")
    _side_by_side(
        session,
        ["mypy"],
        ["basedpyright", "--level", "error", "--pythonpath", python],
        ["python", "-m", "pytest", "tests/editors", *session.posargs],
        ["python", "tools/write_stubs.py", "--check"],
        ["pyrefly", "check", "tests/user_code.py", "--python-interpreter-path", python],
    )
    with session.chdir(session.create_tmp()):
        packages = ("hubspot_files", "hubspot_files_api")
        _side_by_side(session, *(["basedpyright", "--verifytypes", name, "--ignoreexternal"] for name in packages))


@nox.session(python=OLDEST, default=False)
def build(session: nox.Session) -> None:
    """Build the wheel and the sdist once, for all sessions that test the wheel, or take those in the folder `BUILT`."""
    folder = session.cache_dir / "wheel"
    if built := os.environ.get("BUILT"):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(built, folder)
        return
    session.install(*PROJECT["build-system"]["requires"])
    targets = ("--target", "wheel", "--target", "sdist")
    session.run("hatchling", "build", "--clean", *targets, "--directory", str(folder))


@nox.session(python=PYTHONS, default=False, requires=["build"])
def tests(session: nox.Session) -> None:
    """Test the SDK and the emulator: with coverage on the oldest Python of Linux, what may differ elsewhere."""
    session.install(f"{_wheel(session)}[cli,keyring,fsspec]", *GROUPS["test"])
    unmeasured = [f"--deselect={name}" for name in UNMEASURED]
    # What depends on the system is the same as what depends on Python, and not all lines run on every system.
    if session.python == OLDEST and sys.platform == "linux":
        # Coverage doubles the time of tests. asyncio runs other lines where the event loop plays a part.
        loops = " or ".join(Path(name.rpartition("::")[2]).stem for name in (*STANDARD_LIBRARY, *LOOPS))
        measured = f"not trio and (not asyncio or {loops})"
        session.run("coverage", "erase")
        session.run("coverage", "run", "-m", "pytest", *ALL, *unmeasured, *XDIST, "-k", measured, *session.posargs)
        session.run("coverage", "combine", "--quiet")
        session.run("coverage", "report", "--fail-under", "100")
        rest = f"asyncio and not ({loops})"
        session.run("python", "-m", "pytest", *ALL, *unmeasured, *XDIST, "-k", rest, *session.posargs)
        session.run("python", "-m", "pytest", *UNMEASURED, *XDIST, "-k", "not trio", *session.posargs)
    elif session.python == NEWEST:
        session.run("python", "-m", "pytest", *STANDARD_LIBRARY, *LOOPS, *unmeasured, *XDIST, *session.posargs)
    else:
        session.run("python", "-m", "pytest", *STANDARD_LIBRARY, *XDIST, "-k", "not trio", *session.posargs)


@nox.session(python=False, requires=[f"tests-{version}" for version in dict.fromkeys((OLDEST, NEWEST))])
def pythons(session: nox.Session) -> None:
    """Run `tests` on the oldest and the newest Python. What differs between those in the middle, differs here, too."""


@nox.session(python=OLDEST, requires=["build"])
def versions(session: nox.Session) -> None:
    """Test the operations on the other versions of the API; the session `tests` runs on v3.

    A version changes requests and responses, which are the same on every event loop: the synchronous client is enough.
    A beta differs from its version in a few facts, which the session `conformance` covers.
    """
    session.install(f"{_wheel(session)}[cli]", *GROUPS["test"])
    pytest = ["python", "-m", "pytest", *OPERATIONS, "-k", "not asyncio and not trio", *session.posargs]
    others = [name for name in VERSIONS if name != "v3" and not name.endswith("-beta")]
    _side_by_side(session, *([*pytest, "--api-version", version] for version in others))


@nox.session(python=OLDEST, requires=["build"])
def faults(session: nox.Session) -> None:
    """Meet every operation with every fault, search all output for secrets, and soak over real sockets."""
    session.install(f"{_wheel(session)}[cli]", *GROUPS["test"])
    session.run("python", "-m", "pytest", "tests/faults", "tests/soak", "tests/transfers", *XDIST, *session.posargs)


@nox.session(python=OLDEST, requires=["build"])
def data(session: nox.Session) -> None:
    """Read and write `hubspot://` with pandas, Dask, DuckDB and others, and run fsspec's tests for file systems."""
    session.install(f"{_wheel(session)}[emulator,fsspec]", *PYTEST, "-r", "tests/data/requirements.txt")
    session.run("python", "-m", "pytest", "tests/data", *XDIST, *session.posargs)


@nox.session(python=OLDEST, requires=["build"])
def peers(session: nox.Session) -> None:
    """Run the official clients, unchanged, against each version of the served emulator, as if it were HubSpot."""
    session.install(f"{_wheel(session)}[cli]", *PYTEST, "-r", "tests/peers/requirements.txt")
    session.run("python", "-m", "pytest", "tests/peers", *XDIST, *session.posargs)


@nox.session(python=OLDEST, requires=["build"])
def conformance(session: nox.Session) -> None:
    """Send the examples of each version's description and thousands of generated cases to the served emulator."""
    session.install(f"{_wheel(session)}[cli]", *PYTEST, "-r", "tests/conformance/requirements.txt")
    pytest = ["python", "-m", "pytest", "tests/conformance", "--api-version"]
    _side_by_side(session, *([*pytest, version] for version in VERSIONS))
    session.run("python", "-m", "tests.conformance", *session.posargs)


@nox.session(python=OLDEST)
def generator(session: nox.Session) -> None:
    """Test the pipeline, and check that the generated client is exactly its output."""
    session.install("--require-hashes", "-r", "generator/requirements.txt")
    session.install(*PYTEST, *[requirement for requirement in GROUPS["test"] if requirement.startswith("hypothesis")])
    _side_by_side(
        session,
        ["python", "-m", "generator", "regenerate", "--check"],
        ["python", "-m", "generator", "reconcile"],
        ["python", "-m", "pytest", "tests/generator", *XDIST, *session.posargs],
    )


@nox.session(python=OLDEST, requires=["build"], venv_backend="venv")
def wheel(session: nox.Session) -> None:
    """Install the wheel with pip, as users do, check its size and dependencies, run the demo, and test the sdist."""
    path = _wheel(session)
    sizes = _weights(path)
    session.log(", ".join(f"{part} {size // 1000} kB" for part, size in sizes.most_common()))
    core = sum(size for part, size in sizes.items() if part not in EXTRAS)
    if core > 400_000:
        session.error(f"the core has {core:,} bytes in the wheel, more than the limit of 400,000")
    session.install(f"{path}[cli]")
    session.run("python", "-m", "pip", "check")
    with session.chdir(session.create_tmp()):
        session.run("hubspot-files", "demo")
    session.install(*PROJECT["build-system"]["requires"], *PYTEST)
    session.run("python", "-m", "pytest", "tests/distribution", *session.posargs)


@nox.session(python=OLDEST, default=False, requires=["build"])
def sbom(session: nox.Session) -> None:
    """Write the SBOM of the wheel with its extras, as installed, in CycloneDX: `nox -s sbom -- dist/sbom.cdx.json`."""
    wheel = _wheel(session)
    environment = Path(session.create_tmp()) / "environment"
    session.run("python", "-m", "venv", "--clear", str(environment))
    python = str(environment / ("Scripts" if os.name == "nt" else "bin") / "python")
    session.run(python, "-m", "pip", "install", "--quiet", f"{wheel}[cli,oauth,keyring]", external=True)
    session.run(python, "-m", "pip", "uninstall", "--quiet", "--yes", "pip", external=True)
    session.install(*GROUPS["sbom"])
    options = ("--output-reproducible", "--output-format", "JSON", "--output-file", *session.posargs)
    session.run("cyclonedx-py", "environment", "--pyproject", "pyproject.toml", *options, python)


@nox.session(python=OLDEST, requires=["build"])
def docs(session: nox.Session) -> None:
    """Build the documentation into `site/`, check its links and its API reference, and run the recipes."""
    session.install(f"{_wheel(session)}[cli,oauth]", *PYTEST, *GROUPS["docs"])
    shutil.rmtree("site", ignore_errors=True)
    of_the_site = ("tests/docs/test_benchmarks.py", "tests/docs/test_site.py")
    _side_by_side(
        session,
        ["sphinx-build", "--quiet", "--fail-on-warning", "--keep-going", "docs", "site"],
        ["python", "-m", "pytest", "tests/docs/test_recipes.py", *XDIST, *session.posargs],
    )
    session.run("python", "-m", "pytest", *of_the_site, *session.posargs)


@nox.session(python=OLDEST, default=False, requires=["build"])
def soak(session: nox.Session) -> None:
    """Upload with one fault in ten, share clients with forked workers, or share OAuth tokens, for as long as you like.

    `nox -s soak -- --uploads 20000`, `nox -s soak -- --workers 8 --calls 10000`, `nox -s soak -- --oauth 200`.
    """
    session.install(f"{_wheel(session)}[cli,oauth]")
    session.run("python", "-m", "tests.soak", *session.posargs)


@nox.session(python=OLDEST, default=False, requires=["build"])
def transfers(session: nox.Session) -> None:
    """Upload and download 2,000 files with latency and a rate limit, kill the process 50 times, and let requests fail.

    It takes half an hour: `nox -s transfers -- --files 500 --kills 10` is shorter.
    """
    session.install(f"{_wheel(session)}[cli]")
    session.run("python", "-m", "tests.transfers", *session.posargs)


@nox.session(python=OLDEST, default=False, requires=["build"])
def mutation(session: nox.Session) -> None:
    """Find small changes of critical modules that no test notices: `nox -s mutation -- _log`; all take two hours."""
    session.install(f"{_wheel(session)}[cli]", *GROUPS["test"], *GROUPS["mutation"])
    session.run("python", "-m", "tests.mutation", *session.posargs)


@nox.session(python=OLDEST, default=False, requires=["build"])
def benchmarks(session: nox.Session) -> None:
    """Measure side by side with the peers, and compare with the last release: `nox -s benchmarks -- --quick`, or names.

    `nox -s benchmarks -- --store` stores the figures of a release, and the plot of docs/benchmarks.md.
    """
    session.install("--require-hashes", "-r", "generator/requirements.txt")
    session.install(f"{_wheel(session)}[cli,fsspec]", "-r", "benchmarks/requirements.txt")
    # 1 says that something got worse.
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session(python=OLDEST, default=False, reuse_venv=True)
def regenerate(session: nox.Session) -> None:
    """Write generated_client anew: `nox -s regenerate`; `nox -s regenerate -- --check` only shows the changes."""
    session.install("--require-hashes", "-r", "generator/requirements.txt")
    session.run("python", "-m", "generator", "regenerate", *session.posargs)


@nox.session(python=OLDEST, default=False, reuse_venv=True)
def upstream(session: nox.Session) -> None:
    """Show the changes of HubSpot's description: `nox -s upstream -- FILE_OR_URL`; docs/updating.md explains them."""
    session.install("--require-hashes", "-r", "generator/requirements.txt")
    # Exit status 1 means that something changed, which is no failure.
    session.run("python", "-m", "generator", "upstream", *session.posargs, success_codes=[0, 1])


@nox.session(python=OLDEST, default=False, reuse_venv=True)
def propose(session: nox.Session) -> None:
    """Follow descriptions, and write the text of a pull request: `nox -s propose -- FILE_OR_URL --out FOLDER`."""
    session.install("--require-hashes", "-r", "generator/requirements.txt")
    session.run("python", "-m", "generator", "propose", *session.posargs)


@nox.session(python=OLDEST, default=False, reuse_venv=True)
def api(session: nox.Session) -> None:
    """Compare the public names with the last release: `nox -s api`; `nox -s api -- --against REF_OR_FOLDER`."""
    session.install("--require-hashes", "-r", "generator/requirements.txt")
    session.run("python", "-m", "generator", "api", *session.posargs, success_codes=[0, 1])


def _side_by_side(session: nox.Session, *commands: Sequence[str]) -> None:
    """Run commands, as many at a time as there are processors, and print the output of each in one piece."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for output in pool.map(lambda command: session.run(*command, silent=True), commands):
            print(output or "", end="", flush=True)


def _weights(wheel: Path) -> Counter[str]:
    """The compressed bytes of each package in a wheel."""
    sizes: Counter[str] = Counter()
    for entry in zipfile.ZipFile(wheel).infolist():
        first, *rest = entry.filename.split("/")
        sizes[f"{first}/{rest[0]}" if first == "hubspot_files" and len(rest) > 1 else first] += entry.compress_size
    return sizes


def _wheel(session: nox.Session) -> Path:
    """The wheel that the session `build` has built."""
    [wheel] = (session.cache_dir / "wheel").glob("*.whl")
    return wheel
