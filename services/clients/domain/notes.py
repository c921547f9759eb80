"""What a remark or a perk may say."""

from kernel.errors import Invalid


def said(text: str, field: str = "text") -> str:
    """`text` without outer spaces; `Invalid` if nothing is left."""
    tidy = text.strip()
    if not tidy:
        raise Invalid.field(field, "text_blank", "this says something")
    return tidy
