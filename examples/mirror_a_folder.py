"""Download every file of a HubSpot folder into a new directory, eight at a time."""

from __future__ import annotations

import sys
from pathlib import Path

import anyio

from hubspot_files import AsyncHubSpotFiles, File


async def main(path: str, target: Path) -> None:
    """Download the files that are directly in a folder."""
    workers = anyio.CapacityLimiter(8)

    async with AsyncHubSpotFiles() as hubspot, anyio.create_task_group() as tasks:

        async def fetch(file: File) -> None:
            async with workers:
                # Different names, such as `a:b.txt` and `a?b.txt`, can become equal on this system: keep both files.
                print(await hubspot.files.download(file.id, target, if_exists="number"))

        folder = await hubspot.folders.get_by_path(path)
        async for file in hubspot.files.search(parent_folder_ids=[folder.id]):
            tasks.start_soon(fetch, file)


target = Path(sys.argv[2])
target.mkdir(parents=True)
anyio.run(main, sys.argv[1], target)
