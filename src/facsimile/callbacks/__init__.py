"""Thin Lightning callbacks."""
