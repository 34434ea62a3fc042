"""Looker: its API and the LookML of its projects."""
