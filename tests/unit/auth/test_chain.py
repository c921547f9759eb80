"""What the chain of the journal notices."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.auth.chain import Broken, Entry, Head, Link, hashed, linked, walked

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
NOW = datetime(2026, 3, 2, 10, 0, 0, 123456, tzinfo=UTC)
words = st.text(max_size=8)
ids = st.none() | st.uuids()
entries = st.builds(
    Entry,
    at=st.datetimes(timezones=st.just(UTC)),
    actor_kind=st.sampled_from(("user", "service", "nobody")),
    actor_id=ids,
    told_by=words,
    action=words,
    subject_kind=words,
    subject_id=ids,
    branch_id=ids,
    address=st.none() | st.binary(max_size=8),
    details=st.dictionaries(words, st.lists(words, max_size=3), max_size=3),
)
chains = st.lists(entries, min_size=1, max_size=6).map(lambda some: list(linked(KEY, Head(), some)))


def an_entry(**said: object) -> Entry:
    known = {"at": NOW, "actor_kind": "nobody", "actor_id": None, "told_by": "auth", "action": "a", "subject_kind": "b"}
    return Entry(**(known | said))


def numbered(links: list[Link]) -> list[Link]:
    """The links in this order, each with the number of its place."""
    return [replace(link, number=number) for number, link in enumerate(links, 1)]


@given(chains)
def test_what_was_written_is_whole(chain: list[Link]) -> None:
    """The walk ends at the last entry, also past a head that was noted anywhere in it."""
    last = Head(len(chain), chain[-1].hash)
    assert walked(KEY, chain) == last
    assert all(walked(KEY, chain, Head(link.number, link.hash)) == last for link in chain)


@given(chains, entries, st.data())
def test_a_change_of_any_field_is_noticed(chain: list[Link], other: Entry, data: st.DataObject) -> None:
    """And its entry named, the hashes included."""
    place = data.draw(st.integers(0, len(chain) - 1))
    link = chain[place]
    differs = [name for name, value in vars(other).items() if value != getattr(link.entry, name)]
    assume(differs)
    name = data.draw(st.sampled_from(differs))
    changed = replace(link, entry=replace(link.entry, **{name: getattr(other, name)}))
    for wrong in (changed, replace(link, hash=b"x" * 32), replace(link, previous=b"x" * 32)):
        with pytest.raises(Broken, match=f"entry {place + 1} "):
            walked(KEY, [*chain[:place], wrong, *chain[place + 1 :]])


@given(chains, st.data())
def test_an_entry_that_is_removed_is_noticed(chain: list[Link], data: st.DataObject) -> None:
    """With or without new numbers for the rest; at the end by the head that was noted."""
    place = data.draw(st.integers(0, len(chain) - 1))
    rest = [*chain[:place], *chain[place + 1 :]]
    for left in (rest, numbered(rest)):
        with pytest.raises(Broken, match=f"entry {place + 1} "):
            walked(KEY, left, Head(len(chain), chain[-1].hash))


@given(chains, st.data())
def test_entries_that_are_swapped_are_noticed(chain: list[Link], data: st.DataObject) -> None:
    """Whether they keep their numbers or take each other's."""
    assume(len(chain) > 1)
    one, two = data.draw(st.lists(st.integers(0, len(chain) - 1), min_size=2, max_size=2, unique=True))
    swapped = list(chain)
    swapped[one], swapped[two] = chain[two], chain[one]
    for order in (swapped, numbered(swapped)):
        with pytest.raises(Broken):
            walked(KEY, order)


@given(chains, entries, st.data())
def test_an_entry_that_is_put_in_is_noticed(chain: list[Link], entry: Entry, data: st.DataObject) -> None:
    """A copy of an old one, and one that was made without the key, with everything behind it linked anew."""
    place = data.draw(st.integers(0, len(chain)))
    copied = [*chain[:place], data.draw(st.sampled_from(chain)), *chain[place:]]
    before = Head(place, chain[place - 1].hash) if place else Head()
    forged = [*chain[:place], *linked(OTHER_KEY, before, [entry, *(link.entry for link in chain[place:])])]
    for wrong in (numbered(copied), forged):
        with pytest.raises(Broken):
            walked(KEY, wrong)


def test_only_a_noted_head_tells_that_the_end_is_missing() -> None:
    """Or that it was cut off and written anew by somebody who has the key."""
    chain = list(linked(KEY, Head(), [an_entry(action="one"), an_entry(action="two"), an_entry(action="three")]))
    noted = Head(3, chain[-1].hash)
    assert walked(KEY, chain[:2]).number == 2
    with pytest.raises(Broken, match="entry 3 is missing"):
        walked(KEY, chain[:2], noted)
    other = list(linked(KEY, Head(2, chain[1].hash), [an_entry(action="harmless")]))
    with pytest.raises(Broken, match="entry 3 is not the one that was noted"):
        walked(KEY, [*chain[:2], *other], noted)


def test_an_entry_is_hashed_the_same_however_it_comes_back() -> None:
    """In another zone, with the details in another order."""
    one = an_entry(details={"a": ["1"], "b": ["2"]}, subject_id=UUID(int=1))
    same = replace(one, at=NOW.astimezone(timezone(timedelta(hours=3))), details={"b": ["2"], "a": ["1"]})
    assert hashed(KEY, 1, Head().hash, one) == hashed(KEY, 1, Head().hash, same)


def test_an_empty_journal_is_whole_and_a_noted_entry_is_missed_in_it() -> None:
    """Whoever empties it does not get away with it."""
    assert walked(KEY, []) == Head()
    with pytest.raises(Broken, match="entry 1 is missing"):
        walked(KEY, [], Head(1, b"x" * 32))
