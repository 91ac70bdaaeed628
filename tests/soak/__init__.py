"""Soaks over real sockets: uploads with every kind of network fault, forked workers, and shared OAuth tokens."""
