"""Appointments: the salon, who works when, who is busy when, and each visit with its bill.

Owns: settings, branches with their holidays, rooms, the catalogue, masters with their papers, shifts with templates and
absences, blocks, holds, appointments and series with their busy times and their history, group events, the waiting
list, calendar feeds, lines, payments and refunds. Free text about a person is sealed under a key of that person.

Answers: ShowSettings, ShowCurrency, ChangeSettings, ShowBrand, CreateBranch, ShowBranch, ListBranches,
ChangeBranch, CheckBranches, CheckFavourites, ListZones,
CreateHoliday, ShowHoliday, ListHolidays, ChangeHoliday, RemoveHoliday, CreateRoom, ShowRoom, ListRooms, ChangeRoom,
CreateCategory, ShowCategory, ListCategories, ChangeCategory, AddPicture, ReadPicture, CreateService, ShowService,
ListServices, ChangeService, BookAppointment, PreviewBooking, ShowAppointment, OpenAppointment, ListAppointments,
ChangeAppointment, PreviewChange, PreviewCompletion,
ShowHistory, ConfirmAppointment, ArriveAppointment, CompleteAppointment, CancelAppointment, MarkNoShow,
RefundAppointment,
FindAvailability, SearchAvailability, HoldTime, ShowHold, ReleaseHold, SuggestVisit, CreateFeed, ShowFeed, ListFeeds,
RevokeFeed, ReadFeed, ReadAppointmentCalendar, ReadOnlineCalendar, CreateGroupEvent, ShowGroupEvent, ListGroupEvents,
ChangeGroupEvent, CancelGroupEvent, CreateMaster, ShowMaster, ListMasters, ChangeMaster, ShowQuestionnaire,
ChangeQuestionnaire, ShowOnlineSalon, BookOnline, ShowOnlineAppointment, MoveOnlineAppointment, CancelOnlineAppointment,
ListOwnAppointments, ShowOwnAppointment, MoveOwnAppointment,
RecordVisits, ReplaceShifts, ListShifts, CreateShiftTemplate, ShowShiftTemplate, ListShiftTemplates,
ChangeShiftTemplate, PreviewShifts, PublishShifts, CreateAbsence, ShowAbsence, ListAbsences, ChangeAbsence,
RemoveAbsence, CreateBlock, ShowBlock, ListBlocks, ChangeBlock, RemoveBlock, ShowSchedule, ShowDaySheet,
PreviewSeries, BookSeries,
ShowSeries, ListSeries, PreviewSeriesChange, ChangeSeries, CancelSeries, AddToWaitingList, ShowWaitingEntry,
ListWaitingList, ChangeWaitingEntry, AcceptOffer, DeclineOffer, LeaveWaitingList, ExportFromBooking,
CheckMerge

States: AppointmentBooked, AppointmentChanged, AppointmentConfirmed, AppointmentArrived, AppointmentCancelled,
AppointmentMissed, VisitCompleted, VisitRefunded, OpenHoursChanged, OfferMade, OfferEnded, HealthShown

Listens: ClientErased, ClientRegistered, ClientsMerged, DiscountChanged
"""
