"""A file to a table, whatever its format.

Knows which reader takes which format, nothing of what the columns mean.
"""

from pathlib import Path

from desk.errors import HistoryError
from training.histories.tables.csv_table import read_csv
from training.histories.tables.jsonl_table import read_jsonl
from training.histories.tables.opening import decoded, format_of, read_bytes
from training.histories.tables.table import Table

__all__ = ["read_table"]


def read_table(path: Path) -> Table:
    """Read a CSV, JSON Lines or Parquet file, gzipped or not; the content decides before the name does.

    Raises `HistoryError` in one line for whatever cannot be read.
    """
    content = read_bytes(path)
    form = format_of(content, path)
    if form == "parquet":
        from training.histories.tables.parquet_table import read_parquet  # Arrow is slow to import, and few have it

        return read_parquet(content, str(path))
    text = decoded(content, path)
    table = read_csv(text, str(path)) if form == "csv" else read_jsonl(text, str(path))
    if not table.height:
        raise HistoryError(f"{path} holds a header and no rows; expected one ticket a row.")
    return table
