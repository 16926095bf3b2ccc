"""How many calls to start now. Each kind of pacing is a file of its own; all see a Snapshot."""
