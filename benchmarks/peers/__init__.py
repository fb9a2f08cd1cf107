"""The same question put to other tools, each in the way its users would: pairs of ships near each other for two hours.

All of them interpolate positions to a 10-minute grid (no further than an hour between fixes), look for pairs within
500 m at each grid time, and keep rows of two hours and more with a median speed below 2 knots. They keep no tracks, no
clock, no holes, no port rules; written for this comparison.
"""
