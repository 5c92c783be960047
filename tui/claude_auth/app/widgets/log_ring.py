"""The newest records in bounded memory: which of them pass the filter, and where the rows of each begin."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator

from claude_auth.app.widgets.log_record import Record

#: So many that fell out are forgotten together: forgetting one by one would move all the others each time.
_MOST_GONE = 1 << 14


class Ring:
    """The newest `capacity` records by number, counted from 0; `shown` are those that pass `keep`."""

    def __init__(self, capacity: int) -> None:
        self.capacity, self.count = capacity, 0
        self.keep: Callable[[Record], bool] = lambda record: True
        self.height: Callable[[Record], int] = lambda record: 1
        self._records: list[Record] = []
        self._shown, self._ends = array("Q"), array("Q")  # numbers, and the row below each one
        self._gone, self._base = 0, 0  # how many at the beginning have fallen out, and the rows they took

    def __len__(self) -> int:
        return len(self._shown) - self._gone

    def __getitem__(self, number: int) -> Record:
        return self._records[number % self.capacity]

    @property
    def oldest(self) -> int:
        return max(0, self.count - self.capacity)

    @property
    def rows(self) -> int:
        return self._ends[-1] - self._base if len(self) else 0

    def add(self, record: Record) -> bool:
        """Whether it is shown."""
        number, self.count = self.count, self.count + 1
        if len(self._records) < self.capacity:
            self._records.append(record)
        else:
            self._records[number % self.capacity] = record
        if not self.keep(record):
            return False
        below = self._ends[-1] if len(self._ends) else self._base
        self._shown.append(number)
        self._ends.append(below + self.height(record))
        return True

    def drop(self) -> int:
        """Forget what has fallen out; how many rows that were."""
        oldest, before = self.oldest, self._base
        while len(self) and self._shown[self._gone] < oldest:
            self._base = self._ends[self._gone]
            self._gone += 1
        if self._gone > _MOST_GONE:
            del self._shown[: self._gone], self._ends[: self._gone]
            self._gone = 0
        return self._base - before

    def lay_out(self) -> None:
        """Anew, after `keep` or `height` changed."""
        self._gone = self._base = 0
        records, keep, height = self._records, self.keep, self.height
        numbers = range(self.oldest, self.count)
        self._shown = array("Q", [n for n in numbers if keep(records[n % self.capacity])])
        self._ends = array("Q")
        end = 0
        for number in self._shown:
            end += height(records[number % self.capacity])
            self._ends.append(end)

    def place(self, number: int) -> int:
        """The place among the shown of that record, or of the next one after it."""
        return bisect_left(self._shown, number, self._gone) - self._gone

    def number(self, place: int) -> int:
        return self._shown[self._gone + place]

    def place_at(self, row: int) -> int:
        return bisect_right(self._ends, self._base + row, self._gone) - self._gone

    def first_row(self, place: int) -> int:
        return (self._ends[self._gone + place - 1] if place else self._base) - self._base

    def numbers(self) -> Iterator[int]:
        return iter(self._shown[self._gone :])
