"""The guard: what marks come to, and what passing over a block means for later changes."""

from services.booking.domain.health import Health, Mark, Override, Verdict, Weighed, judge, weigh

NUTS, LATEX = Mark("nuts", blocks=False), Mark("latex", blocks=True)


def test_the_worst_mark_that_is_met_counts() -> None:
    assert judge([NUTS, LATEX], {"nuts"}) == Health(Verdict.WARN, ("nuts",))
    assert judge([NUTS, LATEX], {"latex", "nuts"}) == Health(Verdict.BLOCK, ("latex", "nuts"))
    assert judge([NUTS, LATEX], set()) == Health(Verdict.OK)
    assert judge([Mark("nuts", blocks=True), NUTS], {"nuts"}) == Health(Verdict.BLOCK, ("nuts",))


def test_where_nobody_can_say_it_is_unchecked_and_without_marks_there_is_nothing_to_say() -> None:
    assert judge([NUTS], None) == Health(Verdict.UNCHECKED)
    assert judge([], None) is None
    assert judge([], {"nuts"}) is None


def test_only_a_block_is_refused_and_only_without_a_reason() -> None:
    block = Health(Verdict.BLOCK, ("latex",))
    assert weigh(block, None).refused
    assert not weigh(block, "without gloves").refused
    for verdict in (Verdict.OK, Verdict.WARN, Verdict.UNCHECKED):
        assert not weigh(Health(verdict), None).refused
    assert weigh(None, "for nothing") == Weighed()


def test_a_reason_is_kept_where_there_was_a_block_to_pass_over() -> None:
    kept = weigh(Health(Verdict.BLOCK, ("latex",)), "without gloves").at(3)
    assert kept == Health(Verdict.BLOCK, ("latex",), overridden=True, overrides=(Override(3, "without gloves"),))
    assert weigh(Health(Verdict.WARN, ("nuts",)), "just in case").at(1) == Health(Verdict.WARN, ("nuts",))


def test_what_was_passed_over_stays_so_until_more_speaks_against_it() -> None:
    before = Health(Verdict.BLOCK, ("latex",), overridden=True, overrides=(Override(1, "without gloves"),))
    assert not weigh(Health(Verdict.BLOCK, ("latex",)), None, before).refused
    assert weigh(Health(Verdict.BLOCK, ("latex", "nuts")), None, before).refused
    milder = weigh(Health(Verdict.WARN, ("nuts",)), None, before).at(2)
    assert milder is not None
    assert (milder.overridden, milder.overrides) == (False, before.overrides), "the history is told all the same"
