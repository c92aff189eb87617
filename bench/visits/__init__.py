"""The same visitors at ours and at other servers before the same edges."""
