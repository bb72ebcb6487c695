package sla_test

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/answerable-go/answerable/sla"
)

// whitsun is a team's calendar with a holiday.
func whitsun() *sla.Schedule {
	support, err := sla.Calendar{
		Name:       "support",
		Zone:       "Europe/Berlin",
		Hours:      sla.Weekdays(sla.At(9, 0), sla.At(17, 0)),
		Exceptions: []sla.Exception{{Date: sla.Date{Year: 2026, Month: time.May, Day: 25}, Name: "Whit Monday"}},
	}.Compile()
	if err != nil {
		fmt.Println(err)
	}
	return support
}

// A customer wrote on the Friday before Whitsun. Why is the answer due on Tuesday only?
func ExampleExplain() {
	friday := time.Date(2026, 5, 22, 14, 30, 0, 0, time.UTC) // 16:30 in Berlin
	e, err := sla.Explain(time.Hour, whitsun(), friday, []sla.Pause{
		{From: friday.Add(10 * time.Minute), Until: friday.Add(15 * time.Minute)},
	}, "waiting for the customer")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e)
	// Output:
	// due Tue 2026-05-26 09:35 Europe/Berlin: 60 min of support hours; paused 5 min waiting for the customer; closed Fri 17:00 - Tue 09:00; Mon is Whit Monday
}

func ExampleExplanation_Text() {
	friday := time.Date(2026, 5, 22, 14, 30, 0, 0, time.UTC)
	e, _ := sla.Explain(time.Hour, whitsun(), friday, []sla.Pause{
		{From: friday.Add(10 * time.Minute), Until: friday.Add(15 * time.Minute)},
	}, "waiting for the customer")
	fmt.Print(e.Text())
	// Output:
	// due   Tue 2026-05-26 09:35
	// from  Fri 2026-05-22 16:30
	//       60 min of support hours, times in Europe/Berlin (UTC+2)
	//
	// from                   until                                                         counted     sum
	// Fri 2026-05-22  16:30  16:40                 counted                                  10 min  10 min
	//                 16:40  16:45                 paused 5 min: waiting for the customer
	//                 16:45  17:00                 counted                                  15 min  25 min
	//                 17:00  Sun 2026-05-24 24:00  closed: outside hours
	// Mon 2026-05-25  00:00  24:00                 closed: Whit Monday
	// Tue 2026-05-26  00:00  09:00                 closed: outside hours
	//                 09:00  09:35                 counted                                  35 min  60 min
}

// The night on which the clocks go forward has an hour less than its clocks say.
func ExampleExplanation_WriteTo() {
	night, _ := sla.Calendar{Name: "night", Zone: "Europe/Berlin", Hours: sla.Daily(sla.At(22, 0), sla.At(6, 0))}.Compile()
	e, _ := sla.Explain(8*time.Hour, night, time.Date(2026, 3, 28, 21, 0, 0, 0, time.UTC), nil)
	_, _ = e.WriteTo(os.Stdout)
	// Output:
	// due   Sun 2026-03-29 23:00
	// from  Sat 2026-03-28 22:00
	//       8h of night hours, times in Europe/Berlin (UTC+1)
	//
	// from                   until                                                                      counted  sum
	// Sat 2026-03-28  22:00  Sun 2026-03-29 06:00  counted                                                   7h   7h
	// Sun 2026-03-29                               clocks went forward 1h, from 02:00 to 03:00 (UTC+2)
	//                 06:00  22:00                 closed: outside hours
	//                 22:00  23:00                 counted                                               60 min   8h
}

// An explanation is data, for a page of one's own.
func ExampleExplanation() {
	e, _ := sla.Explain(30*time.Minute, whitsun(), time.Date(2026, 5, 26, 6, 30, 0, 0, time.UTC), nil)
	text, _ := json.MarshalIndent(e, "", "  ")
	fmt.Println(string(text))
	// Output:
	// {
	//   "within": "30m",
	//   "calendar": "support",
	//   "zone": "Europe/Berlin",
	//   "start": "2026-05-26T08:30:00+02:00",
	//   "due": "2026-05-26T09:30:00+02:00",
	//   "segments": [
	//     {
	//       "from": "2026-05-26T08:30:00+02:00",
	//       "until": "2026-05-26T09:00:00+02:00",
	//       "kind": "closed",
	//       "counted": "0s",
	//       "why": "outside hours"
	//     },
	//     {
	//       "from": "2026-05-26T09:00:00+02:00",
	//       "until": "2026-05-26T09:30:00+02:00",
	//       "kind": "counted",
	//       "counted": "30m"
	//     }
	//   ]
	// }
}

