"""Pictures as visitors are sent them, beside the stack that this replaces."""
