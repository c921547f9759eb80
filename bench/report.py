"""How a figure is printed: beside its floor, as a ratio, with what it must reach."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """`value` and `floor` are in `unit`; the `target` is for the ratio if `of_ratio`, else for the value itself."""

    name: str
    value: float
    floor: float
    unit: str
    floor_is: str
    target: float | None = None
    of_ratio: bool = False
    at_most: bool = False

    @property
    def ratio(self) -> float:
        return self.value / self.floor

    @property
    def reached(self) -> bool:
        judged = self.ratio if self.of_ratio else self.value
        if self.target is None:
            return True
        return judged <= self.target if self.at_most else judged >= self.target

    def __str__(self) -> str:
        line = f"{self.name:<52} {self.value:9.2f} {self.unit:<8} {self.ratio:6.2f} x {self.floor_is}"
        line += f" ({self.floor:.2f})"
        if self.target is not None:
            bound = "at most" if self.at_most else "at least"
            line += f"; {bound} {self.target:g}{' x' if self.of_ratio else ''}: {'yes' if self.reached else 'NO'}"
        return line
