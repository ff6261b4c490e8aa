"""Answers: from solved draws to a Finding."""
