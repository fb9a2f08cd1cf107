"""Messages a second of the JSON decoder and of parsers alone, in CPU time: `python benchmarks/json_messages.py`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import orjson

from decoders.jsonlines import JsonDecoder

MESSAGES = 50_000
ROUNDS = 5
AISSTREAM = {
    "MessageType": "PositionReport",
    "MetaData": {"MMSI": 366999999, "ShipName": "EXAMPLE", "time_utc": "2022-12-29 18:22:32.318353 +0000 UTC"},
    "Message": {
        "PositionReport": {
            "MessageID": 1, "UserID": 366999999, "Latitude": 31.5, "Longitude": -122.3, "Sog": 0.1, "Cog": 12.3,
            "TrueHeading": 511, "NavigationalStatus": 0, "RateOfTurn": 0, "Timestamp": 32, "Valid": True,
        }
    },
}  # fmt: skip
CATCHER = {
    "class": "AIS", "device": "AIS-catcher", "rxuxtime": 1700000000.5,
    "nmea": ["!AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0A"],
}  # fmt: skip
DIGITRAFFIC = {
    "topic": "vessels-v2/230111111/location",
    "message": {"time": 1668075025, "sog": 10.7, "cog": 326.6, "navStat": 0, "heading": 325, "lon": 20.3, "lat": 59.1},
}
AISHUB = {
    "MMSI": "413811000", "TIME": "2011-04-12 10:40:27 GMT", "LONGITUDE": "118.44", "LATITUDE": "38.87", "COG": "356",
    "SOG": "0.1", "HEADING": "116", "NAVSTAT": "1", "IMO": "9118824", "NAME": "EXAMPLE", "CALLSIGN": "BVKU",
    "TYPE": "70", "A": "197", "B": "27", "C": "20", "D": "12", "DRAUGHT": "7.5", "DEST": "CAOFEIDIAN",
}  # fmt: skip


def rate(work: Callable[[], object]) -> float:
    """The best of some rounds, in messages a second of CPU time."""
    best = 0.0
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        best = max(best, MESSAGES / (time.process_time() - began))
    return best


def main() -> None:
    """Print the table."""
    senders = {"aisstream": AISSTREAM, "AIS-catcher": CATCHER, "Digitraffic": DIGITRAFFIC, "AISHub": AISHUB}
    print(f"{'messages/s':14}{'decoder':>12}{'orjson only':>14}{'json only':>12}")
    for name, message in senders.items():
        line = json.dumps(message, separators=(",", ":")).encode()
        lines = [line] * MESSAGES
        block = b"\n".join(lines)
        JsonDecoder().step(line, 0)  # what must be compiled or loaded is
        ours = rate(lambda block=block: JsonDecoder().step(block, 0))
        fast = rate(lambda lines=lines: [orjson.loads(one) is None for one in lines])
        slow = rate(lambda lines=lines: [json.loads(one) is None for one in lines])
        print(f"{name:14}{ours:12,.0f}{fast:14,.0f}{slow:12,.0f}")


if __name__ == "__main__":
    main()
