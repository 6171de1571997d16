"""What the provider costs, beside what a user would write and what the engine itself costs."""
