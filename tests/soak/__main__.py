"""The long soaks, which take some minutes; run them from the root of the checkout.

`python -m tests.soak --uploads 20000` uploads to a server with faults. `python -m tests.soak --workers 8 --calls 10000`
makes mixed calls in forked workers that share the clients of their parent. `python -m tests.soak --oauth 200` lets
the access token of several processes with one file of tokens expire 200 times.

The first runs with one arena of glibc's allocator: with an arena for each thread, memory that one thread allocates and
another frees leaves growing holes, which would hide a leak of the client.
"""

from __future__ import annotations

import argparse
import os
import sys

from . import oauth, prefork
from .load import run

# The limit of growth of resident memory, from a tenth of the run to its end, for either client.
_MOST_GROWTH = 4 * 2**20
_ARENAS = "MALLOC_ARENA_MAX"


def main() -> int:
    """Run the soak and print its report; return 1 if anything was lost, duplicated, changed or leaked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uploads", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=0.1, help="part of the requests that fail")
    parser.add_argument("--workers", type=int, help="share clients with so many forked workers, instead of uploads")
    parser.add_argument("--calls", type=int, default=10_000, help="of all workers together")
    parser.add_argument("--deadline", type=float, help="seconds after which a worker hangs")
    parser.add_argument("--oauth", type=int, metavar="EXPIRIES", help="share a file of tokens, instead of uploads")
    parser.add_argument("--processes", type=int, default=4, help="that share the file of tokens")
    parser.add_argument("--tasks", type=int, default=50, help="of each process that shares the file of tokens")
    arguments = parser.parse_args()
    if arguments.oauth is not None:
        return _oauth(arguments)
    if arguments.workers is not None:
        return _prefork(arguments)
    if sys.platform == "linux" and _ARENAS not in os.environ:
        # The allocator reads it when a process starts.
        os.environ[_ARENAS] = "1"
        os.execv(sys.executable, sys.orig_argv)
    report = run(arguments.uploads, seed=arguments.seed, rate=arguments.rate, notify=print)
    problems = report.problems()
    problems += [
        f"the memory of the {kind} client grew by {growth / 2**20:.1f} MiB"
        for kind, growth in report.growth.items()
        if growth > _MOST_GROWTH
    ]
    print(f"{report.uploads} uploads in {report.seconds:.0f} s: {report.returned} returned")
    print(f"outcome unknown: {report.unknown}, of which {report.unknown_stored} are stored")
    print(f"other errors: {report.failed}, of which {report.failed_stored} are stored: {report.errors}")
    print(f"read back: {report.reads}")
    print(f"memory: { ({kind: f'{growth / 2**20:+.1f} MiB' for kind, growth in report.growth.items()}) }")
    for what, times in sorted(report.met.items()):
        print(f"{times:8} {what}")
    for problem in problems[:50]:
        print(f"PROBLEM: {problem}")
    print(f"{len(problems)} problems")
    return 1 if problems else 0


def _prefork(arguments: argparse.Namespace) -> int:
    deadline = 60 + arguments.calls / 10 if arguments.deadline is None else arguments.deadline
    report = prefork.run(arguments.workers, arguments.calls, seed=arguments.seed, deadline=deadline, notify=print)
    calls = report.calls - report.calls_of_parent
    print(f"{calls} calls in {report.workers} workers, {report.calls_of_parent} in the parent: {report.seconds:.0f} s")
    print(f"mixed up: {len(report.mixed)}, errors: {report.errors.total()}, hanging: {len(report.hung)}")
    print(f"uploads: {report.uploads}, of which not stored as they were returned: {len(report.wrong)}")
    problems = report.problems()
    for problem in problems[:50]:
        print(f"PROBLEM: {problem}")
    print(f"{len(problems)} problems")
    return 1 if problems else 0


def _oauth(arguments: argparse.Namespace) -> int:
    report = oauth.run(arguments.oauth, processes=arguments.processes, tasks=arguments.tasks, notify=print)
    print(
        f"{report.requests} requests of {report.processes} processes with {report.tasks} tasks: {report.seconds:.0f} s"
    )
    print(f"renewals: {report.renewals} at {arguments.oauth} expiries, of which doubled: {len(report.doubled)}")
    print(f"responses by status: {dict(sorted(report.statuses.items()))}, errors: {report.errors.total()}")
    print(f"secrets in {report.log_size:,} characters of logs: {len(report.leaks)}")
    problems = report.problems()
    for problem in problems[:50]:
        print(f"PROBLEM: {problem}")
    print(f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
