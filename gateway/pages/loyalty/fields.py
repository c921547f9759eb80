"""What the form of a programme consists of: a field for each field of the document, in words of a salon."""

from dataclasses import dataclass

from gateway.pages.languages import noted as _

Options = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Field:
    """One field of the document.

    `kind` says how it is read and drawn: `text`, `lines` (of text), `whole`, `maybe` (a whole number or none),
    `percent`, `maybe_percent`, `factor`, `wholes` (with commas), `money`, `amount` (money where `by` says so), `flag`,
    `choice` and `several` of `options`, `pick` one and `picks` of a list of the salon's, `rows` of `inside`,
    `month_days`, `reward`, and `part`: fields that are there or not as a whole. `start` is what a new one stands at.
    """

    name: str
    label: str
    kind: str
    hint: str = ""
    start: str = ""
    options: Options = ()
    source: str = ""
    inside: tuple["Field", ...] = ()
    add: str = ""
    seldom: bool = False  # folded away


@dataclass(frozen=True)
class Kind:
    """A kind of rule: what it is called, what it does, and its own fields."""

    label: str
    about: str
    fields: tuple[Field, ...]


MONTHS: Options = tuple((f"{number:02}", f"{number:02}") for number in range(1, 13))
IMPORTANCE: Options = (
    ("none", _("without a class")),
    ("bronze", _("bronze")),
    ("silver", _("silver")),
    ("gold", _("gold")),
)
NAME = Field("name", _("Name of the rule"), "text", _("Shown in explanations; each rule has its own."))
BRANCHES = Field(
    "branch_ids", _("Only in these branches"), "picks", _("None: wherever the programme holds."), source="branches"
)
PERCENT = Field("percent", _("Discount, %%"), "percent")
REWARD = Field("reward", _("What it gives"), "reward")
PERIOD = Field("period_days", _("Within how many days"), "maybe", _("Empty: since ever."))
SERVICES = Field("service_ids", _("Services"), "picks", source="services")
CATEGORIES = Field("categories", _("Categories of services"), "picks", source="categories")
ONCE = Field("once", _("On one visit only"), "flag", start="yes")


def _steps(label: str, kind: str) -> Field:
    return Field("steps", _("Steps"), "rows", inside=(Field("start", label, kind), PERCENT), add=_("Add a step"))


RULES: dict[str, Kind] = {
    "referrals": Kind(
        _("People brought"),
        _("The more people the client brought who came and paid, the higher the discount."),
        (
            Field(
                "tiers",
                _("Steps"),
                "rows",
                inside=(Field("people", _("From how many people"), "whole"), PERCENT),
                add=_("Add a step"),
            ),
            Field("max_percent", _("At most, %%"), "maybe_percent"),
            PERIOD,
            Field(
                "half_life_days",
                _("Counts half after so many days"),
                "maybe",
                _("Empty: always counts in full."),
                seldom=True,
            ),
            Field(
                "depth",
                _("Levels of people looked at"),
                "whole",
                _("1: only those whom the client brought."),
                "1",
                seldom=True,
            ),
            Field("weight", _("Weight of each further level"), "factor", _("From 0 to 1."), "1", seldom=True),
            Field(
                "level_caps",
                _("At most so many people of each level"),
                "wholes",
                _("With commas: 50, 100."),
                seldom=True,
            ),
            Field(
                "budget",
                _("Bound what deeper levels cost"),
                "part",
                _("Needed for more than one level: then all of it together never costs more than this share."),
                seldom=True,
                inside=(
                    Field("share", _("Share of revenue, %%"), "percent", start="5"),
                    Field("ratio", _("Part that each further level gets"), "factor", _("Above 0, below 1."), "0.5"),
                    Field("settled_after_days", _("A payment counts after so many days"), "whole", start="14"),
                ),
            ),
        ),
    ),
    "visits": Kind(
        _("Number of visits"),
        _("After so many visits a discount."),
        (_steps(_("From how many visits"), "whole"), PERIOD),
    ),
    "spend": Kind(
        _("Money spent"), _("After so much spent a discount."), (_steps(_("From which amount"), "money"), PERIOD)
    ),
    "levels": Kind(
        _("Statuses"),
        _("Bronze, silver, gold: each with its discount and privileges. Clients are told what is missing to the next."),
        (
            Field(
                "by",
                _("Reached by"),
                "choice",
                options=(("visits", _("visits")), ("spend", _("money spent")), ("people", _("people brought"))),
                start="visits",
            ),
            Field(
                "levels",
                _("Statuses"),
                "rows",
                inside=(
                    Field("name", _("Name"), "text"),
                    Field("start", _("From (visits, amount or people)"), "amount"),
                    PERCENT,
                    Field("privileges", _("Privileges, one in a line"), "lines"),
                ),
                add=_("Add a status"),
            ),
            PERIOD,
        ),
    ),
    "nth_service": Kind(
        _("Each tenth service"),
        _("Each so manieth service of a kind gives something."),
        (Field("every", _("Each so manieth"), "whole", start="10"), REWARD, SERVICES, CATEGORIES),
    ),
    "birthday": Kind(_("Birthday"), _("While the client's birthday is near."), (REWARD, ONCE)),
    "holiday": Kind(
        _("Holidays"),
        _("Around days of the calendar, every year."),
        (
            Field(
                "days",
                _("Days"),
                "month_days",
                inside=(Field("day", _("Day"), "whole"), Field("month", _("Month"), "choice", options=MONTHS)),
                add=_("Add a day"),
            ),
            Field("days_before", _("Days before"), "whole", start="0"),
            Field("days_after", _("Days after"), "whole", start="0"),
            REWARD,
            ONCE,
        ),
    ),
    "first_visit": Kind(_("First visit"), _("On the first visit in the chain."), (REWARD,)),
    "services": Kind(_("Chosen services"), _("These services, for everybody."), (REWARD, SERVICES, CATEGORIES)),
    "favourite_service": Kind(
        _("Favourite service"),
        _("The service that the client had most often."),
        (REWARD, Field("min_times", _("Had at least so often"), "whole", start="3"), PERIOD),
    ),
    "segment": Kind(
        _("Some clients"),
        _("Clients of a category, a class of importance or a saved segment."),
        (
            REWARD,
            Field("category_ids", _("Categories of clients"), "picks", source="client_categories"),
            Field("importance", _("Importance"), "several", options=IMPORTANCE),
            Field("segment_ids", _("Saved segments"), "picks", source="segments"),
        ),
    ),
    "personal": Kind(
        _("Personal discounts"), _("What a client's card has of its own. Without this rule it is not given."), ()
    ),
}

