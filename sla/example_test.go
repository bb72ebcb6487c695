package sla_test

import (
	"encoding/json"
	"fmt"
	"time"
	_ "time/tzdata"

	"github.com/answerable-go/answerable/sla"
)

// A first response is promised within four office hours; the customer keeps us waiting for a while.
func Example() {
	support, err := sla.Calendar{
		Name:  "support",
		Zone:  "Europe/Berlin",
		Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0)),
	}.Compile()
	if err != nil {
		fmt.Println(err)
		return
	}
	target := sla.Target{Kind: sla.FirstResponse, Within: sla.Duration(4 * time.Hour), Calendar: "support", Warn: []int{75}}

	friday := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC) // 15:00 in Berlin
	clock, err := sla.Start(target, support, friday)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("due", clock.Due.Format(time.RFC1123))

	clock = clock.Pause(friday.Add(time.Hour))
	clock, err = clock.Resume(support, time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
	if err != nil {
		fmt.Println(err)
		return
	}
	next, warning, _ := clock.Next(support)
	fmt.Println("due", clock.Due.Format(time.RFC1123))
	fmt.Println("look again", next.Format(time.RFC1123), "for a warning:", warning)
	fmt.Println(clock.Meet(clock.Due).State, clock.Meet(clock.Due.Add(1)).State)
	// Output:
	// due Mon, 23 Nov 2026 10:00:00 UTC
	// due Mon, 23 Nov 2026 12:00:00 UTC
	// look again Mon, 23 Nov 2026 11:00:00 UTC for a warning: true
	// met breached
}

func ExampleCalendar_Compile() {
	_, err := sla.Calendar{
		Name: "night",
		Zone: "Europe/Atlantis",
		Hours: []sla.Hours{
			{Day: time.Monday, Open: sla.At(22, 0), Close: sla.At(6, 0)}, // over midnight
			{Day: time.Sunday, Open: sla.At(0, 0), Close: sla.At(0, 0)},
		},
	}.Compile()
	fmt.Println(err)
	// Output:
	// calendar "night": zone: unknown time zone Europe/Atlantis; name an IANA zone such as Europe/Berlin, and import time/tzdata where the system has no zone database
	// calendar "night": hours[1] (sunday 00:00-00:00): open and close are the same; write 00:00 to 24:00 for a whole day, or remove it
}

// Eight hours from Maundy Thursday end after Easter. The team lists its short Thursday itself; the holidays come from a
// list.
func ExampleCalendar_exceptions() {
	day := func(month time.Month, day int) sla.Date { return sla.Date{Year: 2026, Month: month, Day: day} }
	support := sla.Calendar{
		Name:  "support",
		Zone:  "Europe/Berlin",
		Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0)),
		Exceptions: []sla.Exception{
			{Date: day(time.April, 2), Name: "Maundy Thursday", Hours: []sla.Range{{Open: sla.At(9, 0), Close: sla.At(13, 0)}}},
		},
	}
	support, err := support.WithHolidays(sla.HolidayList{
		{Date: day(time.April, 3), Name: "Good Friday"},
		{Date: day(time.April, 6), Name: "Easter Monday"},
	}, day(time.January, 1), day(time.December, 31))
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := support.Compile()
	if err != nil {
		fmt.Println(err)
		return
	}

	asked := time.Date(2026, 4, 2, 8, 0, 0, 0, time.UTC) // 10:00 in Berlin
	due, _ := s.Add(asked, 8*time.Hour)
	fmt.Println("due", due.Format(time.RFC1123))
	for d := sla.DateOf(asked); d.Compare(sla.DateOf(due)) <= 0; d = d.Add(1) {
		if e, ok := s.Exception(d); ok {
			fmt.Println(e, e.Hours)
		}
	}
	// Output:
	// due Tue, 07 Apr 2026 12:00:00 UTC
	// 2026-04-02 Maundy Thursday [09:00-13:00]
	// 2026-04-03 Good Friday []
	// 2026-04-06 Easter Monday []
}

func ExampleSchedule_Add() {
	office, _ := sla.Calendar{Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0))}.Compile()
	friday := time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)
	for _, d := range []time.Duration{time.Hour, 2 * time.Hour, 2*time.Hour + 1} {
		due, _ := office.Add(friday, d)
		fmt.Println(due.Format(time.RFC3339Nano))
	}
	// Output:
	// 2026-11-20T16:00:00Z
	// 2026-11-20T17:00:00Z
	// 2026-11-23T09:00:00.000000001Z
}

