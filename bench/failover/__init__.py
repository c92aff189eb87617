"""How long no daemon is the writer, when the one that was has died or was stopped."""
