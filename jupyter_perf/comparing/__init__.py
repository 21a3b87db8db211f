"""What `%%compare` does, from parts to a Report: `paragraph` names the stages, the rest serves them."""

from jupyter_perf.comparing.functions import compare

__all__ = ["compare"]
