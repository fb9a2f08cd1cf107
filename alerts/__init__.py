"""Who the ships are, which lists name them, and what is worth telling."""
