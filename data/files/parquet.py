"""Read a wide Parquet file of prices; needs the optional package pyarrow."""

from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data.arrays import Floats
from data.errors import BadInput, BadPrices, printable
from data.files.cells import day
from data.files.choice import Ask, choose
from data.files.columns import Columns, in_order, is_price, no_price, on_row
from data.files.header import date_column, of_names
from data.files.raw import file_bytes, unpacks
from data.language import say
from data.notes import of, taken
from data.options import Dialect

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

# A compressed file can be small and its table enormous: what it declares is held against these.
_MOST_CELLS, _MOST_ROWS, _MOST_BYTES = 25_000_000, 200_000, 500_000_000
_LONGEST_DAY = 40
# What pandas calls an index without a name.
_INDEX = "__index_level_0__"


def read_parquet(path: Path, ask: Ask) -> Columns:
    """Read a table as `data.files.header` has it; raises BadPrices naming file, column and row."""
    name = printable(path.name)
    raw = file_bytes(path)
    try:
        import pyarrow as pa
    except ImportError as error:
        raise BadInput(
            say(
                "{file}: Parquet files need the package pyarrow; install the extra [parquet] or "
                "save the table as CSV",
                file=name,
            )
        ) from error
    try:
        return _read(name, raw, ask)
    except UnicodeDecodeError as error:
        raise BadPrices(_unsound(name, say("a name is not UTF-8"))) from error
    except (pa.ArrowException, OSError) as error:
        raise BadPrices(_unsound(name, printable(str(error)))) from error


def _unsound(name: str, why: str) -> str:
    return say("{file} is not a sound Parquet file: {why}", file=name, why=why)


def _read(name: str, raw: bytes, ask: Ask) -> Columns:
    import pyarrow.parquet as pq

    file = pq.ParquetFile(BytesIO(raw), page_checksum_verification=True)
    columns: list[str] = file.schema_arrow.names
    stamp = next((i for i, column in enumerate(columns) if column == _INDEX), date_column(columns))
    if stamp is None:
        raise BadPrices(say("{file} needs a column called date; it has none", file=name))
    columns.insert(0, columns.pop(stamp))
    choice = choose(of_names(name, [columns]), ask)
    if choice.keys:
        raise BadPrices(
            say(
                "{file} names its symbols row by row; give each a column, or save it as CSV",
                file=name,
            )
        )
    stamps, kept = columns[:1], [columns[at] for at in choice.at]
    _check_types(name, file.schema_arrow, stamps[0], kept)
    _check_size(name, file, [*stamps, *kept])
    # A dictionary keeps a text that stands on every row once.
    file = pq.ParquetFile(BytesIO(raw), read_dictionary=stamps, page_checksum_verification=True)
    table = file.read([*stamps, *kept])
    days = _days(name, table.column(stamps[0]))
    values = [
        _prices(name, table, *column) for column in zip(choice.symbols, kept, strict=True)
    ]  # fmt: skip
    found = Columns(
        name,
        np.array(days, dtype="datetime64[D]"),
        choice.symbols,
        np.column_stack(values or [np.empty((len(days), 0))]),
        choice.unread,
        (*choice.notes, *taken(name, choice.symbols, choice.said)),
    )
    return in_order(found, range(1, len(days) + 1), rows=True)


def _check_types(name: str, schema: "pa.Schema", stamp: str, symbols: Sequence[str]) -> None:
    """Refuse columns of other types before any is read."""
    import pyarrow.types as kinds

    numbers = (kinds.is_floating, kinds.is_integer, kinds.is_decimal)
    days = (
        kinds.is_string,
        kinds.is_large_string,
        kinds.is_integer,
        kinds.is_date,
        kinds.is_timestamp,
    )
    for column in (stamp, *symbols):
        found = schema.field(column).type
        if not any(fits(found) for fits in (days if column == stamp else numbers)):
            told = {"column": column, "kind": printable(str(found))}
            text = (
                say("the column {column} holds {kind}, not days; convert it", **told)
                if column == stamp
                else say("the column {column} holds {kind}, not numbers; convert it", **told)
            )
            raise BadPrices(of(name, text))


def _check_size(name: str, file: "pq.ParquetFile", columns: Sequence[str]) -> None:
    about = file.metadata
    cells = about.num_rows * len(columns)
    if about.num_rows > _MOST_ROWS or cells > _MOST_CELLS:
        raise BadPrices(
            say(
                "{file} holds {rows:,} rows and {cells:,} cells, over {most_rows:,} or "
                "{most_cells:,}; split it",
                file=name,
                rows=about.num_rows,
                cells=cells,
                most_rows=_MOST_ROWS,
                most_cells=_MOST_CELLS,
            )
        )
    size = sum(
        group.column(i).total_uncompressed_size
        for group in map(about.row_group, range(about.num_row_groups))
        for i in range(group.num_columns)
        if group.column(i).path_in_schema in columns
    )
    if size > _MOST_BYTES:
        raise BadPrices(unpacks(name, size, _MOST_BYTES))


def _days(name: str, column: "pa.ChunkedArray") -> list[date]:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        texts = column.unify_dictionaries().chunk(0).dictionary if column.num_chunks else []
        if len(texts) and pc.max(pc.utf8_length(texts)).as_py() > _LONGEST_DAY:
            text = say("a date of over {n} letters; write YYYY-MM-DD", n=_LONGEST_DAY)
            raise BadPrices(of(name, text))
    return [_day(name, row, value) for row, value in enumerate(column.to_pylist(), start=1)]


def _day(name: str, row: int, value: Any) -> date:
    if isinstance(value, datetime):
        value = value.isoformat(sep=" ")
    try:
        return day(str(value), Dialect())
    except ValueError as error:
        raise BadPrices(of(on_row(name, row), str(error))) from error


def _prices(name: str, table: "pa.Table", symbol: str, column: str) -> Floats:
    """Return one column as floats, null and NaN alike for no price."""
    import pyarrow as pa

    values: Floats = table.column(column).cast(pa.float64()).to_numpy()
    bad = ~is_price(symbol, values)
    if bad.any():
        row = int(np.argmax(bad))
        raise no_price(on_row(name, row + 1), symbol, f"{values[row]:g}")
    return values
