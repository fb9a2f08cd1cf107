"""The console: an API and one page over the ledger and the archive, for the analyst at this machine."""
