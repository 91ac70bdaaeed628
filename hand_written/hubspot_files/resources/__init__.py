"""The objects that users hold: files, folders, searches, tasks, signed URLs and streams."""
