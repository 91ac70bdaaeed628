"""The served emulator against our description of the API: generated cases, and every example."""
