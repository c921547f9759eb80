"""What the visits add up to: facts from events, their rollups, and the hierarchy of sources. No personal data at all.

Owns: facts of completed visits, of appointments and of open hours, what these add up to by day and month, cohorts of
clients, what clients did by day, first visits, forecasts, a copy of who came through whom or what.

Answers: ChangeChurnSettings, ChangeDashboard, ChangeReport, ChangeSegment, CountSegment, ExportFromAnalytics,
ListDashboards, ListLikelyNoShows, ListReports, ListSavedSegments, ListSegmentMembers, ListStandings, RemoveDashboard,
RemoveReport, RemoveSegment, RunReport, SaveDashboard, SaveReport, SaveSegment, ShowBenefits, ShowChannels, ShowChurn,
ShowChurnSettings, ShowCohorts, ShowDashboard, ShowForecast, ShowFunnel, ShowHeatMap, ShowIdleWindows,
ShowLifetimeValue, ShowNoShows, ShowOccupancy, ShowPeople, ShowReport, ShowSavedSegment, ShowSeasonality,
ShowSegmentMembers, ShowSegments, ShowSources, ShowVisits, ShowWork, TryReport

States: SegmentMembersChanged, SegmentRemoved

Listens: AppointmentArrived, AppointmentBooked, AppointmentCancelled, AppointmentChanged, AppointmentConfirmed,
AppointmentMissed, ClientChanged, ClientErased, ClientRegistered, ClientsMerged, EnquiryAnswered, EnquiryReceived,
OpenHoursChanged, SourceChanged, SourceRemoved, VisitCompleted, VisitRefunded
"""
