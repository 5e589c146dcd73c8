"""Subcommands of `sibiao config`, a module each. What is heavy they import when they run."""
