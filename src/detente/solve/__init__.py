"""Behaviour: from a Game to a Solution and its Certificate."""
