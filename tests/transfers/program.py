"""One transfer in a process of its own, which the campaign kills: `python program.py upload|download DIRECTORY FOLDER`.

It prints its report as a line of JSON. The environment names the server, the token and the folder of the journal.
"""

from __future__ import annotations

import json
import sys

import anyio

from hubspot_files import AsyncHubSpotFiles, HubSpotFiles
from hubspot_files.transfers import TransferReport


def _print(report: TransferReport) -> None:
    figures = {"calls": report.api_calls, "seconds": report.seconds, "bytes": report.bytes}
    bad = [list(result[:4]) for result in report.results if result.outcome in ("failed", "unknown")]
    print(json.dumps({**report.counts, **figures, "bad": bad[:10]}), flush=True)


def upload(directory: str, folder: str) -> None:
    with HubSpotFiles() as hubspot:
        _print(hubspot.transfers.upload_folder(directory, folder))


def download(directory: str, folder: str) -> None:
    with HubSpotFiles() as hubspot:
        _print(hubspot.transfers.download_folder(folder, directory))


async def upload_async(directory: str, folder: str) -> None:
    async with AsyncHubSpotFiles() as hubspot:
        _print(await hubspot.transfers.upload_folder(directory, folder))


if __name__ == "__main__":
    what, directory, folder = sys.argv[1:]
    if what == "upload-async":
        anyio.run(upload_async, directory, folder)
    else:
        {"upload": upload, "download": download}[what](directory, folder)
