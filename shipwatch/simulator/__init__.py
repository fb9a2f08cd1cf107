"""A seeded simulator of ships, transponders and receivers: every ship, name and number in it is invented.

Nothing that this package makes is real data. Names, MMSI, IMO numbers, call signs, stations and lists are drawn from a
seeded generator; a likeness to a real ship is chance. It is there so that the demo, the tests and the benchmarks have
input of which the truth is known: :mod:`shipwatch.simulator.demo` makes a day of AIVDM with staged meetings,
:mod:`shipwatch.simulator.worlds` makes small worlds straight as report columns.

From the sea upwards: ``sphere`` (geometry), ``currents``, ``voyages`` (how ships move), ``visits`` (ships that meet),
``fleet`` (who they are), ``transmit`` (when a transponder speaks), ``reception`` (who hears it, when, and with what
clock), ``payloads`` and ``sentences`` (the bits and lines of ITU-R M.1371 and NMEA 0183), ``scenario`` (all of it
together). The same seed gives the same bytes on one platform and NumPy version.
"""
