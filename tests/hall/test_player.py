"""The player: reports out as sentences, in time order and on time, and decoded back to what they were."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from decoders.nmea import NmeaDecoder
from decoders.reading import read
from decoders.reports import Batch, PositionReports, StaticReports
from shipwatch.cli import app
from shipwatch.player import Played, TcpPlayer, encoded, play

US = 1_000_000
START_US = 1_741_910_400 * US


def reports() -> Batch:
    """Every kind of report that can be played, with and without values, out of order."""
    nan = float("nan")
    positions = PositionReports.of(
        time_us=[START_US + 3 * US, START_US, START_US + 250_000, START_US + 2 * US, START_US + 4 * US],
        mmsi=[538000001, 538000002, 338000003, 538000004, 338000003], lat_deg=[29.12345, -29.5, 0.0, 89.9, 1.0],
        lon_deg=[123.54321, -179.99999, 0.0, 180.0, 2.0], sog_kn=[12.3, nan, 0.0, 10.0, 5.0],
        cog_deg=[359.96, nan, 10.0, 90.0, 1.0], heading_deg=[359, nan, 311, nan, 7],
        nav_status=[5, -1, -1, 0, -1],
        msg_type=[3, 0, 18, 27, 19], utc_second=[3, -1, 0, -1, 59], station=[b"north", b"", b"", b"", b""],
    )  # fmt: skip
    statics = StaticReports.of(
        time_us=[START_US + US, START_US + US, START_US + 2 * US, START_US + 2 * US],
        mmsi=[538000001, 338000003, 338000003, 538000002], imo=[9074729, 0, 0, 0],
        name=["INVENTED ONE", "", "SMALL BOAT", "TABLE ROW"], callsign=["V7AB1", "WDX1", "", ""],
        ship_type=[80, 37, 0, 70], to_bow_m=[150, 10, nan, nan], to_stern_m=[33, 5, nan, nan],
        to_port_m=[20, 2, nan, nan], to_starboard_m=[12, 2, nan, nan], draught_m=[9.5, nan, nan, nan],
        destination=["ULSAN", "", "", ""], msg_type=[5, 24, 24, 0],
    )  # fmt: skip
    return Batch(positions, statics)


def sent(batch: Batch) -> bytes:
    """All lines of a batch."""
    pieces: list[bytes] = []
    play(encoded([batch]), pieces.append, speed=0)
    return b"".join(pieces)


def test_what_is_played_decodes_to_what_it_was() -> None:
    """Every value comes back as the message rounds it, in time order, with receive times to the millisecond."""
    batch = NmeaDecoder().step(sent(reports()), 0)
    assert not [name for name in batch.lines if name.startswith("refused")]
    found, was = batch.positions, reports().positions.take(np.array([1, 2, 3, 0, 4]))
    assert found.time_us.tolist() == was.time_us.tolist()
    assert found.mmsi.tolist() == was.mmsi.tolist()
    precise = found.msg_type != 27
    np.testing.assert_allclose(found.lat_deg[precise], was.lat_deg[precise], atol=1e-6)
    np.testing.assert_allclose(found.lon_deg[precise], was.lon_deg[precise], atol=1e-6)
    np.testing.assert_allclose(found.sog_kn[precise], was.sog_kn[precise], atol=0.051)
    assert found.msg_type.tolist() == [1, 18, 27, 3, 18]
    assert found.utc_second[precise].tolist() == was.utc_second[precise].tolist()
    assert found.station.tolist() == [b"player", b"player", b"player", b"north", b"player"]
    assert np.isnan(found.heading_deg[0])
    statics = {(int(m), str(n)): i for i, (m, n) in enumerate(zip(batch.statics.mmsi, batch.statics.name, strict=True))}
    whole = statics[538000001, "INVENTED ONE"]
    assert batch.statics.imo[whole] == 9074729
    assert batch.statics.to_bow_m[whole] == 150
    assert batch.statics.draught_m[whole] == np.float32(9.5)
    assert (338000003, "SMALL BOAT") in statics
    assert batch.statics.callsign[statics[338000003, ""]] == "WDX1"


def test_the_same_reports_give_the_same_bytes_however_they_come() -> None:
    """Order and batches of the input leave no trace."""
    batch = reports()
    turned = Batch(batch.positions.take(slice(None, None, -1)), batch.statics.take(slice(None, None, -1)))
    assert sent(turned) == sent(batch)


def test_lines_go_out_when_they_are_due() -> None:
    """At 10x, four seconds of event time take 0.4 s of the clock handed in; nothing goes out early."""
    now = [100.0]
    out: list[tuple[float, bytes]] = []

    def wait(seconds: float) -> None:
        now[0] += seconds

    done = play(
        encoded([reports()]), lambda text: out.append((now[0] - 100.0, text)), speed=10.0, wait=wait,
        elapsed_s=lambda: now[0],
    )  # fmt: skip
    assert out[-1][0] == pytest.approx(0.4, abs=0.025)
    for at_s, text in out:
        times = NmeaDecoder().step(text, 0).positions.time_us
        assert all((time - START_US) / US / 10.0 <= at_s + 0.021 for time in times.tolist())
    assert isinstance(done, Played)
    assert done.messages == 9
    assert done.lines == 11


def test_tcp_serves_all_who_listen() -> None:
    """Each client gets the lines from when it came; one that leaves is forgotten."""
    player = TcpPlayer("127.0.0.1", 0)
    one = socket.create_connection(("127.0.0.1", player.port))
    assert player.wait_for_client(5)
    player.send(b"a\n")
    two = socket.create_connection(("127.0.0.1", player.port))
    player.send(b"b\n")
    player.send(b"c\n")
    one.close()
    threading.Event().wait(0.05)
    player.send(b"d\n")
    player.send(b"e\n")
    player.close()
    got = b""
    while piece := two.recv(1000):
        got += piece
    two.close()
    assert got.endswith(b"c\nd\ne\n")


def test_the_command_plays_to_a_file(tmp_path: Path) -> None:
    """`shipwatch play FILE --to FILE` writes lines that decode; a file that cannot be read ends with 1 and its name."""
    source, target = tmp_path / "in.nmea", tmp_path / "out.nmea"
    source.write_bytes(sent(reports()))
    done = CliRunner().invoke(app, ["play", str(source), "--to", str(target), "--speed", "0"])
    assert done.exit_code == 0, done.output
    assert sum(len(batch.positions) for batch in read(target)) == 5
    (tmp_path / "bad").write_bytes(b"%PDF-1.4 nothing")
    failed = CliRunner().invoke(app, ["play", str(tmp_path / "bad"), "--to", str(target), "--speed", "0"])
    assert failed.exit_code == 1
    assert "bad" in failed.output
