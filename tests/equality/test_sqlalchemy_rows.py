"""SQLAlchemy: rows, and mapped objects from two sessions."""

import pytest

from jupyter_perf.equality import IncomparableError, difference

sa = pytest.importorskip("sqlalchemy")
orm = pytest.importorskip("sqlalchemy.orm")


class Base(orm.DeclarativeBase):
    pass


class Flight(Base):
    __tablename__ = "flights"
    id = orm.mapped_column(sa.Integer, primary_key=True)
    carrier = orm.mapped_column(sa.String)
    delay = orm.mapped_column(sa.Float)
    stops = orm.relationship("Stop", back_populates="flight")


class Stop(Base):
    __tablename__ = "stops"
    id = orm.mapped_column(sa.Integer, primary_key=True)
    flight_id = orm.mapped_column(sa.ForeignKey("flights.id"))
    flight = orm.relationship("Flight", back_populates="stops")


@pytest.fixture
def engine():
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    Base.metadata.create_all(engine)
    with orm.Session(engine) as session:
        session.add(Flight(carrier="AA", delay=1.0, stops=[Stop(), Stop()]))
        session.add(Flight(carrier="UA", delay=2.0))
        session.commit()
    yield engine
    engine.dispose()


def rows(engine, text="select id, carrier, delay from flights"):
    with engine.connect() as connection:
        return connection.execute(sa.text(text)).all()


def flights(engine, *options):
    with orm.Session(engine) as session:
        return session.scalars(sa.select(Flight).order_by(Flight.id).options(*options)).unique().all()


def test_rows(engine):
    assert difference(rows(engine), rows(engine)) is None
    after = rows(engine, "select id, carrier, delay + (id = 2) as delay from flights")
    assert difference(rows(engine), after) == "item 1, column `delay`: 2.0 and 3.0"
    after = rows(engine, "select id, carrier as name, delay from flights")
    assert difference(rows(engine), after) == "item 0, names of the columns, item 1: 'carrier' and 'name'"
    assert difference(rows(engine), after, "close") is None


def test_rows_in_any_order(engine):
    after = rows(engine)[::-1]
    assert difference(rows(engine), after).startswith("item 0, column `id`: 1 and 2")
    assert difference(rows(engine), after, "unordered") is None


def test_mappings(engine):
    with engine.connect() as connection:
        one, other = (connection.execute(sa.text("select 1 as a")).mappings().all() for _ in range(2))
    assert difference(one, other) is None


def test_a_result_is_refused_with_advice(engine):
    with engine.connect() as connection:
        result = connection.execute(sa.text("select 1"))
        for one in (result, result.scalars()):
            with pytest.raises(IncomparableError, match=r"let the part end with its \.all\(\)"):
                difference(one, one)


def test_a_query_is_refused_with_advice(engine):
    with orm.Session(engine) as session, pytest.raises(IncomparableError, match=r"\.all\(\)"):
        difference(session.query(Flight), session.query(Flight))


def test_mapped_objects_of_two_sessions_by_what_is_loaded(engine):
    early, late = orm.joinedload(Flight.stops), orm.selectinload(Flight.stops)
    assert difference(flights(engine), flights(engine)) is None
    assert difference(flights(engine), flights(engine, early)) is None
    assert difference(flights(engine, early), flights(engine, late)) is None
    assert difference(flights(engine), flights(engine, orm.load_only(Flight.carrier))) is None
    assert difference(flights(engine), flights(engine)[::-1]) == "item 0, primary key, item 0: 1 and 2"
    assert difference(flights(engine), flights(engine)[::-1], "unordered") is None


def test_mapped_objects_that_differ(engine):
    after = flights(engine, orm.joinedload(Flight.stops))
    after[1].delay = 3.0
    assert difference(flights(engine), after) == "item 1, attribute `delay`: 2.0 and 3.0"
    after = flights(engine, orm.joinedload(Flight.stops))
    after[0].stops.pop()
    before = flights(engine, orm.joinedload(Flight.stops))
    assert difference(before, after) == "item 0, attribute `stops`: 2 items and 1 item"


def test_comparing_sends_no_statement(engine):
    before, after = flights(engine), flights(engine)
    sent = []
    sa.event.listen(engine, "before_cursor_execute", lambda *arguments: sent.append(arguments[2]))
    difference(before, after)
    difference(before, after, "unordered")
    assert sent == []
