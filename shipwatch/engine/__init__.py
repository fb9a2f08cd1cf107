"""The spatial engine: report columns and state in, detections and state out; no I/O, no clock."""
