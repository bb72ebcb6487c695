// Package icalendar reads iCalendar files and feeds (.ics, RFC 5545) as holidays: the whole-day events of a company's, an
// authority's or a team's calendar are days on which a calendar of package sla is closed.
//
//	days, err := icalendar.Open("company.ics", icalendar.Config{})
//	list, err := days.Holidays(from, until)
//
//	feed, err := icalendar.NewFeed("https://example.com/days.ics", icalendar.FeedConfig{})
//	changed, err := feed.Refresh(ctx) // and again from time to time
//
// # What counts
//
//   - A whole-day event closes each of its days. DTEND is not one of them; without DTEND and DURATION it is one day. A
//     DURATION's begun days count. Outlook's whole days, from midnight to midnight, are recognised by its own mark.
//   - RRULE repeats it daily, weekly, monthly or yearly, with all of RFC 5545 but BYWEEKNO. RDATE adds days and EXDATE
//     leaves days out. An event with a RECURRENCE-ID takes the place of that day of its series.
//   - STATUS:CANCELLED leaves an event out, and a cancelled RECURRENCE-ID that day. Of events with the same UID the
//     highest SEQUENCE counts.
//   - TRANSP:TRANSPARENT, which marks free time, is ignored unless [Config].OnlyBusy is set: most published
//     holidays bear it, because nobody has to refuse meetings on account of them.
//   - Timed events are ignored, since an [sla.Exception] says when a day is open and not when it is closed. So are
//     to-dos, journals and alarms.
//   - Dates are taken as they are written. Time zones do not matter for whole days, hence VTIMEZONE is not read.
//
// What is not understood is an error that names its line, never left out in silence: a missed holiday is a deadline on
// a day off. That holds for EXRULE, BYWEEKNO, and RECURRENCE-ID with a RANGE too.
//
// # Hostile files
//
// The size of a file, its events, dates and depth, the length of an event, and the work that its recurrence rules take
// for one answer are bounded; the last is a [*LineError] of Holidays. A [Feed] reaches public addresses only, unless
// allowed, see [FeedConfig].
//
// # No library inside
//
// Four were looked at. github.com/emersion/go-ical panics on a line that ends within a parameter, and has no
// releases; github.com/arran4/golang-ical takes an empty text, and a calendar that is cut off after an event, for a
// whole one, and its errors within an event do not name the line; github.com/apognu/gocal expands only part of the
// rules. github.com/teambition/rrule-go runs through all days to the year 9999 for a rule that never comes true, such as
// each 30th of February, whatever its UNTIL: half a second for one rule. Whole days need little of what these do.
// What rrule-go is good at is used in this module's tests, where it tells whether rules were understood. A program
// that imports this package links nothing but the standard library and package sla.
package icalendar
