"""What is wrong with a document (a programme, a report, a filter), in the visitor's language.

The API names each mistake by its place, with a sentence in English; what is filled into it stands at marked places.
"""

import re

from gateway.pages.languages import gettext
from gateway.pages.languages import noted as _

SENTENCES = (
    # any document
    _("there is no such field"),
    _("there is no such field here"),
    _("this field is missing"),
    _("this must be an object"),
    _("this must be a list"),
    _("this must be a UUID"),
    _("this must be true or false"),
    _("this must be a text of at most %(most)s characters"),
    _("this must be one of: %(options)s"),
    _("this must be a whole number from %(least)s to %(most)s"),
    _("this must be a whole number from %(least)s"),
    _("this must be a percentage from %(least)s to 100 with at most two decimals"),
    _("this must lie above 0 and be at most 1, with at most six decimals"),
    _("this must lie above 0 and below 1, with at most six decimals"),
    _("this must be a day of the year (12-31)"),
    _("this may have %(most)s entries"),
    # programmes
    _("a programme cannot begin in the past"),
    _("a programme ends after it begins"),
    _("clients wear their labels in all branches: the chain's rules sort"),
    _("tiers stand for all the rules; with rules of their own they are in one"),
    _("say either a category or a class of importance"),
    _("say whom it puts there: without a condition it is everybody"),
    _("no rule of the programme has a level of that name"),
    _("say which services take somebody into the programme"),
    _("a group names at least one rule"),
    _("the programme has no rule of that name"),
    _("a rule is in one group only"),
    _("there is no such branch"),
    _("there is no such service"),
    _("there is no rule of this kind; the kinds are: %(options)s"),
    _("another rule is called %(name)s, or it is a name of the programme's own"),
    _("personal discounts are one rule"),
    _("this needs at least one entry"),
    _("another entry starts at %(start)s, too"),
    _("this starts higher than the entry that gives %(percent)s %%, and gives less"),
    _("say one of percent, gift and offer"),
    _("the rule looks at %(depth)s levels only"),
    _("what deeper levels cost has no bound without a budget: say its share and ratio"),
    _("say at least one day"),
    _("say which services or categories of services"),
    _("say which clients: categories, classes of importance or segments"),
    _("another level has this name"),
    # reports and filters
    _("at most %(most)s of them"),
    _("a condition may have %(most)s tests"),
    _("a condition has `field`, or one of `and`, `or`, `not`"),
    _("conditions may be nested %(deep)s times"),
    _("this must be a list of 1 to %(most)s conditions"),
    _("there is no such field; there are %(options)s"),
    _("%(name)s is compared by one of: %(options)s"),
    _("%(name)s is not counted over a number of days"),
    _("this must be a list of 1 to %(most)s values"),
    _("this must be a text"),
    _("this must be a whole number"),
    _("this must be a number"),
    _("this must be a date (YYYY-MM-DD)"),
    _("this must be a multiple of %(step)s"),
)


def _pattern(sentence: str) -> re.Pattern[str]:
    fixed = re.escape(sentence.replace("%%", "%"))
    return re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+?)", fixed))


_PATTERNS = tuple((sentence, _pattern(sentence)) for sentence in SENTENCES)


def in_words(text: str) -> str:
    """The sentence in the visitor's language; one that is not known stays as it is."""
    for sentence, pattern in _PATTERNS:
        if found := pattern.fullmatch(text):
            return gettext(sentence) % found.groupdict()
    return text
