"""The hierarchy of sources on the wire."""

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts.analytics import ChannelRows, ShowChannels, ShowSources, SourceNode
from kernel.caller import Caller
from services.analytics import queries
from services.analytics.queries.touches import touches


class Sources:
    @serves(ShowChannels)
    def show_channels(self, session: Session, request: ShowChannels, caller: Caller) -> ChannelRows:
        return touches(session, request, caller)

    @serves(ShowSources)
    def show_sources(self, session: Session, request: ShowSources, caller: Caller) -> SourceNode:
        return queries.sources_tree(session, request, caller)
