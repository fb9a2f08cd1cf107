"""The four files that a replay leaves: alerts.jsonl, events.parquet, events.geojson, run.json (README, "Outputs")."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alerts.alert_json import alert_to_json
from shipwatch.event_frames import event_frame, event_geometry, event_records

if TYPE_CHECKING:
    from alerts.incident import Alert
    from shipwatch.engine.detections import Gap, Lead, Rendezvous

FILES = ("alerts.jsonl", "events.parquet", "events.geojson", "run.json")


def write_outputs(
    folder: Path,
    *,
    alerts: Iterable[Alert],
    rendezvous: Iterable[Rendezvous],
    gaps: Iterable[Gap],
    run: Mapping[str, Any],
    leads: Iterable[Lead] = (),
) -> tuple[Path, ...]:
    """Write the four files into ``folder`` (made where absent) and return their paths.

    Each file is written beside its place and then put there, so that a reader never sees half of one. The bytes follow
    from the arguments alone; ``run["timings"]`` is the one thing that differs between two runs on the same input.
    Raises ``OSError`` where the folder cannot be written.
    """
    rendezvous, gaps, leads = list(rendezvous), list(gaps), list(leads)
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(folder / name for name in FILES)
    _put(paths[0], alerts_jsonl(alerts))
    temporary = paths[1].with_name(paths[1].name + ".tmp")
    event_frame(rendezvous, gaps, leads).to_parquet(temporary, index=False, compression="zstd", schema_version="1.1.0")
    temporary.replace(paths[1])
    _put(paths[2], events_geojson(rendezvous, gaps, leads))
    _put(paths[3], json.dumps(run, indent=2, sort_keys=True) + "\n")
    return paths


def alerts_jsonl(alerts: Iterable[Alert]) -> str:
    """One alert object a line, each alert's newest revision, in order of (start, id)."""
    lines = [json.dumps(alert_to_json(alert), ensure_ascii=False) + "\n" for alert in newest(alerts)]
    return "".join(lines)


def newest(alerts: Iterable[Alert]) -> list[Alert]:
    """The newest revision of each alert in order of (start, id)."""
    latest: dict[str, Alert] = {}
    for alert in alerts:
        if alert.id not in latest or alert.revision >= latest[alert.id].revision:
            latest[alert.id] = alert
    return sorted(latest.values(), key=lambda alert: (alert.incident.start_us, alert.id))


def events_geojson(rendezvous: Iterable[Rendezvous], gaps: Iterable[Gap], leads: Iterable[Lead] = ()) -> str:
    """A FeatureCollection (RFC 7946), one feature a line, in order of (start, id)."""
    features = [
        json.dumps(
            {
                "type": "Feature",
                "id": record["id"],
                "geometry": event_geometry(record),
                "properties": {name: value for name, value in record.items() if name != "region"},
            },
            ensure_ascii=False,
        )
        for record in event_records(rendezvous, gaps, leads)
    ]
    body = ",\n".join(features)
    return '{"type": "FeatureCollection", "features": [\n' + body + ("\n" if body else "") + "]}\n"


def _put(path: Path, text: str) -> None:
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    temporary.replace(path)
