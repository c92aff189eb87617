"""How much one store has to do for ever more edges that follow it."""
