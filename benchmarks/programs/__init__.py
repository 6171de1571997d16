"""The programs of the peers, and the provider that does nothing."""
