"""How an operation runs, whatever it does: effects, retries, deadlines, rate limits."""
