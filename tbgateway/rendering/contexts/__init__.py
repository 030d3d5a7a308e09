"""What each page is told: one frozen dataclass per template, and nothing else reaches it."""
