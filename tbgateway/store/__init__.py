"""What survives a restart: one SQLite file, written by one thread, read from memory."""

from tbgateway.store.store import Store
from tbgateway.store.transaction import Transaction

__all__ = ["Store", "Transaction"]
