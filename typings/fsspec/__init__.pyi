# The part of fsspec that hubspot_files.fsspec uses. fsspec itself has no types.
