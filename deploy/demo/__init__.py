"""`make demo`: the whole stack on one machine, with a simulated Rentman and a website."""
