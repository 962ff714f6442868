"""A year of the sample desk, week by week: a world that changes, people who answer, and the loop that learns."""
