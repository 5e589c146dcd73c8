"""Subcommands of `sibiao sim`, a module each."""
