"""The verification of the emulator's assumptions against an account."""
