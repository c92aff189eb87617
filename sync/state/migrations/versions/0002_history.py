"""Events, the archive, rows as they came, quarantine, holds, the audit, stages of runs."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TIMES = ("missing_since", "returned_at")


def upgrade() -> None:
    for name in TIMES:
        op.add_column(
            "listing", sa.Column(name, sa.BigInteger, nullable=False, server_default="0")
        )
    op.add_column("run", sa.Column("stages", sa.Text, nullable=False, server_default="{}"))
    # Since when a home is missing was not kept. Too late a guess delays its archive, no more.
    missing = sa.text("UPDATE listing SET missing_since = :now WHERE missing > 0")
    op.execute(missing.bindparams(now=int(time.time())))
    _homes()
    _decisions()
    _carry_over()


def _homes() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("ref", sa.String(200), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("before", sa.String(40), nullable=False),
        sa.Column("after", sa.String(40), nullable=False),
    )
    op.create_index("event_ref", "event", ["ref"])
    op.create_table(
        "archive",
        sa.Column("ref", sa.String(200), primary_key=True),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("first_seen", sa.BigInteger, nullable=False),
        sa.Column("archived_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "source_row",
        sa.Column("ref", sa.String(200), primary_key=True),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "quarantine",
        sa.Column("ref", sa.String(200), primary_key=True),
        sa.Column("field", sa.String(40), primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("first_seen", sa.BigInteger, nullable=False),
        sa.Column("last_seen", sa.BigInteger, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("cleared_at", sa.BigInteger, nullable=False),
    )


def _decisions() -> None:
    op.create_table(
        "hold",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("signature", sa.String(64), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("before", sa.Integer, nullable=False),
        sa.Column("after", sa.Integer, nullable=False),
        sa.Column("first_seen", sa.BigInteger, nullable=False),
        sa.Column("last_seen", sa.BigInteger, nullable=False),
        sa.Column("runs", sa.Integer, nullable=False),
        sa.Column("decision", sa.String(20), nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("decided_at", sa.BigInteger, nullable=False),
        sa.Column("closed_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
    )


def _carry_over() -> None:
    """A list that is held now, and an operator's word on it, were notes."""
    op.execute(
        """
        INSERT INTO hold (signature, code, reason, before, after, first_seen, last_seen, runs,
                          decision, "by", decided_at, closed_at)
        SELECT held.value, '', 'held by an earlier release', 0, 0, 0, 0, 1,
               CASE WHEN confirmed.value = held.value THEN 'confirmed' ELSE 'pending' END,
               '', 0, 0
        FROM note AS held LEFT JOIN note AS confirmed ON confirmed.name = 'confirmed'
        WHERE held.name = 'held' AND held.value <> ''
        """
    )
    op.execute("DELETE FROM note WHERE name IN ('held', 'confirmed')")


def downgrade() -> None:
    for name in ("audit", "hold", "quarantine", "source_row", "archive", "event"):
        op.drop_table(name)
    op.drop_column("run", "stages")
    for name in TIMES:
        op.drop_column("listing", name)
