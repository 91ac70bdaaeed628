"""Speed and size of this package compared with its peers: `python -m benchmarks NAME`."""
