"""A soak: thousands of uploads over real sockets to a server that fails in every way that a network can."""
