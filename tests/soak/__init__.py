"""Soaks over real sockets: uploads to a server with every kind of network fault, and forked workers."""
