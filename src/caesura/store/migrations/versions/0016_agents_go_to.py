"""The campaign that a pause names for the agents of the paused one."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE campaign ADD COLUMN agents_go_to bigint REFERENCES campaign ON DELETE SET NULL"
    )
