"""Screening against listed hulls, innocents and namesakes, beside the usual matchers."""
