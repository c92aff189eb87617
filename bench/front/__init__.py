"""The whole front, through Caddy with TLS, beside servers that answer the same files with TLS."""
