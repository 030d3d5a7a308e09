"""The script's side of an experiment, with nothing but the standard library."""
