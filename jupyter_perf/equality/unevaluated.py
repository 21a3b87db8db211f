"""What stands for a result that was not computed, and pictures: refused, with what to write instead."""

from __future__ import annotations

from jupyter_perf.equality.base import Refused
from jupyter_perf.equality.wording import vars_of


class LazyFrames(Refused):
    """The lazy frames of polars."""

    types = ("polars.LazyFrame",)
    refusal = "a lazy frame is not computed yet: let the part end with its .collect()"


class DaskCollections(Refused):
    """Arrays, bags and frames of Dask."""

    refusal = "a Dask collection is not computed yet: let the part end with its .compute()"

    def covers(self, ancestor: type) -> bool:
        """Whether a class follows the protocol of Dask."""
        return "__dask_graph__" in vars_of(ancestor)


class Groups(Refused):
    """What `groupby` of pandas gives."""

    types = ("pandas.core.groupby.groupby.BaseGroupBy", "pandas.core.groupby.GroupBy")
    refusal = "a group-by is not computed yet: let the part end with an aggregate of it"


class DuckDbRelations(Refused):
    """Relations of DuckDB."""

    types = ("duckdb.DuckDBPyRelation",)
    refusal = "a DuckDB relation is not computed yet: let the part end with its .df() or .fetchall()"


class OrmQueries(Refused):
    """SQLAlchemy's older queries."""

    types = ("sqlalchemy.orm.Query",)
    refusal = "a query has not run yet: let the part end with its .all()"


class Pictures(Refused):
    """Figures, axes and whatever matplotlib draws."""

    types = ("matplotlib.artist.Artist",)
    refusal = (
        "a picture has no == of its own: let the part end with the data it shows, or compare with --equal off"
    )
