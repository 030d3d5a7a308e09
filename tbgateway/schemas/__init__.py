"""The server's JSON shapes: what may be asked, and what is answered."""
