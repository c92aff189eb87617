"""The tables, as SQLAlchemy Core sees them; migrations/ makes them.

Times are unix seconds; 0 means never. Payloads are msgpack of the structs in sync.model and
sync.state.records, unless said otherwise. References are in lower case.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()
REF = 200  # characters

listing = Table(
    "listing",
    metadata,
    Column("ref", String(REF), primary_key=True),
    Column("payload", LargeBinary, nullable=False),
    Column("first_seen", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("missing", Integer, nullable=False),  # good lists in a row without it
    Column("missing_since", BigInteger, nullable=False, server_default="0"),
    Column("returned_at", BigInteger, nullable=False, server_default="0"),
)
price = Table(
    "price",
    metadata,
    Column("ref", String(REF), primary_key=True),
    Column("channel", String(8), primary_key=True),
    Column("since", BigInteger, primary_key=True),
    Column("pence", BigInteger, nullable=False),
)
event = Table(
    "event",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("ref", String(REF), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("channel", String(8), nullable=False),
    Column("before", String(40), nullable=False),
    Column("after", String(40), nullable=False),
    Index("event_ref", "ref"),
)
archive = Table(
    "archive",
    metadata,
    Column("ref", String(REF), primary_key=True),
    Column("payload", LargeBinary, nullable=False),
    Column("first_seen", BigInteger, nullable=False),
    Column("archived_at", BigInteger, nullable=False),
)
source_row = Table(  # as the source sent it, private fields and all: never published
    "source_row",
    metadata,
    Column("ref", String(REF), primary_key=True),
    Column("digest", String(32), nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("payload", LargeBinary, nullable=False),  # JSON
)
quarantine = Table(
    "quarantine",
    metadata,
    Column("ref", String(REF), primary_key=True),
    Column("field", String(40), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("first_seen", BigInteger, nullable=False),
    Column("last_seen", BigInteger, nullable=False),
    Column("times", Integer, nullable=False),
    Column("cleared_at", BigInteger, nullable=False),
)
hold = Table(
    "hold",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("signature", String(64), nullable=False),
    Column("code", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("before", Integer, nullable=False),  # listings
    Column("after", Integer, nullable=False),
    Column("first_seen", BigInteger, nullable=False),
    Column("last_seen", BigInteger, nullable=False),
    Column("runs", Integer, nullable=False),
    Column("decision", String(20), nullable=False),
    Column("by", Text, nullable=False),
    Column("decided_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger, nullable=False),
)
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("action", String(20), nullable=False),
    Column("subject", Text, nullable=False),
    Column("by", Text, nullable=False),
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
    Column("stages", Text, nullable=False, server_default="{}"),  # JSON
)
note = Table(  # single values: the writer's name, the last generation
    "note",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
