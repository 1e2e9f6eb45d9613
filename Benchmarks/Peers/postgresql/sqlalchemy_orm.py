"""SQLAlchemy's ORM over PostgreSQL. Usage: sqlalchemy_orm.py PEER WORK URL COUNT"""
import datetime, sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from shared import Clock, check, ids, item, microseconds  # noqa: E402

import sqlalchemy as sa  # noqa: E402
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column  # noqa: E402

PEER, WORK, URL, COUNT = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
UTC = datetime.timezone.utc


class Base(DeclarativeBase):
    pass


class Columns:
    name: Mapped[str] = mapped_column(sa.Text)
    price: Mapped[float] = mapped_column(sa.Double)
    quantity: Mapped[int]
    at: Mapped[datetime.datetime] = mapped_column(sa.DateTime(timezone=True))
    note: Mapped[str | None] = mapped_column(sa.Text)


class Item(Columns, Base):
    __tablename__ = "bench_item"
    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)


class NewItem(Columns, Base):
    __tablename__ = "bench_orm"
    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)


def total(found):
    return sum(check((one.id, one.name, one.price, one.quantity, one.at, one.note), lambda at: microseconds(at.astimezone(UTC))) for one in found)


def run(session):
    if WORK == "orm_load_200k":
        with Clock() as clock:
            found = session.scalars(sa.select(Item).where(Item.id <= COUNT)).all()
        return clock, total(found)
    if WORK == "orm_point_select":
        wanted = ids(COUNT)
        session.get(Item, 1)
        with Clock() as clock:
            found = [session.get(Item, i) for i in wanted]
        return clock, total(found)
    if WORK == "orm_insert_100k":
        new = [NewItem(**dict(zip(("name", "price", "quantity", "at", "note"), item(i, UTC)[1:]))) for i in range(1, COUNT + 1)]
        with Clock() as clock:
            session.add_all(new)
            session.commit()
        return clock, 0
    known = session.scalars(sa.select(NewItem).order_by(NewItem.id)).all()
    with Clock() as clock:
        for one in known:
            one.quantity += 1
        session.commit()
    return clock, 0


with Session(sa.create_engine(URL.replace("postgresql://", "postgresql+psycopg://")), expire_on_commit=False) as session:
    clock, checksum = run(session)
clock.report("postgresql", PEER, WORK, COUNT, checksum)
