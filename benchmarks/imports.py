"""Import in a new process, compared with that of httpx: milliseconds."""

from __future__ import annotations

from .measurement import Measurement, compared
from .running import fresh, in_turns

_PROGRAM = """
import json, time
began = time.perf_counter()
{statement}
print(json.dumps(time.perf_counter() - began))
"""
_BARE = "httpx"
_STATEMENTS = {
    "hubspot-files": "from hubspot_files import HubSpotFiles, AsyncHubSpotFiles",
    "hubspot-files, client": "from hubspot_files import HubSpotFiles; HubSpotFiles('token').files",
    "hubspot-files, async client": "from hubspot_files import AsyncHubSpotFiles; AsyncHubSpotFiles('token').files",
    _BARE: "import httpx",
    "hubspot-api-client": "from hubspot import HubSpot; HubSpot(access_token='token').files.files_api",
    "hubspot-sdk": "from hubspot_sdk import HubSpot; HubSpot(access_token='token').files",
}


def measure(*, rounds: int = 15) -> list[Measurement]:
    """Measure imports, each time in a new process."""

    def run(name: str) -> float:
        return 1000 * float(fresh(["-c", _PROGRAM.format(statement=_STATEMENTS[name])]))

    # Once before measuring, so that all modules are compiled.
    in_turns(_STATEMENTS, run, 1)
    results = in_turns(_STATEMENTS, run, rounds)
    return compared("imports", "import in a new process", "ms", "less", results, reference=_BARE)
