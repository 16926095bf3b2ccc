"""Find a campaign's wrap-ups, of which a shift to simulate is learnt."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.execute(
        "CREATE INDEX presence_wrap_ups ON presence (campaign_id, since DESC) "
        "WHERE presence = 'wrap_up'"
    )
