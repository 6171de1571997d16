"""Bringing an existing account under a stack: its libraries listed, and put into a state."""
