"""The routes, a module for each kind of thing that is asked about.

Each lists its `OPERATIONS` and the `SCHEMAS` that only they need, and takes a request apart, asks the desk, puts the
answer into JSON. None knows how tickets are scored or rows are kept. A new room is named in `serving.operations`.
"""
