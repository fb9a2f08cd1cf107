"""Where we watch: zones, land, ports, and the names of places."""
