"""Contracts: what clients depend on in a description, how two of them differ, and the file that locks one."""
