"""One GET of a record: processor time of this process per call."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx

from hubspot_files import HubSpotFiles

from .measurement import Measurement, compared
from .running import calls_so_far, in_turns, server

_BARE = "httpx and json()"
_WARM_UP = 50


def measure(*, rounds: int = 7, calls: int = 1000) -> list[Measurement]:
    """Measure the calls of each client in this process."""
    import hubspot
    import hubspot_sdk

    api_calls = {}
    with (
        server("small") as url,
        httpx.Client() as bare,
        httpx.Client() as lent,
        HubSpotFiles("token", base_url=url) as ours,
        hubspot_sdk.HubSpot(access_token="token", base_url=url) as alpha,
    ):
        through = HubSpotFiles("token", base_url=url, http_client=lent)
        official = hubspot.Client(access_token="token", host=url).files.files_api
        headers = {"authorization": "Bearer token"}
        contenders: dict[str, Callable[[], object]] = {
            "hubspot-files": lambda: ours.files.get("1"),
            "hubspot-files, http_client=": lambda: through.files.get("1"),
            _BARE: lambda: bare.get(f"{url}/files/v3/files/1", headers=headers).json(),
            "hubspot-api-client": lambda: official.get_by_id("1"),
            "hubspot-sdk": lambda: alpha.files.file_assets.get("1"),
        }

        def run(name: str) -> float:
            call, before = contenders[name], calls_so_far(url)
            for _ in range(_WARM_UP):
                call()
            started_at: float = time.process_time()
            for _ in range(calls):
                call()
            micros = (time.process_time() - started_at) / calls * 1e6
            api_calls[name] = (calls_so_far(url) - before) / (_WARM_UP + calls)
            return micros

        results = in_turns(contenders, run, rounds)
    return compared("get", "one GET", "µs of CPU", "less", results, reference=_BARE, calls=api_calls)
