"""The command line: one module for each command. Nothing here decides what is true."""
