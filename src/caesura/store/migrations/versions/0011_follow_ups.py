"""Messages that follow on a call or a reply; the SQL stands beside this file."""

from pathlib import Path

from alembic import op

revision = "0011"
down_revision = "0008"


def upgrade() -> None:
    # The driver's cursor, not SQLAlchemy's text(): the file holds colons and several statements.
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute(Path(__file__).with_suffix(".sql").read_text())