CRITERION = (
    Field("visits", _("Visits before somebody brought counts"), "whole", start="1"),
    Field("min_paid", _("Paid on each of them at least"), "money", start="0.01"),
)
CHECKS = (
    Field("earlier_visit", _("Not whoever had been a client before"), "flag", start="yes"),
    Field("shared_contact", _("Not whoever shares a phone or e-mail with who brought them"), "flag", start="yes"),
    Field("staff", _("Not whoever works here, nor whom they bring"), "flag", start="yes"),
    Field("velocity", _("Look at it if one client brings more than"), "maybe", _("Empty: never."), "10"),
    Field("velocity_days", _("within so many days"), "whole", start="1"),
    Field("flagged_count", _("Such people count until somebody has looked"), "flag", start="yes"),
)
SORT = (
    Field("category_id", _("Category of clients"), "pick", source="client_categories"),
    Field("importance", _("or class of importance"), "choice", options=(("", "—"), *IMPORTANCE[1:])),
    Field("min_visits", _("Visits at least"), "maybe"),
    Field("min_spend", _("Spent at least"), "maybe_money"),
    Field("min_people", _("People brought at least"), "maybe"),
    Field("level", _("Has the status"), "maybe_text"),
    Field("absent_days", _("No visit for so many days"), "maybe"),
    PERIOD,
)
ENROLMENT = (SERVICES, Field("days", _("For how many days"), "maybe", _("Empty: for good.")))
BY_GROUP: Options = (("best", _("the best of them")), ("sum", _("all of them together")))
COMBINATION = (
    Field(
        "by",
        _("When several discounts apply"),
        "choice",
        options=(
            ("best", _("the best one counts")),
            ("sum", _("they are added")),
            ("cascade", _("one after the other, each of what is left")),
        ),
        start="best",
    ),
    Field("max_percent_per_line", _("At most of a service, %%"), "percent", start="100"),
    Field("max_percent_per_visit", _("At most of a visit, %%"), "percent", start="100"),
    Field(
        "groups",
        _("Groups of rules"),
        "rows",
        _("Without groups each rule stands for itself. A rule is named by its name; “promotions” are all promotions."),
        inside=(
            Field("of", _("Names of rules, one in a line"), "lines"),
            Field("by", _("What counts"), "choice", options=BY_GROUP, start="best"),
        ),
        add=_("Add a group"),
    ),
)
POINTS = (
    Field("value", _("What a point is worth"), "money", start="1"),
    Field("per_visit", _("Points for a visit"), "whole", start="0"),
    Field("percent", _("Back in points of what was paid, %%"), "percent", start="0"),
    Field("per_referral", _("Points for somebody brought"), "whole", start="0"),
    Field("welcome", _("Points for who was brought"), "whole", start="0"),
    Field("max_percent_of_visit", _("Points pay at most of a visit, %%"), "percent", start="100"),
    Field("expire_after_days", _("Lapse after so many days"), "maybe", _("Empty: never.")),
)
SORTING = Field("sorting", _("Rules of sorting"), "rows", inside=SORT, add=_("Add a rule of sorting"))


@dataclass(frozen=True)
class Section:
    """A part of the programme beside its rules."""

    name: str
    label: str
    about: str
    fields: tuple[Field, ...]
    optional: bool = False


SECTIONS = (
    Section(
        "combination",
        _("How discounts combine"),
        _("What counts when a client has several, and the most that is given."),
        COMBINATION,
    ),
    Section(
        "points",
        _("Bonus points"),
        _("Clients collect points and pay a part of a visit with them."),
        POINTS,
        optional=True,
    ),
    Section(
        "criterion",
        _("When somebody brought counts"),
        _("Nobody is rewarded for people who never came and paid."),
        CRITERION,
    ),
    Section("checks", _("Checks of who was brought"), _("Who names themselves or closes a loop never counts."), CHECKS),
    Section(
        "enrolment",
        _("Only who had certain services takes part"),
        _("Otherwise everybody does."),
        ENROLMENT,
        optional=True,
    ),
)


def rows_of(kind: str, section: str, name: str) -> Field | None:
    """The field with rows of that name, of a kind of rule or of a section."""
    if (kind, section, name) == ("", "", "sorting"):
        return SORTING
    fields = RULES[kind].fields if kind in RULES else next((one.fields for one in SECTIONS if one.name == section), ())
    return next((one for one in fields if one.name == name and one.inside and one.kind != "part"), None)
