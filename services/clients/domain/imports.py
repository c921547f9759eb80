"""What the columns of a table from another system mean, and how its cells are read."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from kernel.errors import Invalid
from services.clients.domain.card import EARLIEST_BIRTH, EMAIL
from services.clients.domain.fields import Field, checked_values
from services.clients.domain.names import split_name

KEYS = ("phone", "email", "reference")  # by which somebody is recognised
CONTRAINDICATIONS = "contraindications"
MANY = ("phone", "categories", "comment", CONTRAINDICATIONS)  # fields that several columns may go to
CUSTOM = "custom."
MOST_PHONES, MOST_CONTRAINDICATIONS, LONGEST_CONTRAINDICATION = 10, 50, 200

# Each field with the longest text that it takes, and the words by which other systems and people head its column.
FIELDS: Mapping[str, tuple[int, str]] = {
    "full_name": (400, "фио|ф и о|клиент|контрагент|наименование|полное наименование|полное имя|имя и фамилия|"
                  "name|full name|client|client name|customer|customer name"),
    "last_name": (200, "фамилия|last name|lastname|surname|family name"),
    "first_name": (200, "имя|имя клиента|first name|firstname|given name"),
    "patronymic": (200, "отчество|patronymic|middle name"),
    "preferred_name": (200, "обращение|как обращаться|preferred name|nickname"),
    "phone": (400, "телефон|телефоны|номер телефона|мобильный|мобильный телефон|сотовый|сотовый телефон|тел|"
              "дополнительный телефон|доп телефон|рабочий телефон|домашний телефон|контактный телефон|"
              "phone|phones|phone number|mobile|mobile phone|cell|cell phone|telephone|tel"),
    "email": (254, "email|e mail|mail|почта|электронная почта|эл почта|адрес электронной почты|имейл"),
    "sex": (40, "пол|sex|gender"),
    "birth_date": (40, "дата рождения|день рождения|др|birthday|birth date|birthdate|date of birth|dob"),
    "source": (64, "источник|источник рекламы|рекламный источник|канал|канал привлечения|откуда узнал|"
               "откуда узнали|source|channel|lead source"),
    "reference": (200, "код|код клиента|id|id клиента|идентификатор|номер клиента|внешний код|"
                  "client id|customer id|external id|code|reference|uid|guid"),
    "referrer_phone": (60, "телефон пригласившего|телефон рекомендателя|referrer phone"),
    "referrer_reference": (200, "код пригласившего|id пригласившего|код рекомендателя|referrer id|referrer code|"
                           "referrer reference|referred by id"),
    "categories": (2_000, "категория|категории|группа|группы|метка|метки|теги|сегмент|"
                   "category|categories|tag|tags|group|groups"),
    CONTRAINDICATIONS: (10_000, "противопоказания|противопоказание|аллергии|аллергия|аллергии и противопоказания|"
                        "противопоказания и аллергии|contraindications|allergies|allergy"),
    "comment": (10_000, "комментарий|комментарии|примечание|примечания|заметка|заметки|описание|дополнительно|"
                "comment|comments|note|notes|description"),
    "registered_at": (40, "дата регистрации|дата создания|дата добавления|первый визит|дата первого визита|"
                      "created|created at|registered|registered at|registration date|first visit"),
}  # fmt: skip

_FIELD_OF = {word: name for name, (_, words) in FIELDS.items() for word in words.split("|")}
_WORD = re.compile(r"[^\W_]+")


_NOTHING = re.compile(r"[-–—.]+|нет|none|no|n/a", re.IGNORECASE)  # what stands where there is nothing to say


def _heading(name: str) -> str:
    """A heading as headings are compared: phone_2, «Телефон 2» and «телефон:» are all of phones."""
    words = _WORD.findall(name.casefold().replace("ё", "е"))
    return " ".join(words[:-1] if len(words) > 1 and words[-1].isdecimal() else words)


def proposed_field(name: str, custom: Mapping[str, UUID]) -> str | None:
    """The field that a column named `name` is likely for; `custom` are the fields of the salon's own by their names."""
    heading = _heading(name)
    for said, field_id in custom.items():
        if _heading(said) == heading:
            return f"{CUSTOM}{field_id}"
    return _FIELD_OF.get(heading)


