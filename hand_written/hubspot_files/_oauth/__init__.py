"""OAuth: credentials that renew their access token, the requests for tokens, and the stores that keep them."""
