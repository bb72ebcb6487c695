package icalendar_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/answerable-go/answerable/adapters/icalendar"
	"github.com/answerable-go/answerable/sla"
)

// A company's outing is on the first Friday of September; in 2027 it is off.
func ExampleRead() {
	days, err := icalendar.Read(strings.NewReader(`BEGIN:VCALENDAR
BEGIN:VEVENT
UID:outing@example.com
DTSTART;VALUE=DATE:20260904
RRULE:FREQ=YEARLY;BYMONTH=9;BYDAY=1FR
EXDATE;VALUE=DATE:20270903
SUMMARY:Company outing
END:VEVENT
BEGIN:VEVENT
UID:break@example.com
DTSTART;VALUE=DATE:20261230
DTEND;VALUE=DATE:20270102
SUMMARY:Closed for New Year
END:VEVENT
END:VCALENDAR
`), icalendar.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	list, err := days.Holidays(sla.Date{Year: 2026, Month: time.January, Day: 1}, sla.Date{Year: 2028, Month: time.December, Day: 31})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range list {
		fmt.Println(d.Date, d.Name)
	}
	// Output:
	// 2026-09-04 Company outing
	// 2026-12-30 Closed for New Year
	// 2026-12-31 Closed for New Year
	// 2027-01-01 Closed for New Year
	// 2028-09-01 Company outing
}

func ExampleRead_problems() {
	_, err := icalendar.Read(strings.NewReader("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260230\nRRULE:FREQ=HOURLY\nEND:VEVENT\nEND:VCALENDAR\n"), icalendar.Config{})
	fmt.Println(err)
	// Output:
	// icalendar: line 3: DTSTART: "20260230" is no day; it must be like 20261225 or 20261225T090000Z
	// icalendar: line 4: RRULE: FREQ is "HOURLY"; of whole days it must be DAILY, WEEKLY, MONTHLY or YEARLY
}

func ExampleFeed() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260525\nSUMMARY:Whit Monday\nEND:VEVENT\nEND:VCALENDAR\n")
	}))
	defer server.Close()

	// Of a public server AllowPrivate is not needed.
	feed, err := icalendar.NewFeed(server.URL+"/days.ics", icalendar.FeedConfig{AllowPrivate: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	changed, err := feed.Refresh(context.Background()) // at the start, and then once a day
	if err != nil {
		fmt.Println(err)
		return
	}
	days, _ := feed.Holidays(sla.Date{Year: 2026, Month: time.January, Day: 1}, sla.Date{Year: 2026, Month: time.December, Day: 31})
	fmt.Println(changed, days[0].Date, days[0].Name)
	// Output: true 2026-05-25 Whit Monday
}
