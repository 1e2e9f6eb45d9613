"""Measures Roost beside its peers; see Benchmarks/README.md."""
