"""The bytes of a history or ticket file, unpacked and with their format told by what they hold.

Knows signatures, gzip and UTF-8; knows nothing of rows.
"""

import gzip
import zlib
from pathlib import Path
from typing import Final, Literal

from desk.errors import HistoryError

__all__ = ["Format", "decoded", "format_of", "read_bytes"]

Format = Literal["csv", "jsonl", "parquet"]

SUFFIXES: Final[dict[str, Format]] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
UNREADABLE: Final[dict[bytes, str]] = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook; unpack it or save the sheet as CSV (UTF-8)",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save the sheet as CSV (UTF-8)",
    b"BZh": "packed with bzip2; unpack it or pack it with gzip",
    b"\xfd7zXZ\x00": "packed with xz; unpack it or pack it with gzip",
    b"\x28\xb5\x2f\xfd": "packed with Zstandard; unpack it or pack it with gzip",
    b"%PDF": "a PDF; export the tickets as CSV, JSON Lines or Parquet",
    b"SQLite format 3\x00": "an SQLite database; export the tickets as CSV, JSON Lines or Parquet",
}
"""First bytes of what people hand over by mistake, and what to do with it."""

GZIP: Final = b"\x1f\x8b"
PARQUET: Final = b"PAR1"
BYTE_ORDER_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


def read_bytes(path: Path) -> bytes:
    """The file's content, gunzipped where it is gzip.

    Raises `HistoryError`: no such file, a folder, unreadable, empty, broken gzip, or a format that no reader takes.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise HistoryError(f"There is no file {str(path)!r}; check the path.") from error
    except IsADirectoryError as error:
        raise HistoryError(f"{str(path)!r} is a folder; name one CSV, JSON Lines or Parquet file in it.") from error
    except OSError as error:
        raise HistoryError(f"Cannot read {str(path)!r}: {error.strerror}.") from error
    if content.startswith(GZIP):
        content = _gunzip(content, path)
    for signature, what in UNREADABLE.items():
        if content.startswith(signature):
            raise HistoryError(f"{path} is {what}.")
    if not content.strip():
        raise HistoryError(f"{path} is empty; expected a table with a header and at least one ticket.")
    return content


def _gunzip(content: bytes, path: Path) -> bytes:
    try:
        return gzip.decompress(content)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise HistoryError(
            f"{path} is damaged or cut off: its gzip data end too early or do not add up; copy or export it again."
        ) from error


def format_of(content: bytes, path: Path) -> Format:
    """What the file is: Parquet by its signature, else what its name says, else JSON Lines where it begins with `{`.

    Raises `HistoryError` where the name says Parquet and the content does not.
    """
    if content.startswith(PARQUET):
        return "parquet"
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    named = SUFFIXES.get(suffixes[-1]) if suffixes else None
    if named == "parquet":
        raise HistoryError(f"{path} is called Parquet but does not hold it (no PAR1 at its start); export it again.")
    if named:
        return named
    return "jsonl" if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")) else "csv"


def decoded(content: bytes, path: Path) -> str:
    """The content as text, without a byte order mark.

    Raises `HistoryError` with the offset and line of the first byte that is not UTF-8, and how to convert the file.
    """
    if content.startswith(BYTE_ORDER_MARKS) or content[:400].count(0) > len(content[:400]) // 4:
        raise HistoryError(f"{path} is UTF-16, expected UTF-8; convert it: {_conversion('UTF-16', path)}.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise HistoryError(
            f"{path} is not UTF-8: byte {content[error.start]:#04x} at offset {error.start} (line {line}). "
            f"If it is Western European, convert it: {_conversion('WINDOWS-1252', path)}."
        ) from error


def _conversion(encoding: str, path: Path) -> str:
    name = path.name.removesuffix(".gz")
    return f"`iconv -f {encoding} -t UTF-8 {name} > utf8-{name}`"
