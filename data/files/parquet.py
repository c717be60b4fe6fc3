"""Read a wide Parquet file of prices; needs the optional package pyarrow."""

from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data.arrays import Floats
from data.catalog import is_symbol
from data.errors import BadInput, BadPrices, printable
from data.files.cells import day
from data.files.csv_table import Columns, DatedLine, in_order
from data.files.raw import file_bytes
from data.options import Dialect

if TYPE_CHECKING:
    import pyarrow as pa

# Compressed tables can be small and enormous at once.
_MOST_CELLS = 25_000_000


def read_parquet(path: Path) -> Columns:
    """Read `date` and one column a symbol; raises BadPrices naming file, column and row."""
    name = printable(path.name)
    table = _table(name, file_bytes(path))
    at = [i for i, c in enumerate(table.column_names) if c.casefold() == "date"]
    if len(at) != 1:
        raise BadPrices(f"{name} needs one column called date; it has {len(at)}")
    symbols = tuple(c for i, c in enumerate(table.column_names) if i != at[0])
    for symbol in symbols:
        if not is_symbol(symbol) or symbols.count(symbol) > 1:
            raise BadPrices(
                f"{name}: the column {printable(symbol, 30)!r} is not a symbol, or stands twice; "
                "use capital letters and digits, like SPY, BRK-B or ^IXIC"
            )
    days = [
        DatedLine(row, _day(name, row, value))
        for row, value in enumerate(table.column(at[0]).to_pylist(), start=1)
    ]
    if not symbols:
        raise BadPrices(f"{name} has no column beside date; add one a symbol")
    values = np.column_stack([_prices(name, table, symbol) for symbol in symbols])
    return in_order(name, symbols, days, values, "row")


def _table(name: str, raw: bytes) -> "pa.Table":
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise BadInput(
            f"{name}: Parquet files need the package pyarrow; install the extra [parquet] "
            "or save the table as CSV"
        ) from error
    try:
        file = pq.ParquetFile(BytesIO(raw), page_checksum_verification=True)
        cells = file.metadata.num_rows * file.metadata.num_columns
        if cells > _MOST_CELLS:
            raise BadPrices(f"{name} holds {cells:,} cells, over {_MOST_CELLS:,}; split it")
        return file.read()
    except (pa.ArrowException, OSError) as error:
        raise BadPrices(f"{name} is not a sound Parquet file: {printable(str(error))}") from error


def _day(name: str, row: int, value: Any) -> date:
    if isinstance(value, datetime):
        value = value.isoformat(sep=" ")
    if isinstance(value, date):
        value = value.isoformat()
    try:
        return day(str(value), Dialect())
    except ValueError as error:
        raise BadPrices(f"{name}, row {row}: {error}") from error


def _prices(name: str, table: "pa.Table", symbol: str) -> Floats:
    """Return one column as floats, null and NaN alike for no price."""
    import pyarrow as pa

    column = table.column(symbol)
    kinds = (pa.types.is_floating, pa.types.is_integer, pa.types.is_decimal)
    if not any(kind(column.type) for kind in kinds):
        raise BadPrices(f"{name}: the column {symbol} holds {column.type}, not numbers; convert it")
    values: Floats = np.array(column.cast(pa.float64()).to_pylist(), dtype=np.float64)
    bad = ~np.isnan(values) & ~(np.isfinite(values) & ((values > 0) | (symbol == "TBILL")))
    if bad.any():
        row = int(np.argmax(bad))
        raise BadPrices(
            f"{name}, row {row + 1}, column {symbol}: {values[row]:g} is no price; it must be "
            "positive and finite (leave the cell empty where there is none)"
        )
    return values
