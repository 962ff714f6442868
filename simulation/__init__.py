"""A sample desk: seeded histories for the demo, the tests and the benchmarks."""
