"""Definitions that services write beside figures, in Russian, sentence by sentence; `#` is a number, in its order."""

import re

RUSSIAN: dict[str, str] = {
    # who comes again
    "A client of several branches counts once in each; of several that are asked for together, where they were last.": (
        "Клиент нескольких филиалов учтён в каждом по разу; среди нескольких вместе — там, где был последним."
    ),
    "Completed visits of the # days before the date; each score from # to # by fifths of the clients, equals alike "
    "(fixed borders below # clients).": (
        "Завершённые визиты за # дней до даты; каждая оценка от # до # — по пятым долям клиентов, равные поровну "
        "(меньше # клиентов — постоянные границы)."
    ),
    "New: one visit, less than # days ago.": "Новые: один визит, менее # дней назад.",
    "Days since the last completed visit, divided by the personal interval: (n × own middle gap + # × usual gap) ÷ "
    "(n + #), n own gaps.": (
        "Дни с последнего завершённого визита, делённые на личный интервал: (n × своя медиана промежутков + # × "
        "обычный промежуток) ÷ (n + #), n — число своих промежутков."
    ),
    "A client belongs to the master who did most of their last visit, and to what it was for.": (
        "Клиент отнесён к мастеру, сделавшему большую часть последнего визита, и к услуге этого визита."
    ),
    "Revenue, and margin (revenue after discounts, less costs where they are told), to expect within a year, "
    "discounted by # % a year: visits by the model of buying that beat the rule, the check by Gamma-Gamma.": (
        "Ожидаемые за год выручка и маржа (выручка после скидок за вычетом известных затрат) с дисконтом # % в год: "
        "визиты — по модели покупок, которая оказалась лучше правила, чек — по модели Gamma-Gamma."
    ),
    "Network value: the margin of those whom a client brought and whom these brought, # levels down, as of the "
    "morning; somebody counts for each client above them, so it does not add up to the value of all.": (
        "Ценность приглашённых: маржа тех, кого привёл клиент и кого привели они, на # уровней вниз, на утро; каждый "
        "учтён у всех, кто выше, поэтому суммой по клиентам это не является."
    ),
    "Clients with a completed visit in the period.": "Клиенты с завершённым визитом за период.",
    "New: their first one in the chain is among these.": "Новые: первый визит в сети среди этих.",
    "Regular: not new, and here on # days or more within the # days up to the last day of the period.": (
        "Постоянные: не новые и были # дня или более за # дней до конца периода."
    ),
    "Other: the rest.": "Прочие: остальные.",
    "Sleeping: as of today # to # personal intervals since the last visit, at the branch, master or service of that "
    "visit.": (
        "Спящие: на сегодня прошло от # до # личных интервалов с последнего визита — у филиала, мастера или услуги "
        "этого визита."
    ),
    # seasons
    "Completed visits of each whole month divided by what was open then (master-hours or, where they are not known, "
    "days with visits, each weighing what its weekday usually brings), then by the centred average of the twelve "
    "months around it; the index is the median over the years, scaled to mean #.": (
        "Завершённые визиты каждого полного месяца, делённые на открытое время (часы мастеров или, где они неизвестны, "
        "дни с визитами с весом своего дня недели), затем на центрированное среднее двенадцати месяцев вокруг; индекс "
        "— медиана по годам, приведённая к среднему #."
    ),
    "Intervals hold nine cases of ten.": "Интервалы накрывают девять случаев из десяти.",
    "Completed visits by the weekday and hour in which they began on the branch's clock; those of days on which "
    "masters were planned to work there divided by the hours that they were there in that hour.": (
        "Завершённые визиты по дню недели и часу начала на часах филиала; визиты дней, на которые запланированы смены "
        "мастеров, делённые на часы, в которые мастера были на месте в этот час."
    ),
    "Completed visits a week, Monday to Sunday, of the last five years at most.": (
        "Завершённые визиты за неделю с понедельника по воскресенье, не более чем за пять последних лет."
    ),
    "Each method was tried four times on what was known before, for as many weeks as asked for; its error is by how "
    "many visits a week it was wrong on average.": (
        "Каждый способ четырежды испытан на том, что было известно раньше, на столько же недель; ошибка — на сколько "
        "визитов в неделю он ошибался в среднем."
    ),
    "What is shown was the least wrong; the baseline is the same week a year before.": (
        "Показан наименее ошибавшийся; точка отсчёта — та же неделя год назад."
    ),
    "Four of five errors were within the interval.": "Четыре ошибки из пяти были внутри интервала.",
    # sources
    "People with a card and a completed visit on these dates, below whoever brought them as cards say it today; "
    "figures of a node include everybody below it.": (
        "Люди с карточкой и завершённым визитом в эти даты под теми, кто их привёл, как сегодня сказано в карточках; "
        "числа узла включают всех, кто ниже."
    ),
    "Revenue is due after discounts, retail included, refunds taken off; margin is revenue less the salon's own cost; "
    "returned are people who came on more than one day of these dates; the cost of a channel is that of its months, by "
    "the day.": (
        "Выручка — к оплате после скидок, с товарами, за вычетом возвратов; маржа — выручка без собственных затрат "
        "салона; вернувшиеся — люди, бывшие более чем в один из этих дней; стоимость канала — по дням его месяцев."
    ),
    # channels
    "Completed visits on these dates.": "Завершённые визиты в эти даты.",
    "First touch: the channel of the first acquaintance, at the root of the chain of those who brought the client, as "
    "cards say it today.": (
        "Первое касание: канал первого знакомства, в корне цепочки тех, кто привёл клиента, как сегодня сказано в "
        "карточках."
    ),
    "Last touch: the channel through which the visit was booked.": (
        "Последнее касание: канал, через который записались."
    ),
    "Whoever booked through several channels counts in each.": "Записавшиеся через несколько каналов учтены в каждом.",
    "Revenue is due after discounts, retail included, refunds taken off; margin is revenue less the salon's own "
    "cost.": (
        "Выручка — к оплате после скидок, с товарами, за вычетом возвратов; маржа — выручка без собственных затрат "
        "салона."
    ),
    # work
    "Revenue: due for completed visits after discounts, retail included, refunds taken off.": (
        "Выручка: к оплате за завершённые визиты после скидок, с товарами, за вычетом возвратов."
    ),
    "Average check: revenue by visits.": "Средний чек: выручка на визит.",
    "Rebooked: # hours after the visit's end its client had a later appointment anywhere in the chain, made by then "
    "and not cancelled by then; of visits with a card that were booked here, once # hours have passed since the last "
    "of their day at the branch ended.": (
        "Перезапись: через # часа после конца визита у клиента была следующая запись где-либо в сети, сделанная и не "
        "отменённая к этому времени; из визитов с карточкой, записанных здесь, когда после последнего из них за день в "
        "филиале прошло # часа."
    ),
    "Appointments: those that were booked here, erased clients left out; what was entered afterwards or taken over "
    "from another system is none of them.": (
        "Записи: сделанные здесь, без удалённых клиентов; внесённое задним числом и перенесённое из другой системы не "
        "учтено."
    ),
    "Cancelled: of appointments.": "Отмены: доля записей.",
    "Missed: of appointments that were kept or missed.": "Неявки: доля состоявшихся и пропущенных записей.",
    "Late: at least # minutes after the start, of arrivals that were noted.": (
        "Опоздания: не менее # минут после начала, из отмеченных приходов."
    ),
    "Everything belongs to the date of its start.": "Всё отнесено к дате начала.",
    # the funnel
    "Enquiries through the forms of the salon, by UTC dates; a person counts once, where they first enquired in the "
    "period.": (
        "Обращения через формы салона по датам UTC; человек учтён один раз — там, где обратился впервые за период."
    ),
    "Leads: without a completed visit before.": "Ещё не клиенты: без завершённых визитов раньше.",
    "Booked: an appointment made after the enquiry.": "Записались: запись сделана после обращения.",
    "Clients: a completed visit after it, anywhere in the chain.": (
        "Стали клиентами: завершённый визит после него где-либо в сети."
    ),
    "Regulars: visits on # days or more within # days from the first of these.": (
        "Постоянные: визиты в # дня или более за # дней с первого из них."
    ),
    "Counted until today: who enquired lately has had less time.": (
        "Считается по сегодня: у обратившихся недавно было меньше времени."
    ),
    # open time
    "Minutes booked within the time in which masters work (shifts within opening hours, absences taken out), by "
    "minutes of that time.": (
        "Занятые минуты в рабочее время мастеров (смены в часы работы, без отсутствий), делённые на минуты этого "
        "времени."
    ),
    "What is booked twice counts once; cancelled and missed appointments take no time; a master is busy from the start "
    "of a segment to its end.": (
        "Занятое дважды учтено раз; отменённые и пропущенные записи времени не занимают; мастер занят от начала услуги "
        "до её конца."
    ),
    "Minutes in which a place of a room or unit is booked, by minutes in which a master of its branch works.": (
        "Минуты, на которые занято место в кабинете или на оборудовании, делённые на минуты, когда в филиале работает "
        "мастер."
    ),
    "Known are rooms and units that were booked at least once; cancelled and missed appointments take no time.": (
        "Известны те, что занимали хотя бы раз; отменённые и пропущенные записи времени не занимают."
    ),
    "Times of at least # minutes in which a master works and nothing is booked.": (
        "Промежутки не менее # минут, когда мастер работает и записи нет."
    ),
    # who came again
    "Counted are those for whom # days have passed.": "Учтены те, у кого прошло # дней.",
    # what the salon gains
    "Appointments for the month that were booked, by the channel through which they were booked; visits entered "
    "afterwards and erased clients left out.": (
        "Записи месяца по каналу, через который записались; без визитов, внесённых задним числом, и удалённых клиентов."
    ),
    "Minutes from an enquiry through a form of the salon to its answer, the middle one of those that were answered; "
    "enquiries belong to the month, by UTC, in which they came.": (
        "Минуты от обращения через форму салона до ответа, медиана тех, на которые ответили; обращение отнесено к "
        "месяцу по UTC, в котором пришло."
    ),
    "Due for completed visits after discounts, retail included, refunds taken off; by the masters who had a completed "
    "visit in the month.": (
        "К оплате за завершённые визиты после скидок, с товарами, за вычетом возвратов; на мастеров с завершённым "
        "визитом в этом месяце."
    ),
    "The same revenue, of days on which masters were planned to work, by the hours in which they worked: shifts within "
    "opening hours, absences taken out.": (
        "Та же выручка за дни, на которые были смены, на часы работы мастеров: смены в часы работы, без отсутствий."
    ),
    "Minutes booked of the minutes in which masters worked.": "Занятые минуты из минут работы мастеров.",
    "Clients with a completed visit in the month who came again on a later day, at most # days after; of those for "
    "whom # days have passed.": (
        "Клиенты с завершённым визитом в месяце, пришедшие снова в другой день не позже # дней; из тех, у кого # дней "
        "прошло."
    ),
    "Not measured: how long somebody works on a booking is not recorded.": (
        "Не измеряется: сколько времени уходит на одну запись, нигде не отмечено."
    ),
    "What is booked through which channel says how much of it nobody at the desk had to do.": (
        "По каналам записи видно, сколько из этого администратору делать не пришлось."
    ),
    # who does not come
    "Appointments of the period that were kept or missed; cancelled ones stand apart.": (
        "Состоявшиеся и пропущенные записи периода; отменённые — отдельно."
    ),
    "The probability is (α + missed) ÷ (α + β + appointments), α and β by the moments of all clients; it is shown if "
    "over the last quarter of the period it was nearer to what happened than one share for all, and where # clients "
    "have two appointments.": (
        "Вероятность — (α + пропущено) ÷ (α + β + записей), α и β — по моментам всех клиентов; показана, если на "
        "последней четверти периода была ближе к случившемуся, чем одна доля для всех, и если у # клиентов есть по две "
        "записи."
    ),
    "For reminders and deposits, never for refusing somebody.": "Для напоминаний и предоплат, но не для отказов.",
    "Learnt from appointments of the last # days that were booked beforehand and kept or missed, at most #.": (
        "Выучено на записях последних # дней, сделанных заранее и состоявшихся или пропущенных, не более #."
    ),
    "Rule: (α + missed) ÷ (α + β + appointments) of the client, α and β by the moments of all clients.": (
        "Правило: (α + пропущено) ÷ (α + β + записей) клиента, α и β — по моментам всех клиентов."
    ),
    "Logistic regression: how long ahead, time of day, weekday and channel of the booking, whether the client is new, "
    "and the rule; it is shown if, learnt from the earlier three quarters, it ranked the last quarter better (AUC), "
    "erred less (Brier), and its groups were no further off than those of the rule or ten points; the rule is shown if "
    "it erred less than one share for all.": (
        "Логистическая регрессия: за сколько записались, время дня, день недели и канал записи, новый ли клиент, и "
        "правило; показана, если, выученная на первых трёх четвертях, лучше упорядочила последнюю (AUC), меньше "
        "ошибалась (Brier) и её группы отклонились не больше, чем у правила или на десять пунктов; правило показано, "
        "если ошибалось меньше, чем одна доля для всех."
    ),
}
_WHERE = {
    "in the chain": "в сети",
    "in the salons asked for": "в выбранных филиалах",
    "in the branch": "в филиале",
    "with the master": "у мастера",
    "with the master in the branch": "у мастера в филиале",
}
RUSSIAN |= {
    f"Clients whose first completed visit {first} was in the month; retained: another completed visit {then} on a "
    f"later day, at most # days after it; lost: none.": (
        f"Клиенты, чей первый завершённый визит {_WHERE[first]} был в этом месяце; пришли снова: ещё один завершённый "
        f"визит {_WHERE[then]} в другой день не позже # дней после него; потеряны: ни одного."
    )
    for first in _WHERE
    for then in _WHERE
}
RUSSIAN |= {
    f"Clients with a completed visit {where} in the month; retained: another completed visit {where} on a later day, "
    f"at most # days after one of these visits; lost: none.": (
        f"Клиенты с завершённым визитом {russian} в этом месяце; пришли снова: ещё один завершённый визит {russian} в "
        f"другой день не позже # дней после одного из них; потеряны: ни одного."
    )
    for where, russian in _WHERE.items()
}

_ENDS = re.compile(r"(?<=[.]) (?=[A-Za-z])")
_NUMBER = re.compile(r"\d+")


def said(definition: str, language: str) -> str:
    """The definition in the language; a sentence without a translation stays as the service wrote it."""
    if language == "en":
        return definition
    return " ".join(map(_russian, sentences(definition)))


def sentences(definition: str) -> list[str]:
    return _ENDS.split(definition)


def known(sentence: str) -> bool:
    return _NUMBER.sub("#", sentence) in RUSSIAN


def _russian(sentence: str) -> str:
    text = RUSSIAN.get(_NUMBER.sub("#", sentence))
    if text is None:
        return sentence
    for number in _NUMBER.findall(sentence):
        text = text.replace("#", number, 1)
    return text
