"""The hot process: answers from memory what `sync` has published."""
