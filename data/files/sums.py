"""Read a list of dated sums of money: a CSV file of two columns, date and amount."""

import csv
from datetime import date
from pathlib import Path

from data.errors import BadInput, printable
from data.files.raw import file_bytes
from data.language import say

_LARGEST_BYTES = 1_000_000
_HEAD = ["date", "amount"]


def read_sums(path: Path) -> list[tuple[date, float]]:
    """Return the sums in the file's order; raises BadInput that names file and line.

    A line is `2008-10-01,500`; the first may be `date,amount`, and empty ones are passed over.
    """
    name = printable(str(path), 200)
    try:
        text = file_bytes(path, _LARGEST_BYTES, say("a CSV file of dated sums")).decode("utf-8-sig")
        rows = list(csv.reader(text.splitlines(), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(say("{file} is no CSV file in UTF-8; save it as one", file=name)) from error
    found = []
    for number, row in enumerate(rows, start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (number == 1 and [cell.lower() for cell in cells] == _HEAD):
            continue
        try:
            day, amount = cells
            found.append((date.fromisoformat(day), float(amount)))
        except ValueError as error:
            came = printable(",".join(row))
            raise BadInput(
                say(
                    "{file}, line {n}: '{came}' is no date and amount; write 2008-10-01,500",
                    file=name,
                    n=number,
                    came=came,
                )
            ) from error
    return found
