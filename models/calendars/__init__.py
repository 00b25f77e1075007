"""Calendars: recurrence by local date, local time, holidays and working time. Pure rules, no tables."""
