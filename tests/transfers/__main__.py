"""The long campaign, which takes some minutes; run it from the root of the checkout: `python -m tests.transfers`.

The server has 150 ms of latency and the rate limit of a real account.
"""

from __future__ import annotations

import argparse

from .campaign import Figures, add_faults, campaign

_LIMIT, _INTERVAL = 190, 10.0


def main() -> int:
    """Run the campaign and print its figures; return 1 if anything was lost, doubled or changed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--latency", type=float, default=0.15, help="seconds")
    parser.add_argument("--faults", type=float, default=0.1, help="share of the requests that fail")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    found: list[Figures] = []

    def show(figures: Figures) -> None:
        found.append(figures)
        print(figures, flush=True)

    with campaign(arguments.files, seed=arguments.seed) as run:
        run.emulator.rate_limit("TEN_SECONDLY_ROLLING", _LIMIT, _INTERVAL)
        run.emulator.fail("delay", seconds=arguments.latency, count=None)
        show(run.upload("plain"))
        refused = sum(request.status == 429 for request in run.emulator.requests)
        rate = len(run.emulator.requests) / found[0].seconds
        share = rate / (_LIMIT / _INTERVAL)
        print(f"{rate:.1f} requests a second, {share:.0%} of the limit; {refused} responses of 429", flush=True)
        show(run.upload_again("plain"))
        show(run.download("plain"))
        show(run.upload("killed", kills=arguments.kills, longest=8.0))
        show(run.upload_again("killed"))
        show(run.download("killed", kills=arguments.kills, longest=8.0))
        run.emulator.clear_faults()
        add_faults(run.emulator, arguments.faults)
        run.emulator.fail("delay", seconds=arguments.latency, count=None)
        show(run.upload("faults", what="upload-async"))
        show(run.download("faults"))
        show(run.upload("faults and kills", kills=arguments.kills // 5, longest=8.0))
    return 1 if any(figures.problems for figures in found) else 0


if __name__ == "__main__":
    raise SystemExit(main())
