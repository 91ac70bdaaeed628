"""Writing code: generating, formatting and verifying the client, and the patches of the generator's templates."""
