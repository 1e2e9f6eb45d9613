"""Alembic's comparison of a database with what should be, as `alembic revision --autogenerate` makes it. Usage: alembic_compare.py alembic WORK URL COUNT"""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import sqlalchemy as sa  # noqa: E402
from alembic.autogenerate import compare_metadata  # noqa: E402
from alembic.migration import MigrationContext  # noqa: E402
from shared import Clock  # noqa: E402

PEER, WORK, URL, COUNT = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])

engine = sa.create_engine(URL.replace("postgresql://", "postgresql+psycopg://"))
with engine.connect() as connection:
    # What should be: what is there, and a column more in every hundredth table.
    metadata = sa.MetaData()
    metadata.reflect(connection)
    for name, table in metadata.tables.items():
        if name.startswith("bench_wide_") and name.endswith("00"):
            table.append_column(sa.Column("extra", sa.Integer))
    differences, statements = 0, []
    sa.event.listen(engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    with Clock() as clock:
        for _ in range(COUNT // 1_000):
            found = compare_metadata(MigrationContext.configure(connection), metadata)
            differences += len(found)
clock.report("postgresql", PEER, WORK, COUNT, differences, statements=len(statements) // (COUNT // 1_000))
