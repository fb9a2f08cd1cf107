"""Which alerts a list entry may concern, and up to which versions of the lists they were rescreened."""

import sqlalchemy as sa
from alembic import op

from shipwatch import party_index

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None

ID = sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql")


def upgrade() -> None:
    """Make the index of the parties of all alerts that are there, a few thousand at a time."""
    # "sha256:" and 64 digits are more than PostgreSQL lets into 64 characters.
    with op.batch_alter_table("runs") as table:
        table.alter_column("rules_digest", existing_type=sa.String(64), type_=sa.String(80), existing_nullable=False)
    op.create_table(
        "party_keys",
        sa.Column("key", ID, primary_key=True),
        sa.Column("alert_id", ID, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rescreened_lists",
        sa.Column("list", sa.String(80), primary_key=True),
        sa.Column("snapshot", sa.String(120), nullable=False),
        sa.Column("versions", sa.String(64), nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
    )
    op.create_table("rescreen_waiting", sa.Column("alert_id", ID, primary_key=True))
    op.execute("INSERT INTO counters (name, value) VALUES ('party_keys', 0)")
    party_index.fill(op.get_bind())


def downgrade() -> None:
    """What was noted would be lost."""
    raise RuntimeError("a ledger is only ever upgraded")
