"""The native provider: a thin front that translates between the engine and the operations."""
