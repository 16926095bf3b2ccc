"""A shift of a contact centre in virtual time, under the rules of pacing and routing themselves."""
