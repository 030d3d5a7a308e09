"""Pages, problems and URLs: everything of the product that a person reads in a browser."""
