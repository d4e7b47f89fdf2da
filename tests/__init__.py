"""The tests; see docs for how they are laid out."""
