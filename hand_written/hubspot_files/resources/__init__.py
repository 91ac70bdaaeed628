"""The public objects: files, folders, searches, tasks, signed URLs and streams."""
