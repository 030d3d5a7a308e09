"""Passwords, tokens and the header they come in: making them, reading them, checking them."""
