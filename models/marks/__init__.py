"""When something was last done for the installation as a whole."""
