"""Where the time goes: py-spy over the edge under load, and over a pass of `sync`."""
