"""What the visits add up to: facts from events, their rollups, and the hierarchy of sources. No personal data at all.

Owns: facts of completed visits, what clients did by day, first visits, a copy of who came through whom or what.

Answers: ShowVisits, ShowSources, ExportFromAnalytics

States: nothing

Listens: ClientRegistered, ClientChanged, ClientsMerged, SourceChanged, VisitCompleted, VisitRefunded
"""
