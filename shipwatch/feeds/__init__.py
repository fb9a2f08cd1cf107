"""Where lines come from while they are being sent: TCP, UDP, a growing file, standard input."""
