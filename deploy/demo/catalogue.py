"""What the chain offers: services with prices, how often they are wanted, and in which season."""

from dataclasses import dataclass

# How much more or less a service is wanted, January to December; 1 is usual.
EVEN = (1.0,) * 12
SUMMER = (0.45, 0.55, 0.8, 1.15, 1.6, 1.75, 1.6, 1.3, 0.9, 0.6, 0.5, 0.8)
PEELS = (1.5, 1.45, 1.2, 0.9, 0.5, 0.35, 0.3, 0.4, 0.95, 1.4, 1.6, 1.45)  # not under the summer sun
PARTIES = (0.7, 0.85, 1.1, 0.9, 1.1, 1.35, 1.0, 0.9, 0.9, 0.8, 0.9, 1.6)
FRESH = (0.75, 0.85, 1.15, 1.1, 1.1, 0.95, 0.85, 0.95, 1.15, 1.05, 1.0, 1.2)
WARMTH = (1.25, 1.25, 1.15, 1.0, 0.85, 0.75, 0.7, 0.75, 0.95, 1.1, 1.15, 1.1)


@dataclass(frozen=True)
class Offer:
    """`price` is in roubles, `weight` how often it is chosen against the others, `returns` days until it is due.

    `phases` are minutes, the master being busy, waiting, busy and so on; none is busy throughout.
    """

    name: str
    category: str
    minutes: int
    price: int
    weight: float
    returns: int
    season: tuple[float, ...] = EVEN
    men: float = 0.3  # how much of the weight holds for men
    phases: tuple[int, ...] = ()

    @property
    def repeat(self) -> int:
        """After how many days the salon reminds people."""
        return 21 if self.category == BROWS and self.minutes == 30 else self.returns

    @property
    def cost(self) -> int:
        """What of the price is the salon's own, in roubles: mostly materials."""
        return round(self.price * MATERIALS.get(self.category, 0.15))


HAIR, COLOUR, NAILS, FEET = "Стрижки и укладки", "Окрашивание", "Маникюр", "Педикюр"
BROWS, FACE, BODY, TAN = "Брови и ресницы", "Косметология", "Массаж и тело", "Загар"
CLASSES = "Мастер-классы"
CATEGORIES = (HAIR, COLOUR, NAILS, FEET, BROWS, FACE, BODY, TAN, CLASSES)  # in the order of the price list

MATERIALS = {COLOUR: 0.3, NAILS: 0.2, FEET: 0.2, FACE: 0.35}  # shares of the price

CATALOGUE = (
    Offer("Женская стрижка", HAIR, 60, 2400, 10.0, 60, FRESH, men=0.0),
    Offer("Мужская стрижка", HAIR, 45, 1500, 9.0, 32, EVEN, men=8.0),
    Offer("Детская стрижка", HAIR, 30, 1000, 2.5, 50, (0.6, 0.7, 1.0, 1.0, 1.2, 0.9, 0.8, 2.2, 1.1, 0.8, 0.8, 1.1)),
    Offer("Укладка", HAIR, 45, 1800, 4.0, 30, PARTIES, men=0.1),
    Offer("Вечерняя причёска", HAIR, 75, 3500, 1.2, 150, PARTIES, men=0.0),
    Offer("Стрижка бороды", HAIR, 30, 1000, 1.5, 28, EVEN, men=9.0),
    Offer("Окрашивание в один тон", COLOUR, 120, 4800, 5.0, 55, FRESH, men=0.05, phases=(45, 45, 30)),
    Offer("Мелирование", COLOUR, 150, 6200, 2.0, 90, FRESH, men=0.02, phases=(75, 45, 30)),
    Offer("Балаяж", COLOUR, 180, 8900, 1.6, 120, FRESH, men=0.0, phases=(90, 45, 45)),
    Offer("Тонирование", COLOUR, 60, 2600, 2.2, 45, EVEN, men=0.05),
    Offer("Уход для волос", COLOUR, 45, 2200, 2.5, 45, WARMTH, men=0.1),
    Offer("Маникюр", NAILS, 60, 1400, 5.0, 24, EVEN, men=0.2),
    Offer("Маникюр с покрытием", NAILS, 90, 2300, 14.0, 24, PARTIES, men=0.02),
    Offer("Снятие покрытия", NAILS, 30, 500, 2.0, 30, EVEN, men=0.0),
    Offer("Наращивание ногтей", NAILS, 150, 3900, 1.8, 30, PARTIES, men=0.0),
    Offer("Педикюр", FEET, 75, 2300, 4.0, 35, SUMMER, men=0.3),
    Offer("Педикюр с покрытием", FEET, 90, 2900, 5.0, 32, SUMMER, men=0.02),
    Offer("Парафинотерапия", FEET, 30, 900, 1.0, 40, WARMTH, men=0.1),
    Offer("Оформление бровей", BROWS, 30, 1100, 4.5, 28, EVEN, men=0.1),
    Offer("Окрашивание бровей", BROWS, 30, 900, 2.5, 28, EVEN, men=0.02),
    Offer("Ламинирование ресниц", BROWS, 75, 2700, 1.8, 50, SUMMER, men=0.0),
    Offer("Наращивание ресниц", BROWS, 120, 3200, 1.6, 26, SUMMER, men=0.0),
    Offer("Чистка лица", FACE, 75, 3300, 2.0, 45, EVEN, men=0.3),
    Offer("Пилинг", FACE, 45, 3000, 1.6, 30, PEELS, men=0.15),
    Offer("Массаж лица", FACE, 45, 2200, 1.4, 20, WARMTH, men=0.1),
    Offer("Биоревитализация", FACE, 60, 8500, 0.7, 60, PEELS, men=0.05),
    Offer("Массаж спины", BODY, 45, 2100, 2.0, 21, WARMTH, men=0.8),
    Offer("Массаж всего тела", BODY, 90, 3900, 1.4, 25, WARMTH, men=0.6),
    Offer("Шугаринг", BODY, 60, 2000, 4.0, 28, SUMMER, men=0.1),
    Offer("Солярий, 10 минут", TAN, 15, 400, 1.6, 8, SUMMER, men=0.5),
    Offer("Автозагар", TAN, 45, 2800, 0.8, 20, SUMMER, men=0.05),
)

# A service for groups; it is not among those that people choose from by themselves.
CLASS_CAPACITY = 6
MAKE_UP_CLASS = Offer("Мастер-класс: макияж на каждый день", CLASSES, 90, 1500, 0.0, 365)

# The room or equipment that a service takes, by category.
UNITS = {
    HAIR: "парикмахерское кресло",
    COLOUR: "парикмахерское кресло",
    NAILS: "маникюрный стол",
    FEET: "педикюрное кресло",
    BROWS: "кресло бровиста",
    FACE: "кабинет косметолога",
    BODY: "массажный кабинет",
    TAN: "солярий",
    CLASSES: "зал",
}

# What is sold beside: name, price in roubles.
RETAIL = (
    ("Шампунь 250 мл", 1290),
    ("Кондиционер 250 мл", 1350),
    ("Маска для волос", 1890),
    ("Масло для кончиков", 1490),
    ("Крем для рук", 690),
    ("Масло для кутикулы", 490),
    ("Гель для бровей", 850),
    ("Солнцезащитный крем", 1590),
    ("Подарочная карта", 3000),
)

# What a master may be: the categories of their services, and how many of 24 are that.
TRADES = (
    ("hair", (HAIR, COLOUR), 9),
    ("nails", (NAILS, FEET), 8),
    ("brows", (BROWS,), 2),
    ("face", (FACE,), 2),
    ("body", (BODY, TAN), 3),
)
