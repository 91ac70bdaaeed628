"""Import a file from a URL, print the result, and delete the oldest imported files."""

from __future__ import annotations

import sys

from hubspot_files import Access, DuplicateCheck, HubSpotFiles, TaskFailedError

KEEP = 3

with HubSpotFiles() as hubspot:
    task = hubspot.files.import_from_url(
        sys.argv[1],
        access=Access.PUBLIC_NOT_INDEXABLE,
        folder_path="/imports",
        duplicates=DuplicateCheck("RETURN_EXISTING", "EXACT_FOLDER"),
    )
    try:
        file = task.wait(deadline=120, on_poll=lambda state: print(f"{state.task_id}: {state.status.value}"))
    except TaskFailedError as error:
        raise SystemExit(f"HubSpot could not fetch it: {'; '.join(error.reasons)}") from error
    print(f"{file.path}: {file.url}")

    folder = hubspot.folders.get_by_path("/imports")
    newest_first = hubspot.files.search(parent_folder_ids=[folder.id], sort="-created_at")
    for old in list(newest_first)[KEEP:]:
        # If the folder already had a file of the same content, the import returns that file, which may be old.
        if old.id != file.id:
            hubspot.files.delete(old.id)
            print(f"deleted {old.path}")
