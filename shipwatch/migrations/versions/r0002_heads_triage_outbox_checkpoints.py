"""A growing number for each revision, the newest revision of each alert, triage log, outbox, checkpoints, archive."""

import sqlalchemy as sa
from alembic import op

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None

ID = sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql")
COPIED = ("kind", "state", "severity", "score", "start_us", "end_us", "lat", "lon")


def upgrade() -> None:
    """Number the revisions that are there in the order of their publication, and note each alert's newest."""
    op.execute("DROP TABLE IF EXISTS schema_version")
    op.add_column("runs", sa.Column("archive", sa.Text))
    op.create_table(
        "counters",
        sa.Column("name", sa.String(20), primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    with op.batch_alter_table("alert_revisions") as table:
        table.add_column(sa.Column("sequence", sa.BigInteger))
    last = _number_revisions(op.get_bind())
    with op.batch_alter_table("alert_revisions") as table:
        table.alter_column("sequence", existing_type=sa.BigInteger, nullable=False)
        table.create_unique_constraint("uq_alert_revisions_sequence", ["sequence"])
    op.create_table(
        "alerts",
        sa.Column("alert_id", ID, primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("severity", sa.String(12), nullable=False),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("start_us", sa.BigInteger, nullable=False),
        sa.Column("end_us", sa.BigInteger),
        sa.Column("lat", sa.Float, nullable=False),
        sa.Column("lon", sa.Float, nullable=False),
        sa.Column("triage", sa.String(16), nullable=False),
        sa.Index("ix_alerts_start_us_alert_id", "start_us", "alert_id"),
    )
    op.create_table(
        "triage_log",
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("alert_id", ID, sa.ForeignKey("alerts.alert_id"), nullable=False, index=True),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("supersedes", sa.BigInteger),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("channel", sa.String(80), nullable=False),
        sa.Column("alert_id", ID, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_us", sa.BigInteger, nullable=False),
        sa.Column("delivered_us", sa.BigInteger),
        sa.Column("error", sa.Text),
        sa.ForeignKeyConstraint(["alert_id", "revision"], ["alert_revisions.alert_id", "alert_revisions.revision"]),
        sa.UniqueConstraint("channel", "alert_id", "revision"),
        sa.Index("ix_outbox_state_due_us", "state", "due_us"),
    )
    op.create_table(
        "checkpoints",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("runs.id"), nullable=False),
        sa.Column("journal_position", sa.BigInteger, nullable=False),
        sa.Column("processed_us", sa.BigInteger),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("blob", sa.LargeBinary, nullable=False),
    )
    copied = ", ".join(("alert_id", "revision", *COPIED))
    op.execute(
        f"INSERT INTO alerts ({copied}, triage) SELECT {copied}, 'new' FROM alert_revisions AS r "
        "WHERE revision = (SELECT max(revision) FROM alert_revisions AS o WHERE o.alert_id = r.alert_id)"
    )
    for name, value in (("alert_revisions", last), ("triage_log", 0), ("outbox", 0)):
        op.execute(f"INSERT INTO counters (name, value) VALUES ('{name}', {value})")


def downgrade() -> None:
    """What was decided and sent would be lost."""
    raise RuntimeError("a ledger is only ever upgraded")


def _number_revisions(connection: sa.Connection) -> int:
    """Number all rows; returns the highest number given."""
    connection.execute(
        sa.text(
            "WITH numbered AS (SELECT alert_id AS a, revision AS r, "
            "row_number() OVER (ORDER BY published_us, alert_id, revision) AS n FROM alert_revisions) "
            "UPDATE alert_revisions SET sequence = "
            "(SELECT n FROM numbered WHERE a = alert_revisions.alert_id AND r = alert_revisions.revision)"
        )
    )
    return int(connection.execute(sa.text("SELECT count(*) FROM alert_revisions")).scalar_one())
