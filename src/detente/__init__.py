"""Detente: turn an argument about an international crisis into a model that can be run."""
