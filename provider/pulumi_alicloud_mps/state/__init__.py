"""A stack's state: read, edited and written through the Pulumi CLI, and the journal beside it."""