def proposed(names: Sequence[str], custom: Mapping[str, UUID]) -> list[str | None]:
    """A field for each column; none twice unless several columns may go to it."""
    found: list[str | None] = []
    for name in names:
        likely = proposed_field(name, custom)
        found.append(None if likely in found and likely not in MANY else likely)
    return found


def refuse_impossible_mapping(columns: Sequence[tuple[int, str]], width: int, custom: Iterable[UUID]) -> None:
    """A column goes to one field, a field is there, and one of them says who somebody is."""
    known = {*FIELDS, *(f"{CUSTOM}{field_id}" for field_id in custom)}
    seen: set[int] = set()
    taken: set[str] = set()
    for index, (column, name) in enumerate(columns):
        if column >= width:
            raise Invalid.field(f"columns.{index}.column", "column_unknown", "the table has no such column")
        if column in seen:
            raise Invalid.field(f"columns.{index}.column", "column_repeated", "a column goes to one field")
        if name not in known:
            raise Invalid.field(f"columns.{index}.field", "field_unknown", "there is no such field")
        if name in taken and name not in MANY:
            raise Invalid.field(f"columns.{index}.field", "field_repeated", "only one column can go to this field")
        seen.add(column)
        taken.add(name)
    if not taken & set(KEYS):
        raise Invalid.field("columns", "mapping_without_key", "map a phone, an e-mail or a reference")
    if not taken & {"full_name", "first_name"}:
        raise Invalid.field("columns", "mapping_without_name", "map a first name or a full name")


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row: a field and a code, never what stands in it."""

    field: str
    code: str


@dataclass
class RowSaid:
    """What a row says of a person, read; phones as they are written."""

    first_name: str = ""
    last_name: str | None = None
    patronymic: str | None = None
    preferred_name: str | None = None
    phones: list[str] = field(default_factory=list)
    email: str | None = None
    sex: str | None = None
    birth_date: date | None = None
    source: str | None = None
    reference: str | None = None
    referrer_phone: str | None = None
    referrer_reference: str | None = None
    categories: list[str] = field(default_factory=list)
    contraindications: list[str] = field(default_factory=list)
    comment: str | None = None
    registered_on: date | None = None
    custom: dict[UUID, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in (self.first_name, self.last_name, self.patronymic) if name)


def read_row(
    cells: Sequence[str], columns: Sequence[tuple[int, str]], width: int, custom: Mapping[UUID, Field], today: date
) -> RowSaid:
    """What `cells` say by the mapping `columns`; every cell that is wrong leaves a fault."""
    row = RowSaid()
    if len(cells) > width:  # a separator without quotes: whatever stands behind it is in the wrong column
        row.faults.append(Fault("", "cells_too_many"))
        return row
    for column, name in columns:
        text = cells[column] if column < len(cells) else ""
        if not text or (name in KEYS and _NOTHING.fullmatch(text)):
            continue
        longest = 2_000 if name.startswith(CUSTOM) else FIELDS[name][0]
        if len(text) > longest:
            row.faults.append(Fault(name, "text_too_long"))
        elif "•••" in text:  # a list that was taken out by somebody who may not see it
            row.faults.append(Fault(name, "masked_value"))
        elif name.startswith(CUSTOM):
            _read_custom(row, UUID(name.removeprefix(CUSTOM)), text, custom)
        else:
            _read_cell(row, name, text, today)
    if not row.first_name and not row.faults:
        row.faults.append(Fault("first_name", "name_blank"))
    if not (row.phones or row.email or row.reference) and not row.faults:
        row.faults.append(Fault("", "key_missing"))
    return row


def _read_cell(row: RowSaid, name: str, text: str, today: date) -> None:
    if name == "full_name":
        row.last_name, row.first_name, row.patronymic = split_name(text)
    elif name == "phone":
        row.phones.extend(part for part in (part.strip() for part in re.split(r"[,;/|\n]", text)) if part)
        if len(row.phones) > MOST_PHONES:
            row.faults.append(Fault("phone", "phones_too_many"))
    elif name == "email":
        row.email = text
        if not EMAIL.fullmatch(text):
            row.faults.append(Fault("email", "email_invalid"))
    elif name == "sex":
        _read_sex(row, text)
    elif name in ("birth_date", "registered_at"):
        _read_date(row, name, text, today)
    elif name == "categories":
        row.categories.extend(part for part in (part.strip() for part in re.split(r"[,;|\n]", text)) if part)
    elif name == CONTRAINDICATIONS:
        _read_contraindications(row, text)
    elif name == "comment":
        row.comment = f"{row.comment}\n{text}" if row.comment else text
    else:
        setattr(row, name, text)


def _read_contraindications(row: RowSaid, text: str) -> None:
    """None twice, in whatever case."""
    known = {said.casefold() for said in row.contraindications}
    for part in (part.strip() for part in re.split(r"[,;|\n]", text)):
        if part and not _NOTHING.fullmatch(part) and part.casefold() not in known:
            row.contraindications.append(part)
            known.add(part.casefold())
    if any(len(said) > LONGEST_CONTRAINDICATION for said in row.contraindications):
        row.faults.append(Fault(CONTRAINDICATIONS, "text_too_long"))
    if len(row.contraindications) > MOST_CONTRAINDICATIONS:
        row.faults.append(Fault(CONTRAINDICATIONS, "contraindications_too_many"))


# --- dates, sex, fields of the salon's own ---------------------------------------------------------------------------

_DAY_FIRST = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:[ T].*)?")
_YEAR_FIRST = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})(?:[ T].*)?")
_NO_DATE = re.compile(r"[0.\-/ :]*")  # 0000-00-00 and a dash say that nobody knows


def read_date(text: str) -> date | None:
    """31.12.1990, 31/12/1990, 1990-12-31, with a time behind or not; None for anything else."""
    if found := _DAY_FIRST.fullmatch(text):
        day, month, year = map(int, found.groups())
    elif found := _YEAR_FIRST.fullmatch(text):
        year, month, day = map(int, found.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _read_date(row: RowSaid, name: str, text: str, today: date) -> None:
    if _NO_DATE.fullmatch(text):
        return
    said = read_date(text)
    if said is None:
        row.faults.append(Fault(name, "date_invalid"))
    elif not EARLIEST_BIRTH <= said <= today:
        code = "birth_date_impossible" if name == "birth_date" else "registered_at_impossible"
        row.faults.append(Fault(name, code))
    elif name == "birth_date":
        row.birth_date = said
    else:
        row.registered_on = said


_SEX = {
    "female": "ж|жен|женский|женщина|f|female|woman|w|2",
    "male": "м|муж|мужской|мужчина|m|male|man|1",
    "": "0|-|не указан|неизвестно|unknown|other",
}
_SEX_OF = {word: sex for sex, words in _SEX.items() for word in words.split("|")}


def _read_sex(row: RowSaid, text: str) -> None:
    sex = _SEX_OF.get(text.casefold().strip(" ."))
    if sex is None:
        row.faults.append(Fault("sex", "sex_unknown"))
    else:
        row.sex = sex or None


_YES = dict.fromkeys(("да", "yes", "true", "1", "+", "y"), "yes")
_YES |= dict.fromkeys(("нет", "no", "false", "0", "-", "n"), "no")


def _read_custom(row: RowSaid, field_id: UUID, text: str, custom: Mapping[UUID, Field]) -> None:
    field_ = custom.get(field_id)
    if field_ is None:  # removed since the mapping was made
        row.faults.append(Fault(f"{CUSTOM}{field_id}", "field_unknown"))
        return
    value = text
    if field_.kind == "number":
        value = text.replace(",", ".").replace(" ", "").replace("\xa0", "")
    elif field_.kind == "date":
        said = read_date(text)
        value = said.isoformat() if said else text
    elif field_.kind == "yes_no":
        value = _YES.get(text.casefold(), text)
    elif field_.kind == "choice":
        value = next((each for each in field_.options if each.casefold() == text.casefold()), text)
    try:
        checked_values([(field_id, value)], {field_id: field_}, complete=False)
    except Invalid:
        row.faults.append(Fault(f"{CUSTOM}{field_id}", "value_invalid"))
    else:
        row.custom[field_id] = value
