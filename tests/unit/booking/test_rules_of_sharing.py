"""What is worked out once, and until when that is kept."""

from datetime import UTC, datetime, timedelta

from services.booking.queries.sharing import MOST_STATES, Once, Shared

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_the_same_state_is_worked_out_once() -> None:
    answers = Once[int]()
    asked: list[str] = []

    def work(state: str) -> int:
        asked.append(state)
        return len(state)

    assert [answers.get(state, lambda state=state: work(state)) for state in ("a", "bc", "a", "bc")] == [1, 2, 1, 2]
    assert asked == ["a", "bc"]


def test_states_of_long_ago_are_forgotten() -> None:
    answers = Once[int]()
    for number in range(MOST_STATES + 1):
        answers.get(number, lambda: 1)
    assert answers.get(0, lambda: 2) == 2


def test_a_look_that_began_before_somebody_asked_is_not_theirs() -> None:
    looks = Shared[str]()
    assert looks.get("noon", NOON, lambda: (NOON + timedelta(seconds=1), "first")) == "first"
    assert looks.get("noon", NOON, lambda: (NOON, "never")) == "first"
    later = NOON + timedelta(seconds=2)
    assert looks.get("noon", later, lambda: (later, "second")) == "second"
