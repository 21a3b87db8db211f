"""What `%%perf` costs and how true its lines are, beside its peers: `python -m benchmarks`."""