// The night on which Berlin puts its clocks back has an hour more.
func ExampleSchedule_Between() {
	night, _ := sla.Calendar{Zone: "Europe/Berlin", Hours: sla.Daily(sla.At(22, 0), sla.At(6, 0))}.Compile()
	noon := time.Date(2026, 10, 24, 12, 0, 0, 0, time.UTC)
	fmt.Println(night.Between(noon, noon.AddDate(0, 0, 1)))
	fmt.Println(night.Between(noon.AddDate(0, 0, 1), noon.AddDate(0, 0, 2)))
	// Output:
	// 9h0m0s
	// 8h0m0s
}

func ExampleSchedule_NextChange() {
	office, _ := sla.Calendar{Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0))}.Compile()
	at, open, _ := office.NextChange(time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC))
	fmt.Println(at.Format(time.RFC1123), open)
	at, open, _ = office.NextChange(at)
	fmt.Println(at.Format(time.RFC1123), open)
	// Output:
	// Fri, 20 Nov 2026 17:00:00 UTC false
	// Mon, 23 Nov 2026 09:00:00 UTC true
}

func ExampleDue() {
	start := time.Date(2026, 11, 16, 10, 0, 0, 0, time.UTC)
	due, _ := sla.Due(2*time.Hour, sla.Always24x7(), start, []sla.Pause{
		{From: start.Add(30 * time.Minute), Until: start.Add(40 * time.Minute)},
	})
	fmt.Println(due.Format(time.TimeOnly))
	// Output: 12:10:00
}

// A breach is withdrawn when it turns out that the answer was given in time.
func ExampleClock_Meet() {
	start := time.Date(2026, 11, 16, 10, 0, 0, 0, time.UTC)
	clock, _ := sla.Start(sla.Target{Kind: sla.Acknowledge, Within: sla.Duration(time.Hour)}, nil, start)
	clock = clock.Breach()
	fmt.Println(clock.State, clock.BreachedAt.Format(time.TimeOnly))
	clock = clock.Meet(start.Add(59 * time.Minute))
	fmt.Println(clock.State, clock.EndedAt.Format(time.TimeOnly))
	// Output:
	// breached 11:00:00
	// met 10:59:00
}

func ExampleLadder_Validate() {
	var ladder sla.Ladder
	text := `{"levels":[{"to":"owner"},{"after":"30m","to":"lead"}],"remind":"4h"}`
	if err := json.Unmarshal([]byte(text), &ladder); err != nil {
		fmt.Println(err)
	}
	fmt.Println(ladder.Validate())
	// Output:
	// ladder: levels[1], the last, turns to "lead"; a ladder must end at "sink", so that nothing ends in silence
}

// Two people take turns by the week; over the weekend nobody is on call, and one of them is away on a Wednesday.
func ExampleRotation_Compile() {
	rotation := sla.Rotation{
		Name: "second line", Zone: "Europe/Berlin",
		Start: sla.Date{Year: 2026, Month: time.March, Day: 16}, HandOver: sla.At(9, 0),
		Days: sla.EveryWeek, Members: []string{"anna", "ben"},
		Hours: []sla.Hours{ // until midnight after Friday
			{Day: time.Monday, Open: sla.At(0, 0), Close: sla.At(24, 0)},
			{Day: time.Tuesday, Open: sla.At(0, 0), Close: sla.At(24, 0)},
			{Day: time.Wednesday, Open: sla.At(0, 0), Close: sla.At(24, 0)},
			{Day: time.Thursday, Open: sla.At(0, 0), Close: sla.At(24, 0)},
			{Day: time.Friday, Open: sla.At(0, 0), Close: sla.At(24, 0)},
		},
		Overrides: []sla.Override{{
			From:   time.Date(2026, 3, 25, 8, 0, 0, 0, time.UTC),
			Until:  time.Date(2026, 3, 26, 8, 0, 0, 0, time.UTC),
			Member: "anna",
		}},
	}
	onCall, err := rotation.Compile()
	if err != nil {
		fmt.Println(err)
		return
	}
	for shift := range onCall.Shifts(time.Date(2026, 3, 23, 8, 0, 0, 0, time.UTC), time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)) {
		fmt.Printf("%-4s until %s\n", shift.Member, shift.Until.Format(time.RFC1123))
	}
	member, until := onCall.At(time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC))
	fmt.Printf("at noon on Saturday %q, until %s\n", member, until.Format(time.RFC1123))
	// Output:
	// ben  until Wed, 25 Mar 2026 08:00:00 UTC
	// anna until Thu, 26 Mar 2026 08:00:00 UTC
	// ben  until Fri, 27 Mar 2026 23:00:00 UTC
	//      until Sun, 29 Mar 2026 22:00:00 UTC
	// ben  until Mon, 30 Mar 2026 07:00:00 UTC
	// anna until Wed, 01 Apr 2026 00:00:00 UTC
	// at noon on Saturday "", until Sun, 29 Mar 2026 22:00:00 UTC
}
