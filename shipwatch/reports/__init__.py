"""Reports for people outside the watch room: the daily incident summary, one content in seven files."""
