// Package sla counts towards deadlines in business time: calendars of opening hours, targets, the clocks that
// run on them, and the ladder that a breach climbs.
//
// # The story
//
// A [Calendar] declares when a team is open, in its own time zone. It is plain data that lives in policies and plans;
// [Calendar.Compile] turns it into a [Schedule], which counts. A [Target] promises something within so much open time
// of a calendar: a first response within 4h, with warnings at half of it and with 30 minutes left, and within 1h for a
// high priority ([Tier]). [Start] makes a [Clock] of it. The clock is plain data again. It does not tick, it has no
// goroutine and reads no time: whoever owns it asks [Clock.Next] when to look again, and tells it what happened: Pause,
// Resume, Meet, Cancel, Reopen, Retarget, WarnedOnce, Breach.
//
// What happened is a [Signal]: the inquiry was opened, answered, put to sleep, resolved. A [Life] declares what each
// signal does to a clock. [LifeOf] has that of every [Kind] as a table, and a target may bring its own, such as an
// acknowledge clock that a snooze lets stand still.
//
// A breach climbs a [Ladder]: level by level, each after a delay in real or in business time, it turns to the owner, the
// department's lead, whoever is on call, the holder of a role, and in the end to the sink. A level tells them, and may
// raise the priority or make them the owner. A [Rotation] declares who is on call, in turns of days or weeks, with hours
// in which nobody is, and with overrides. [Rotation.Compile] turns it into a [Rota], which says who it is at an instant
// and until when, and prints the plan.
//
// To people a deadline is explained by [Explain], what counted and what did not and why; where a clock stands by
// [Clock.Explain]; and what has happened to all clocks of an inquiry by [Timeline].
//
// Everything here is a pure function of its arguments and the time-zone database, so that a replay comes to the same
// deadlines. A nil *Schedule is open around the clock, so that a target without a calendar needs no special case.
//
// # Exceptions and holidays
//
// A week is the rule, and an [Exception] a day that departs from it: a holiday, a half day before one, a Saturday on
// which the team works after all. It takes the place of all hours that open on its date; the night before still runs
// to its end. [Calendar.WithHolidays] adds the days of a list, a country's or a feed's ([Holidays]); what a calendar
// lists itself has the last word. All of it is data again, so a plan keeps the days that it was made with, and a
// deadline does not move because a list was updated.
//
// Exceptions cost next to nothing: a schedule knows the open time before each of them, so that thirty years of holidays
// make no deadline slower. [Schedule.Exception] tells a day's name where a deadline is explained.
//
// # Explaining
//
// Why is it due then? [Explain] answers for the same arguments as [Due], in segments from start to deadline that add up
// to what was promised, each with its reason: counted, closed outside hours or for Whit Monday, paused. [Clock.Explain]
// tells where a clock stands, and [Timeline] the lives of all clocks of an inquiry. They are data with stable JSON and
// texts for people.
//
// # What it guarantees
//
//   - G1. Each kind of clock declares what starts, stops, pauses, resumes, resets and cancels it ([LifeOf]). A pause
//     leaves what was left, a reset begins anew; taken up again, a clock goes on ([Clock.Reopen]). A life with which a
//     clock could stand still or go on for ever does not validate.
//   - G2. A deadline is a pure function of target, calendar, start and pauses ([Due]). It is exact to the nanosecond of
//     the start: with a clock of 1h that began at 09:00:00.000000001, one nanosecond after ten is in time.
//   - G3. A target that is used up exactly at closing time is due at closing time, not at the next opening.
//   - G4. A range over midnight, 22:00 to 06:00, belongs to the day on which it opens, also where that day is an
//     exception. A day may have several ranges; those that overlap or touch are one.
//   - G5. Clock changes: an opening or closing that falls into hours which the clocks skip is the first instant after
//     them. In hours that come twice an opening is the first occurrence of its reading and a closing the last, so a
//     range that touches them stays open across the change. What is counted is real time: a night shift of
//     eight hours by the clock has seven when the clocks go forward, and nine when they go back.
//   - G6. A calendar that never opens is [ErrNeverOpens] when compiled, and a deadline beyond [Horizon] is a
//     [*HorizonError], from [Schedule.Reaches] at validation and from [Schedule.Add] at run time. Nothing loops for
//     ever, and nothing falls back to the wall clock but the levels of a ladder, which must be reached
//     ([Ladder.Reached]).
//   - G7. Met means that the event was not after the deadline, whenever one learns of it. A breach carries the deadline
//     as its time, and an answer learned of late but given in time withdraws it ([Clock.Meet]). What does not withdraw
//     it: a pause learned of late, and an answer to a run of the update clock that a later one has reset.
//   - G8. Warnings, at shares of the target or with time left, fire once each and in order, also after a late start
//     ([Clock.Next]).
//   - G9. A ladder ends at the sink, who is reminded until somebody acts ([Ladder.Validate]). No level comes before the
//     one before it ([Ladder.Reached]), and low priority escalates too, slower ([Ladder.Stretch]). An empty on-call slot
//     is told as such, "" and until when ([Rota.At]), so that a level can pass on at once.
//   - G10. Acknowledged is not answered: an acknowledgement stops the acknowledge clock only ([LifeOf]).
//   - G11. A changed target, calendar or priority keeps start and pauses, and no warning fires twice ([Clock.Retarget]).
//
// # Time zones
//
// Calendars name IANA zones. Where the system has no zone database (minimal containers, Windows) the program must
// carry one:
//
//	import _ "time/tzdata"
//
// Doing so everywhere is wise even so: nodes with databases of different age could otherwise disagree on a
// deadline. Weeks are those of today's calendar at all times; changes of a zone count as the database has them.
package sla
