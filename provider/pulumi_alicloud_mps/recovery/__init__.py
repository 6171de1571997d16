"""Recovering libraries from creates that were interrupted."""
