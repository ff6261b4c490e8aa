"""The conductor: walks the house once, from a case to its answers."""
