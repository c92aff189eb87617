"""The parts of the simulated Rentman; it knows the real one from the outside only."""
