"""The agents of one cell: who does what, who gets which call, what each is told."""
