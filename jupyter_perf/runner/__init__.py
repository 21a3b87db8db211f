"""Runs pieces of code in turn and times them: the machinery of `%%compare` and of proofs.

One generator (`plan.Plan.steps`) decides what to sample next and is told what it took; it never runs anything
itself. Two drivers run what it asks for, one for ordinary code and one that awaits. What has been measured is
kept as it comes, so that an interrupt leaves what there is.
"""

from jupyter_perf.runner.nouns import Arm, Progress, Timing
from jupyter_perf.runner.sampling import time_pairs, time_pairs_async

__all__ = ["Arm", "Progress", "Timing", "time_pairs", "time_pairs_async"]
