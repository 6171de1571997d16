"""The command `alicloud-mps`: a module for each subcommand, and what they have in common."""

from .main import main

__all__ = ["main"]
