"""Check, diff, create, read, update and delete, for any front."""
