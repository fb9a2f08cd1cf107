"""Which alerts a list entry may concern: typed identifiers of all parties, looked up instead of screened one by one.

The keys follow what screening looks hulls up by (IMO, MMSI, call sign, name key), so that no alert that could match an
entry is missed; whether it does is for screening to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from alerts.callsigns import callsign_key
from alerts.designations import Designation
from alerts.flags import flag_of_mmsi
from alerts.imo import is_ship_imo
from alerts.names import AIS_NAME_LENGTH, name_keys
from shipwatch import ledger_schema as schema

FORM = 1
"""Counts up when the keys of the same parties become others: the index is then made anew."""
COUNTER = "party_keys"
CHUNK = 400
FILLED_AT_ONCE = 5_000
_LONGEST = 80

Payload = Mapping[str, Any]


def party_keys(alert: Payload) -> set[str]:
    """The keys of all parties of a public alert object.

    >>> sorted(party_keys({"parties": [{"mmsi": 366123456, "imo": 9275658, "name": "SEA STAR 3", "callsign": None}]}))
    ['i9275658', 'm366123456', 'nSEASTAR/3']
    """
    keys: set[str] = set()
    for party in alert.get("parties", ()):
        keys.add(_mmsi_key(party["mmsi"]))
        for said in (party, *party.get("also_sent", ())):
            if said["imo"] is not None and is_ship_imo(said["imo"]):
                keys.add(f"i{said['imo']}")
            if said["callsign"]:
                keys.add(_callsign_key(said["callsign"]))
            if said["name"]:
                keys.update(_name_keys(said["name"]))
    return keys


def entry_keys(entry: Designation) -> set[str]:
    """The keys by which a party of this hull may be met."""
    keys = {_mmsi_key(mmsi) for mmsi in entry.mmsis}
    if entry.imo is not None:
        keys.add(f"i{entry.imo}")
    keys.update(_callsign_key(callsign) for callsign in entry.callsigns)
    for name in entry.names:
        keys.update(_name_keys(name))
        if len(name) > AIS_NAME_LENGTH:
            keys.update(_name_keys(name[:AIS_NAME_LENGTH]))
    return keys


def class_ranges(entry: Designation) -> list[tuple[str, str]]:
    """The ranges of MMSI keys [from, to) of all vessels of a class's flags; empty for one vessel."""
    if entry.kind != "class":
        return []
    digits = [n for n in range(201, 776) if flag_of_mmsi(n * 1_000_000) in entry.flags]
    return [(_mmsi_key(n * 1_000_000), _mmsi_key((n + 1) * 1_000_000)) for n in digits]


def add(connection: sa.Connection, alerts: Iterable[tuple[str, Payload]]) -> None:
    """Note the keys of these (alert id, alert object); those that are noted already stay."""
    rows = sorted({(key, id) for id, payload in alerts for key in party_keys(payload)})
    if rows:
        insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        query = insert(schema.party_keys).on_conflict_do_nothing()
        connection.execute(query, [{"key": key, "alert_id": id} for key, id in rows])


def fill(connection: sa.Connection) -> None:
    """Make the index of all revisions that are there, a few thousand at a time, and note its form."""
    table = schema.alert_revisions
    connection.execute(sa.delete(schema.party_keys))
    last = -1
    while True:
        asked = sa.select(table.c.sequence, table.c.alert_id, table.c.payload).where(table.c.sequence > last)
        rows = connection.execute(asked.order_by(table.c.sequence).limit(FILLED_AT_ONCE)).all()
        if not rows:
            break
        add(connection, [(row[1], row[2]) for row in rows])
        last = rows[-1][0]
    counters = schema.counters
    connection.execute(sa.update(counters).where(counters.c.name == COUNTER).values(value=FORM))


def of_this_form(connection: sa.Connection) -> bool:
    """Whether the index was made with the keys that this version makes."""
    counters = schema.counters
    form = connection.execute(sa.select(counters.c.value).where(counters.c.name == COUNTER)).scalar_one()
    return bool(form == FORM)


def alerts_with(
    connection: sa.Connection, keys: Iterable[str], ranges: Sequence[tuple[str, str]], since_us: int
) -> set[str]:
    """Ids of alerts that began at ``since_us`` or later, stand, and have one of the keys or one in the ranges."""
    table, alerts = schema.party_keys, schema.alerts
    joined = sa.select(table.c.alert_id).join(alerts, alerts.c.alert_id == table.c.alert_id)
    joined = joined.where(alerts.c.start_us >= since_us, alerts.c.state != "withdrawn")
    found: set[str] = set()
    wanted = sorted(keys)
    for at in range(0, len(wanted), CHUNK):
        found.update(connection.execute(joined.where(table.c.key.in_(wanted[at : at + CHUNK]))).scalars())
    for low, high in ranges:
        found.update(connection.execute(joined.where(table.c.key >= low, table.c.key < high)).scalars())
    return found


def _mmsi_key(mmsi: int) -> str:
    return f"m{mmsi:09d}"


def _callsign_key(callsign: str) -> str:
    return f"c{callsign_key(callsign)}"[:_LONGEST]


def _name_keys(name: str) -> Iterable[str]:
    for key in name_keys(name):
        yield "/".join([f"n{key.letters}", *map(str, key.numbers)])[:_LONGEST]
