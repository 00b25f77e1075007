"""A large installation as it looks after weeks of use, laid down in bulk: see `layout.lay_down`."""
