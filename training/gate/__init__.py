"""Champion and challenger on the same rows: figures, intervals, and the judgement that follows from them."""
