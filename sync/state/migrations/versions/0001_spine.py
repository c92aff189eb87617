"""Listings with price history, the media ledger, runs and notes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "listing",
        sa.Column("ref", sa.String(200), primary_key=True),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("first_seen", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("missing", sa.Integer, nullable=False),
    )
    op.create_table(
        "price",
        sa.Column("ref", sa.String(200), primary_key=True),
        sa.Column("channel", sa.String(8), primary_key=True),
        sa.Column("since", sa.BigInteger, primary_key=True),
        sa.Column("pence", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "medium",
        sa.Column("filename", sa.String(200), primary_key=True),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("checked_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.Integer, nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("report", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "note",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )


def downgrade() -> None:
    for name in ("note", "run", "medium", "price", "listing"):
        op.drop_table(name)
