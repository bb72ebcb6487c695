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
// The size of a file, its events, dates and depth, the length of an event, the parameters of a property and the work
// that its recurrence rules take for one answer are bounded; the last is a [*LineError] of Holidays. A rule that
// never comes true, such as each 30th of February, has no days and is no error by itself, but it takes as much work
// as 400 years do: a file with more than some hundred of them gets no answer. So does one with more than some 4,000
// yearly series, if it is asked for ten years at once. A [Feed] reaches public addresses only, unless allowed, see
// [FeedConfig].
//
// A numbered weekday of which there can be none, such as the sixth Monday of a month (BYDAY=6MO), is refused when it
// is read, and so is a parameter in which a backslash stands before a colon, a semicolon, a comma or a quotation
// mark.
//
// # Libraries
//
// github.com/arran4/golang-ical unfolds, takes apart and unescapes what a file says, and
// github.com/teambition/rrule-go, which comes from python-dateutil, says on which days a rule comes true. They bring no
// further modules into a program. Some things are watched over here:
//
//   - golang-ical takes an empty text, a calendar that is cut off after an event, and anything before a name. It
//     counts content lines and not those of the file, and reads one calendar of several. It is shown one calendar at
//     a time, and looked at line by line, so that every problem has its line.
//   - rrule-go panics on the sixth Monday of a month, takes BYDAY=SA,-1SU for the Saturdays that are the last Sunday,
//     counts BYSETPOS in the first week from the first day of a series and not of the week, ends a rule without UNTIL
//     after 292 years, and goes on to the year 9999 for one that never comes true. It is asked from the beginning of
//     a period near the days that are asked for, with mixed weekdays all numbered, and about the same days in the
//     last years that it knows: the calendar repeats itself every 400 years.
//
// Of the others, github.com/emersion/go-ical panics on a line that ends within a parameter, and has no releases, and
// github.com/apognu/gocal expands only part of the rules.
package icalendar
