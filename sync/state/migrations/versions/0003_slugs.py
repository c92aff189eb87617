"""The slugs that homes have had."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "slug",
        sa.Column("slug", sa.String(100), primary_key=True),
        sa.Column("ref", sa.String(200), nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("slug")
