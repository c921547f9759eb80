"""What calendars show of masters and branches: visits, group events, shifts; nothing about clients."""
