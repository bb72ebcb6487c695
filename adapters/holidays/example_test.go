package holidays_test

import (
	"fmt"
	"time"

	"github.com/rickar/cal/v2"

	"github.com/answerable-go/answerable/adapters/holidays"
	"github.com/answerable-go/answerable/sla"
)

// The days on which an office in Munich is closed, from spring to summer.
func ExampleOf() {
	bavaria, err := holidays.Of("DE-BY", holidays.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	days, err := bavaria.Holidays(sla.Date{Year: 2026, Month: time.April, Day: 1}, sla.Date{Year: 2026, Month: time.June, Day: 30})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range days {
		fmt.Println(d.Date, d.Name)
	}
	// Output:
	// 2026-04-03 Karfreitag
	// 2026-04-06 Ostermontag
	// 2026-05-01 Tag der Arbeit
	// 2026-05-14 Christi Himmelfahrt
	// 2026-05-25 Pfingstmontag
	// 2026-06-04 Fronleichnam
}

func ExampleOf_unknown() {
	_, err := holidays.Of("DEBY", holidays.Config{})
	fmt.Println(err)
	// Output: holidays: there are none for "DEBY"; did you mean DE-BY? Codes lists all
}

// A company closes on the first Friday of July.
func ExampleNew() {
	own, err := holidays.New(holidays.Config{}, &cal.Holiday{
		Name: "Summer party", Month: time.July, Weekday: time.Friday, Offset: 1, Func: cal.CalcWeekdayOffset,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	days, _ := own.Holidays(sla.Date{Year: 2026, Month: time.January, Day: 1}, sla.Date{Year: 2027, Month: time.December, Day: 31})
	for _, d := range days {
		fmt.Println(d.Date, d.Name)
	}
	// Output:
	// 2026-07-03 Summer party
	// 2027-07-02 Summer party
}
