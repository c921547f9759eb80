"""Photos of clients on the wire: one line per message."""

from sqlalchemy.orm import Session

from chassis.messaging import serves
from chassis.pictures import Shrunk
from contracts.clients import Photo, PhotoFile, PutPhoto, ReadPhoto, RemovePhoto, ShowPhoto
from kernel.caller import Caller
from services.clients.queries.photos import read_photo, show_photo
from services.clients.service.base import Base
from services.clients.usecases.photos import put_photo, remove_photo, shrink_photo


class Photos(Base):
    @serves(ShowPhoto)
    def show_photo(self, session: Session, request: ShowPhoto, caller: Caller) -> Photo:
        return show_photo(session, request.client_id, caller)

    @serves(ReadPhoto)
    def read_photo(self, session: Session, request: ReadPhoto, caller: Caller) -> PhotoFile:
        return read_photo(session, request.client_id, caller, self.vault)

    @serves(PutPhoto, first=shrink_photo)
    def put_photo(self, session: Session, request: PutPhoto, caller: Caller, picture: Shrunk) -> Photo:
        return put_photo(session, request, picture, self.desk(caller))

    @serves(RemovePhoto)
    def remove_photo(self, session: Session, request: RemovePhoto, caller: Caller) -> Photo:
        return remove_photo(session, request, self.desk(caller))
