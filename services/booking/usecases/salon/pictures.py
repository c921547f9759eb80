"""Pictures of services, categories and masters: kept small, without what the camera wrote."""

from dataclasses import asdict, dataclass

from sqlalchemy import insert
from sqlalchemy.orm import Session

from chassis.database import new_id
from chassis.pictures import MEDIA_TYPE, Shrunk, make_small
from contracts import booking as wire
from kernel.caller import Caller
from services.booking.tables import pictures
from services.booking.usecases.asking import Call

LONGEST_SIDE = 1024  # pixels
BESIDE_A_NAME = 128  # for 64 on screens that show two where others show one


@dataclass(frozen=True)
class Kept:
    """A picture in both sizes."""

    whole: Shrunk
    small: Shrunk


def shrink(_call: Call, request: wire.AddPicture, _caller: Caller) -> Kept:
    """What is kept of the upload; worked out before the transaction, which would wait for it."""
    whole = make_small(request.image, LONGEST_SIDE, "image")
    return Kept(whole, make_small(whole.content, BESIDE_A_NAME, "image"))


def add_picture(session: Session, picture: Kept) -> wire.Picture:
    whole = picture.whole
    view = wire.Picture(new_id(), MEDIA_TYPE, whole.width, whole.height)
    session.execute(insert(pictures).values(content=whole.content, small=picture.small.content, **asdict(view)))
    return view
