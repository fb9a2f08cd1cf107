"""The words that rule files may use: levels, tiers, times of a listing, conditions, features."""

LEVELS = ("notice", "warning", "critical")
NOT_TOLD = "none"
"""A lead of this level is kept as an event and makes no alert."""
LEAD_KINDS = ("dark_meeting", "loitering", "identity", "spoofing", "sighting", "gap")
TIERS = ("exact", "strong", "possible", "class", "conflict", "weak")
WHENS = ("designated_at_event", "designated_after", "delisted_before", "unknown", "watched")
"""``watched`` is an entry of a watchlist, whatever its date."""
CONDITIONS = (
    "outside_port", "in_port", "merchant_pair", "merchant_party", "one_unnamed", "alongside", "no_hull_data",
    "settled_near", "abreast", "observed_enough", "lowered", "not_lowered",
)  # fmt: skip
FEATURES = (
    "list_exact", "list_strong", "list_class", "list_possible", "list_designated_after", "list_delisted_before",
    "watchlist", "identity_conflict", "callsign_flag_differs", "alongside", "abreast", "settled_near",
    "merchant_pair", "observed_enough", "observed_long",
    "little_observed", "draught_change", "draught_change_one", "open_sea", "watched_zone", "silence_near", "raft",
    "in_port", "dark_time",
)  # fmt: skip
