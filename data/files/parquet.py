"""Read a wide Parquet file of prices; needs the optional package pyarrow."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data.arrays import Floats
from data.errors import BadInput, BadPrices, printable
from data.files.cells import day
from data.files.columns import RATES, Columns, check_names, in_order, is_price, no_price
from data.files.raw import file_bytes
from data.options import Dialect

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

# A compressed file can be small and its table enormous: what it declares is held against these.
_MOST_CELLS, _MOST_ROWS, _MOST_BYTES = 25_000_000, 200_000, 500_000_000
_LONGEST_DAY = 40


def read_parquet(path: Path, wanted: Collection[str] = ()) -> Columns:
    """Read `date` and one column a symbol; raises BadPrices naming file, column and row.

    Of a file with `wanted` symbols only these and its rates are read, else all.
    """
    name = printable(path.name)
    raw = file_bytes(path)
    try:
        import pyarrow as pa
    except ImportError as error:
        raise BadInput(
            f"{name}: Parquet files need the package pyarrow; install the extra [parquet] "
            "or save the table as CSV"
        ) from error
    try:
        return _read(name, raw, wanted)
    except UnicodeDecodeError as error:
        raise BadPrices(f"{name} is not a sound Parquet file: a name is not UTF-8") from error
    except (pa.ArrowException, OSError) as error:
        raise BadPrices(f"{name} is not a sound Parquet file: {printable(str(error))}") from error


def _read(name: str, raw: bytes, wanted: Collection[str]) -> Columns:
    import pyarrow.parquet as pq

    file = pq.ParquetFile(BytesIO(raw), page_checksum_verification=True)
    columns = file.schema_arrow.names
    stamp = [column for column in columns if column.casefold() == "date"]
    if len(stamp) != 1:
        raise BadPrices(f"{name} needs one column called date; it has {len(stamp)}")
    columns = [column for column in columns if column != stamp[0]]
    symbols = dict(zip(check_names(name, columns), columns, strict=True))
    kept = {s: column for s, column in symbols.items() if not wanted or s in {*wanted, *RATES}}
    _check_types(name, file.schema_arrow, stamp[0], list(kept.values()))
    _check_size(name, file, [stamp[0], *kept.values()])
    # A dictionary keeps a text that stands on every row once.
    file = pq.ParquetFile(BytesIO(raw), read_dictionary=stamp, page_checksum_verification=True)
    table = file.read([stamp[0], *kept.values()])
    days = _days(name, table.column(stamp[0]))
    values = np.column_stack(
        [_prices(name, table, *column) for column in kept.items()] or [np.empty((len(days), 0))]
    )
    unread = tuple(s for s in symbols if wanted and s not in {*wanted, *RATES})
    found = Columns(name, np.array(days, dtype="datetime64[D]"), tuple(kept), values, unread)
    return in_order(found, range(1, len(days) + 1), "row")


def _check_types(name: str, schema: "pa.Schema", stamp: str, symbols: Sequence[str]) -> None:
    """Refuse columns of other types before any is read."""
    import pyarrow.types as of

    numbers = (of.is_floating, of.is_integer, of.is_decimal)
    days = (of.is_string, of.is_large_string, of.is_integer, of.is_date, of.is_timestamp)
    for column in (stamp, *symbols):
        found = schema.field(column).type
        if not any(fits(found) for fits in (days if column == stamp else numbers)):
            what = "days" if column == stamp else "numbers"
            raise BadPrices(
                f"{name}: the column {column} holds {printable(str(found))}, not {what}; convert it"
            )


def _check_size(name: str, file: "pq.ParquetFile", columns: Sequence[str]) -> None:
    about = file.metadata
    cells = about.num_rows * len(columns)
    if about.num_rows > _MOST_ROWS or cells > _MOST_CELLS:
        raise BadPrices(
            f"{name} holds {about.num_rows:,} rows and {cells:,} cells, over {_MOST_ROWS:,} or "
            f"{_MOST_CELLS:,}; split it"
        )
    size = sum(
        group.column(i).total_uncompressed_size
        for group in map(about.row_group, range(about.num_row_groups))
        for i in range(group.num_columns)
        if group.column(i).path_in_schema in columns
    )
    if size > _MOST_BYTES:
        raise BadPrices(f"{name} unpacks to {size:,} bytes, over {_MOST_BYTES:,}; split it")


def _days(name: str, column: "pa.ChunkedArray") -> list[date]:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        texts = column.unify_dictionaries().chunk(0).dictionary if column.num_chunks else []
        if len(texts) and pc.max(pc.utf8_length(texts)).as_py() > _LONGEST_DAY:
            raise BadPrices(f"{name}: a date of over {_LONGEST_DAY} letters; write YYYY-MM-DD")
    return [_day(name, row, value) for row, value in enumerate(column.to_pylist(), start=1)]


def _day(name: str, row: int, value: Any) -> date:
    if isinstance(value, datetime):
        value = value.isoformat(sep=" ")
    try:
        return day(str(value), Dialect())
    except ValueError as error:
        raise BadPrices(f"{name}, row {row}: {error}") from error


def _prices(name: str, table: "pa.Table", symbol: str, column: str) -> Floats:
    """Return one column as floats, null and NaN alike for no price."""
    import pyarrow as pa

    values: Floats = table.column(column).cast(pa.float64()).to_numpy()
    bad = ~is_price(symbol, values)
    if bad.any():
        row = int(np.argmax(bad))
        raise no_price(f"{name}, row {row + 1}", symbol, f"{values[row]:g}")
    return values
