"""Estimates as people and programs read them: tables for the terminal, JSON with units in its names."""
