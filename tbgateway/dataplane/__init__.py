"""Every request's way in: validated, routed, authenticated, authorised, and only then answered."""
