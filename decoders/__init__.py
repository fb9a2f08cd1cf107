"""Bytes in, columns out: AIS sentences and historical tables to report columns."""
