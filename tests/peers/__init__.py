"""The official clients, unchanged, against the served emulator."""
