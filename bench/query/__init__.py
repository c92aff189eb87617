"""How long queries take that nobody has asked before, and that somebody has."""
