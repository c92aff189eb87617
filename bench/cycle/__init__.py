"""What a pass of `sync` costs: time, memory, and calls upstream beside a naive client's."""
