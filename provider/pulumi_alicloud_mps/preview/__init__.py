"""The pull-request comment: what a preview would do to which library, as Markdown."""
