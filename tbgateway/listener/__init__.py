"""Sockets and connections: everything below a complete request."""
