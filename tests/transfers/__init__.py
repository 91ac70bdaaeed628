"""Transfers of many files that are killed and continued, over real sockets."""
