"""Whether a version still fits the desk: what comes in, what it answers, how sure it may be, which contracts hold."""
