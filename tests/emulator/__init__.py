"""Tests of the emulator, with raw requests, mostly without the SDK."""
