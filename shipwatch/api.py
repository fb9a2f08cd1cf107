"""`import shipwatch as sw`: sw.read, sw.find, sw.screen; events as GeoDataFrames."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alerts.assess import assess
from alerts.designations import DesignationSet
from alerts.rules import Rules
from decoders.reports import Batch, PositionReports, StaticReports
from geofences.zones import ZoneSet
from shipwatch.assemble import assemble, designations_of, find_config, run_record
from shipwatch.config import Config
from shipwatch.engine.detections import Gap, Lead, Rendezvous
from shipwatch.engine.rules import EngineRules
from shipwatch.event_frames import event_frame, gap_frame, lead_frame, rendezvous_frame
from shipwatch.outputs import events_geojson, write_outputs
from shipwatch.replay import InputFile, Reader, decoded, default_reader, replay, replay_batches

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from alerts.incident import Alert


@dataclass(frozen=True)
class Reports:
    """AIS reports to look into: files that are decoded when they are asked for, or columns in memory."""

    paths: tuple[str | Path, ...] = ()
    format: str | None = None
    held: Batch | None = None

    @classmethod
    def of(cls, positions: PositionReports, statics: StaticReports | None = None) -> Reports:
        """Reports from columns in memory (``PositionReports.of(time_us=..., mmsi=..., lat_deg=..., ...)``)."""
        return cls(held=Batch(positions=positions, statics=statics or StaticReports.empty()))

    def batches(self) -> Iterator[Batch]:
        """Decoded piece by piece, in bounded memory; raises ``DecodeError`` at an input that cannot be read."""
        if self.held is not None:
            yield self.held
            return
        inputs, batches = decoded(self.paths, reader=self.reader())
        yield from batches
        for item in inputs:
            if item.error:
                raise OSError(item.error)

    def reader(self) -> Reader:
        """The decoder of one file."""
        return default_reader(self.format)

    @cached_property
    def positions(self) -> PositionReports:
        """All position reports, in memory, in the order of the input."""
        return PositionReports.concat([batch.positions for batch in self.batches()])

    @cached_property
    def statics(self) -> StaticReports:
        """All static reports, in memory, in the order of the input."""
        return StaticReports.concat([batch.statics for batch in self.batches()])

    def to_geodataframe(self) -> gpd.GeoDataFrame:
        """The positions as points (EPSG:4326), ``time`` as timezone-aware UTC."""
        import geopandas as gpd
        import pandas as pd

        columns = self.positions.columns()
        data: dict[str, Any] = {"time": pd.to_datetime(columns.pop("time_us"), unit="us", utc=True)}
        data.update(columns)
        data["station"] = columns["station"].astype("U16")
        points = gpd.points_from_xy(columns["lon_deg"], columns["lat_deg"], crs="EPSG:4326")
        return gpd.GeoDataFrame(data, geometry=points)


@dataclass(frozen=True)
class Found:
    """What :func:`find` found. Frames without rows keep all their columns."""

    alerts: tuple[Alert, ...]
    meetings: tuple[Rendezvous, ...]
    silences: tuple[Gap, ...]
    rules: Rules
    leads: tuple[Lead, ...] = ()
    run: dict[str, Any] = field(default_factory=dict)
    inputs: tuple[InputFile, ...] = ()

    @cached_property
    def rendezvous(self) -> gpd.GeoDataFrame:
        """Meetings of two ships as points (EPSG:4326), times as timezone-aware UTC."""
        return rendezvous_frame(self.meetings)

    @cached_property
    def gaps(self) -> gpd.GeoDataFrame:
        """Silences as lines from the last fix before to the first one after (a point while open)."""
        return gap_frame(self.silences)

    @cached_property
    def dark_meetings(self) -> gpd.GeoDataFrame:
        """Possible meetings of ships while one or both were silent, as regions; ``facts`` is JSON text."""
        return lead_frame(self.leads, "dark_meeting")

    @cached_property
    def loitering(self) -> gpd.GeoDataFrame:
        """Ships that stayed slow away from ports, as points; ``facts`` is JSON text."""
        return lead_frame(self.leads, "loitering")

    @cached_property
    def other_leads(self) -> gpd.GeoDataFrame:
        """All leads of other kinds: identity, spoofing, outage; ``facts`` is JSON text."""
        shown = ("dark_meeting", "loitering")
        return lead_frame(item for item in self.leads if item.kind not in shown)

    @cached_property
    def matches(self) -> pd.DataFrame:
        """One row per list match: alert, party, list, entry, tier, when, text, companies, cautions of the list."""
        import pandas as pd

        names = ("party", "list", "entry", "tier", "when", "listed_name", "text")
        rows = [
            {
                "alert": alert.id,
                **{name: getattr(match, name) for name in names},
                "companies": "; ".join(
                    f"{c.role} {c.name}" + (f" (company IMO {c.imo})" if c.imo else "") for c in match.companies
                ),
                "cautions": "" if match.source is None else "; ".join(match.source.cautions),
            }
            for alert in self.alerts
            for match in alert.matches
        ]
        return pd.DataFrame(rows, columns=["alert", *names, "companies", "cautions"])

    def to_geojson(self, path: str | Path) -> Path:
        """Write all events as GeoJSON; returns the path."""
        path = Path(path)
        path.write_text(events_geojson(self.meetings, self.silences, self.leads), encoding="utf-8")
        return path

    def write(self, folder: str | Path) -> tuple[Path, ...]:
        """Write the four files of `shipwatch replay --out`."""
        return write_outputs(
            Path(folder),
            alerts=self.alerts,
            rendezvous=self.meetings,
            gaps=self.silences,
            run=self.run,
            leads=self.leads,
        )

    def explore(self, **options: Any) -> Any:
        """Draw all events on a map in a notebook (geopandas' ``explore``; loads its map from the web).

        Raises ``ImportError`` with the mend where folium is not installed.
        """
        try:
            import folium  # noqa: F401
        except ImportError:
            raise ImportError('drawing needs folium: pip install "shipwatch-sts[explore]"') from None
        frame = event_frame(self.meetings, self.silences, self.leads)
        times = {name: frame[name].astype(str) for name in ("start", "end", "published")}
        return frame.assign(**times).explore(**{"column": "kind", **options} if len(frame) else options)


def read(paths: str | Path | Sequence[str | Path], format: str | None = None) -> Reports:
    """Reports of files, folders and patterns in any known format; nothing is read before it is asked for.

    ``format`` names the format where it is not to be detected.
    """
    return Reports((paths,) if isinstance(paths, (str, Path)) else tuple(paths), format)


def find(
    reports: Reports,
    *,
    zones: ZoneSet | gpd.GeoDataFrame | None = None,
    rules: EngineRules | None = None,
    everywhere: bool = False,
    lists: DesignationSet | None = None,
) -> Found:
    """Meetings, gaps and alerts in the reports, through the same pipeline as `shipwatch replay`.

    ``zones``: a ZoneSet, or a GeoDataFrame with columns ``name`` and ``kind`` (default: those that ship); ``rules``
    (default: shipwatch's own; ``shipwatch.engine.rules.preset`` has others); ``everywhere`` watches all water outside
    excluded zones; ``lists``: what to screen against (default: nothing). Configuration files and environment are not
    looked at. An input that cannot be read is noted in ``found.inputs``; if none can, ``OSError`` is raised.
    """
    if zones is not None and not isinstance(zones, ZoneSet):
        zones = ZoneSet.from_geodataframe(zones)
    station = assemble(
        Config(),
        environment={},
        designations=lists or DesignationSet(),
        zones=zones,
        everywhere=everywhere,
        engine_rules=rules,
    )
    if reports.held is not None:
        result = replay_batches([reports.held], station.pipeline)
    else:
        result = replay(reports.paths, station.pipeline, reader=reports.reader())
    if result.inputs and len(result.unreadable) == len(result.inputs):
        raise OSError("; ".join(item.error or "" for item in result.inputs))
    return Found(
        alerts=result.alerts,
        meetings=result.rendezvous,
        silences=result.gaps,
        leads=result.leads,
        rules=station.alert_rules,
        run=run_record(station, result),
        inputs=result.inputs,
    )


def screen(found: Found, lists: DesignationSet | None = None) -> Found:
    """The same events with their alerts assessed against the lists; an alert that changes gains a revision.

    ``lists``: default those imported into this folder's station (`shipwatch lists import`). Raises ``ListError`` for a
    list that cannot be read.
    """
    if lists is None:
        lists = designations_of(find_config(None, os.environ), os.environ)
    return replace(found, alerts=tuple(_screened(found.alerts, lists, found.rules)))


def _screened(alerts: Iterable[Alert], lists: DesignationSet, rules: Rules) -> Iterator[Alert]:
    for alert in alerts:
        yield assess(alert.incident, lists, rules, alert) or replace(alert, lists=lists.lists())
