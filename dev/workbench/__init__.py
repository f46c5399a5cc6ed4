"""Real servers and databases, for the demo, the benchmarks, `make serve` and the process tests.

Run through `dev/python`, which says where things are (`places`).
"""