// Where does a clock stand? Here it is paused, and told with the deadline it would have if it were resumed now.
func ExampleClock_Explain() {
	support := whitsun()
	friday := time.Date(2026, 5, 22, 14, 30, 0, 0, time.UTC)
	clock, _ := sla.Start(sla.Within(sla.FirstResponse, time.Hour, "support"), support, friday)
	clock = clock.Pause(friday.Add(10 * time.Minute))

	st, err := clock.Explain(support, friday.Add(20*time.Minute), "waiting for the customer")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(st.Used, "used,", st.Left, "left")
	fmt.Println(st)

	clock = clock.Meet(friday.Add(25 * time.Minute))
	st, _ = clock.Explain(support, friday.AddDate(0, 1, 0), "waiting for the customer")
	fmt.Println(st.State, "with", st.Left, "left")
	// Output:
	// 10m used, 50m left
	// first response at Fri 2026-05-22 16:50: paused since Fri 2026-05-22 16:40, 10 min used, 50 min left; if it ran on now, due Tue 2026-05-26 09:40 Europe/Berlin: 60 min of support hours; paused 10 min waiting for the customer; closed Fri 17:00 - Tue 09:00; Mon is Whit Monday
	// met with 50m left
}

func ExampleStanding_Text() {
	support := whitsun()
	clock, _ := sla.Start(sla.Within(sla.FirstResponse, time.Hour, "support"), support, time.Date(2026, 5, 22, 14, 0, 0, 0, time.UTC))
	clock = clock.Meet(time.Date(2026, 5, 26, 8, 0, 0, 0, time.UTC))
	st, _ := clock.Explain(support, clock.EndedAt)
	fmt.Print(st.Text())
	// Output:
	// first response at Tue 2026-05-26 10:00: breached Fri 2026-05-22 17:00, ended Tue 2026-05-26 10:00, 89h late (60 min of support hours)
	//
	// due   Fri 2026-05-22 17:00
	// from  Fri 2026-05-22 16:00
	//       60 min of support hours, times in Europe/Berlin (UTC+2)
	//
	// from                   until           counted     sum
	// Fri 2026-05-22  16:00  17:00  counted   60 min  60 min
}

func ExampleTimeline() {
	support := whitsun()
	friday := time.Date(2026, 5, 22, 14, 30, 0, 0, time.UTC)
	acknowledge, _ := sla.Start(sla.Within(sla.Acknowledge, 15*time.Minute, ""), nil, friday)
	acknowledge = acknowledge.Meet(friday.Add(2 * time.Minute))
	response, _ := sla.Start(sla.Target{
		Kind: sla.FirstResponse, Within: sla.Duration(time.Hour), Calendar: "support", Warn: []int{75},
	}, support, friday)
	response = response.Pause(friday.Add(10 * time.Minute))
	response, _ = response.Resume(support, friday.Add(15*time.Minute))
	response = response.WarnedOnce().Breach().Meet(time.Date(2026, 5, 26, 8, 0, 0, 0, time.UTC))

	berlin, _ := time.LoadLocation("Europe/Berlin")
	fmt.Print(sla.Timeline([]sla.Clock{acknowledge, response}, func(c sla.Clock) *sla.Schedule {
		return map[string]*sla.Schedule{"support": support}[c.Target.Calendar]
	}, berlin))
	// Output:
	// times in Europe/Berlin (UTC+2)
	//
	// Fri 2026-05-22  16:30  acknowledge     started: 15 min around the clock, due Fri 2026-05-22 16:45
	//                 16:30  first response  started: 60 min of support hours, due Tue 2026-05-26 09:30
	//                 16:32  acknowledge     met, 13 min left
	//                 16:40  first response  paused, 50 min left
	//                 16:45  first response  resumed, due Tue 2026-05-26 09:35
	// Tue 2026-05-26  09:20  first response  warned at 75 %, 15 min left
	//                 09:35  first response  breached
	//                 10:00  first response  ended 25 min late
}
