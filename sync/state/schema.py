"""The tables, as SQLAlchemy Core sees them; migrations/ makes them."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()

# Times are unix seconds; payloads are msgpack of the structs in sync.model.
listing = Table(
    "listing",
    metadata,
    Column("ref", String(200), primary_key=True),  # lower case
    Column("payload", LargeBinary, nullable=False),
    Column("first_seen", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("missing", Integer, nullable=False),  # good lists in a row without it
)
price = Table(
    "price",
    metadata,
    Column("ref", String(200), primary_key=True),
    Column("channel", String(8), primary_key=True),
    Column("since", BigInteger, primary_key=True),
    Column("pence", BigInteger, nullable=False),
)
medium = Table(
    "medium",
    metadata,
    Column("filename", String(200), primary_key=True),
    Column("payload", LargeBinary, nullable=False),
    Column("reason", Text, nullable=False),
    Column("checked_at", BigInteger, nullable=False),
)
slug = Table(
    "slug",
    metadata,
    Column("slug", String(100), primary_key=True),
    Column("ref", String(200), nullable=False),  # lower case
    Column("since", BigInteger, nullable=False),
)
run = Table(
    "run",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("started_at", BigInteger, nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("report", LargeBinary, nullable=False),  # JSON
)
note = Table(  # single values: the writer's name, the last generation, a held list's signature
    "note",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
