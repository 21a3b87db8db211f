"""A Run and a Report made by hand, with every kind of value that they can hold."""

from array import array

from jupyter_perf.model import Comparison, Encoded, Finding, Fix, Previous, Proof, Report, Run, Table

SQL = "SELECT name FROM airlines WHERE carrier = ?"

QUERIES = Table(
    {
        "start_s": [0.1, 0.2, 0.3],
        "duration_s": [0.01, None, 0.03],
        "sql": Encoded(codes=array("i", [0, 0, 1]), values=[SQL, "COMMIT"]),
        "rows": Encoded(codes=[0, 1, -1], values=[1, 0]),
        "error": Encoded(codes=[-1, -1, -1], values=[]),
    }
)
STACKS = Table(
    {
        "stack": [("<module> (In[1]:2)", "read_sql (pandas/io/sql.py:700)"), ("run (a.py:1)",)],
        "thread": ["MainThread", None],
        "self_s": [0.5, 0.25],
    }
)


def run() -> Run:
    return Run(
        run_id="r1",
        label="Ünïcode <b>",
        cell_id=None,
        started_at=1_700_000_000.5,
        wall_s=1.5,
        cpu_s=0.75,
        peak_bytes=2**40,
        sampler="py-spy",
        folded=("after 3 different stacks, library frames were left out",),
        notes=("one", "two"),
        environment={"python": "3.11.7"},
        partial="interrupt",
        tables={"queries": QUERIES, "stacks": STACKS, "plans": Table({})},
    )


def report() -> Report:
    comparison = Comparison(
        name="before/after",
        verdict="faster",
        before_s=(0.2, 0.21),
        after_s=(0.1, 0.1),
        ratio=2.05,
        low=1.9,
        high=2.2,
        statements_change=-12,
    )
    fix = Fix(
        kind="code",
        before="for c in carriers: ...",
        after="connection.execute(...)",
        explanation="one statement instead of many",
        proof=Proof(same_result=True, comparison=comparison),
    )
    unproved = Fix("index", "", "CREATE INDEX i ON t (c)", "found faster", Proof(None, reason="timed out"))
    return Report(
        run=run(),
        findings=(
            Finding("n-plus-one-query", "error", "16 statements", "In[1]", 4, 0.3, None, ("a", "b"), fix),
            Finding("missing-index", "warning", "a scan", cost_bytes=10, fix=unproved),
            Finding("not-worth-optimizing", "info", "3 ms in all"),
        ),
        comparisons=(comparison, Comparison(name="none", verdict="inconclusive", reason="too few pairs")),
        previous=Previous("r0", 1_600_000_000.0, 3.0, same_source=False),
    )
