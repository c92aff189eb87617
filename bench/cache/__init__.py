"""What Caddy's tiers cost beside each other, and how often a visitor's question is worked out anew."""
