"""Tests of the emulator, with raw requests: the SDK plays no part in them."""
