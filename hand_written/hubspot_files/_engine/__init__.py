"""The engine that runs all operations: effects, retries, deadlines, rate limits."""
