"""Telling what keeps a stack from working: settings, credentials, rights, the network."""
