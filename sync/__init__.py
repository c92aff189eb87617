"""The daemon: keeps a complete, validated, precomputed snapshot of the source published."""
