"""What `python -m sync COMMAND` does; each command returns its exit code."""
