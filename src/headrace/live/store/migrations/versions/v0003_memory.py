"""What tenants have used, and what jobs have received in runs that are over: for the orders that go by it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """From 0002; what was used and received before is not known, and counts for nothing."""
    op.create_table(
        "usage",
        sa.Column("tenant", sa.Text(), primary_key=True),
        sa.Column("usage", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.BigInteger(), nullable=False),
    )
    op.add_column("jobs", sa.Column("attained", sa.BigInteger(), nullable=False, server_default="0"))
