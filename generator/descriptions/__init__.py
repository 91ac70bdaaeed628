"""Reading a description: plain values, references followed, and the checks before a client is generated."""
