"""Soaks over real sockets: uploads to a server that fails in every way that a network can, and forked workers."""
