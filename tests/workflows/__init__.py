"""Tests of the scripts that only the workflows in .github/ run."""
