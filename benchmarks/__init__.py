"""How fast and how large this package is, side by side with its peers: `python -m benchmarks NAME`."""
