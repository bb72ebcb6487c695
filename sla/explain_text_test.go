package sla_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/sla"
)

// holiday is a day without hours.
func holiday(t testing.TB, date, name string) sla.Exception {
	t.Helper()
	d, err := sla.ParseDate(date)
	require.NoError(t, err)
	return sla.Exception{Date: d, Name: name}
}

// text is a golden text, without the line break at its beginning.
func text(s string) string { return strings.TrimPrefix(s, "\n") }

func TestExplainTexts(t *testing.T) {
	t.Parallel()
	whit := holiday(t, "2026-05-25", "Whit Monday")
	night, err := sla.Calendar{Name: "night-hours", Zone: "Europe/Berlin", Hours: sla.Daily(sla.At(22, 0), sla.At(6, 0))}.Compile()
	require.NoError(t, err)
	eve := sla.Exception{Date: sla.Date{Year: 2026, Month: 12, Day: 24}, Name: "Christmas Eve", Hours: []sla.Range{{Open: sla.At(9, 0), Close: sla.At(12, 0)}}}
	christmas := supportHours(t, eve, holiday(t, "2026-12-25", "Christmas"), holiday(t, "2026-12-26", "Christmas"), holiday(t, "2026-12-28", ""))

	for _, tt := range []struct {
		name    string
		e       sla.Explanation
		line, s string
	}{
		{
			name: "G3 a long weekend with a pause",
			e: explain(t, time.Hour, supportHours(t, whit), berlin(t, "2026-05-22 14:00"),
				pausesOf(t, "2026-05-22 14:20:30", "2026-05-22 16:30:30"), "waiting for the customer"),
			line: "due Tue 2026-05-26 09:10 Europe/Berlin: 60 min of support hours; paused 2h10m waiting for the customer; closed Fri 17:00 - Tue 09:00; Mon is Whit Monday",
			s: `
due   Tue 2026-05-26 09:10
from  Fri 2026-05-22 14:00
      60 min of support hours, times in Europe/Berlin (UTC+2)

from                      until                                                             counted          sum
Fri 2026-05-22  14:00     14:20:30              counted                                 20 min 30 s  20 min 30 s
                14:20:30  16:30:30              paused 2h10m: waiting for the customer
                16:30:30  17:00                 counted                                 29 min 30 s       50 min
                17:00     Sun 2026-05-24 24:00  closed: outside hours
Mon 2026-05-25  00:00     24:00                 closed: Whit Monday
Tue 2026-05-26  00:00     09:00                 closed: outside hours
                09:00     09:10                 counted                                      10 min       60 min
`,
		},
		{
			name: "days with a name, with other hours, and without a name",
			e:    explain(t, 5*time.Hour, christmas, berlin(t, "2026-12-23 16:00"), nil),
			line: "due Tue 2026-12-29 10:00 Europe/Berlin: 5h of support hours; closed 17:00-09:00; Thu is Christmas Eve; closed Thu 12:00 - Tue 09:00; Fri - Sat is Christmas; closed on 2026-12-28",
			s: `
due   Tue 2026-12-29 10:00
from  Wed 2026-12-23 16:00
      5h of support hours, times in Europe/Berlin (UTC+1)

from                   until                                         counted     sum
Wed 2026-12-23  16:00  17:00                 counted                  60 min  60 min
                17:00  24:00                 closed: outside hours
Thu 2026-12-24  00:00  09:00                 closed: Christmas Eve
                09:00  12:00                 counted: Christmas Eve       3h      4h
                12:00  24:00                 closed: Christmas Eve
Fri 2026-12-25  00:00  Sat 2026-12-26 24:00  closed: Christmas
Sun 2026-12-27  00:00  24:00                 closed: outside hours
Mon 2026-12-28  00:00  24:00                 closed: 2026-12-28
Tue 2026-12-29  00:00  09:00                 closed: outside hours
                09:00  10:00                 counted                  60 min      5h
`,
		},
		{
			name: "G5 clocks went forward",
			e:    explain(t, 8*time.Hour, night, berlin(t, "2026-03-28 23:00"), nil),
			line: "due Mon 2026-03-30 00:00 Europe/Berlin: 8h of night hours; clocks went forward 1h on Sun; closed 06:00-22:00",
			s: `
due   Mon 2026-03-30 00:00
from  Sat 2026-03-28 23:00
      8h of night hours, times in Europe/Berlin (UTC+1)

from                   until                                                                      counted  sum
Sat 2026-03-28  23:00  Sun 2026-03-29 06:00  counted                                                   6h   6h
Sun 2026-03-29                               clocks went forward 1h, from 02:00 to 03:00 (UTC+2)
                06:00  22:00                 closed: outside hours
                22:00  24:00                 counted                                                   2h   8h
`,
		},
		{
			name: "G5 clocks went back",
			e:    explain(t, 4*time.Hour, night, berlin(t, "2026-10-24 23:00"), pausesOf(t, "2026-10-25 00:00", "2026-10-25 01:00")),
			line: "due Sun 2026-10-25 03:00 Europe/Berlin: 4h of night hours; paused 60 min; clocks went back 1h on Sun",
			s: `
due   Sun 2026-10-25 03:00
from  Sat 2026-10-24 23:00
      4h of night hours, times in Europe/Berlin (UTC+2)

from                   until                                                    counted     sum
Sat 2026-10-24  23:00  24:00  counted                                            60 min  60 min
Sun 2026-10-25  00:00  01:00  paused 60 min
                01:00  03:00  counted                                                3h      4h
                              clocks went back 1h, from 03:00 to 02:00 (UTC+1)
`,
		},
		{
			name: "around the clock",
			e:    explain(t, 90*time.Minute, nil, at(t, "2026-05-22T14:00:00Z"), nil),
			line: "due Fri 2026-05-22 15:30 UTC: 90 min around the clock",
			s: `
due   Fri 2026-05-22 15:30
from  Fri 2026-05-22 14:00
      90 min around the clock, times in UTC

from                   until           counted     sum
Fri 2026-05-22  14:00  15:30  counted   90 min  90 min
`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.line, tt.e.String())
			require.Equal(t, text(tt.s), tt.e.Text())
			var out bytes.Buffer
			n, err := tt.e.WriteTo(&out)
			require.NoError(t, err)
			require.Equal(t, tt.e.Text(), out.String())
			require.EqualValues(t, out.Len(), n)
		})
	}
}

func TestExplainLine(t *testing.T) {
	t.Parallel()
	t.Run("what happens every night is told once, and a line has an end", func(t *testing.T) {
		t.Parallel()
		e := explain(t, 30*time.Hour, supportHours(t), berlin(t, "2026-11-16 09:00"), nil)
		require.Equal(t, "due Thu 2026-11-19 15:00 Europe/Berlin: 30h of support hours; closed 17:00-09:00", e.String())

		var pauses []sla.Pause
		var why []string
		for i := range 20 {
			at := berlin(t, "2026-11-16 09:00").Add(time.Duration(i) * time.Minute)
			pauses = append(pauses, sla.Pause{From: at, Until: at.Add(time.Second)})
			why = append(why, strings.Repeat("x", i+1))
		}
		line := explain(t, time.Hour, supportHours(t), pauses[0].From, pauses, why...).String()
		require.Contains(t, line, "; paused 1 s x; paused 1 s xx;")
		require.True(t, strings.HasSuffix(line, "; paused 1 s xxxxxxxx; and 12 more"), line)
	})
	t.Run("a day that is far is told with its date", func(t *testing.T) {
		t.Parallel()
		e := explain(t, 80*time.Hour, supportHours(t, holiday(t, "2026-11-19", "Founding Day")), berlin(t, "2026-11-16 09:00"), nil)
		require.Contains(t, e.String(), "; Thu 2026-11-19 is Founding Day; closed Fri 2026-11-20 17:00 - Mon 2026-11-23 09:00; closed Fri 17:00 - Mon 09:00")
	})
	t.Run("begun and paused while closed, it does not say when closing was", func(t *testing.T) {
		t.Parallel()
		e := explain(t, time.Hour, supportHours(t), berlin(t, "2026-11-15 12:00"), pausesOf(t, "2026-11-16 02:00", "2026-11-16 03:00"))
		require.Equal(t, "due Mon 2026-11-16 10:00 Europe/Berlin: 60 min of support hours; closed until Mon 02:00; paused while closed; closed until 09:00", e.String())
	})
	t.Run("text from outside stays on its line", func(t *testing.T) {
		t.Parallel()
		start := berlin(t, "2026-05-22 16:30")
		s := supportHours(t, holiday(t, "2026-05-25", "Whit\n\x1b[31mMonday\u202e"))
		e := explain(t, time.Hour, s, start, []sla.Pause{{From: start, Until: start.Add(1)}}, "a\r\nb\x00c\xff")
		require.Equal(t, "Whit\n\x1b[31mMonday\u202e", e.Segments[3].Why, "data is as it was given")
		require.Contains(t, e.String(), "paused 0.000000001 s a  b c;")
		require.Contains(t, e.String(), "Mon is Whit  [31mMonday")
		for _, r := range e.String() + strings.ReplaceAll(e.Text(), "\n", "") {
			require.True(t, r >= ' ' && r != '\u202e' && r != 0x7f)
		}
	})
	t.Run("a night that a holiday takes is told by its name", func(t *testing.T) {
		t.Parallel()
		c := sla.Calendar{Zone: "Europe/Berlin", Hours: sla.Daily(sla.At(22, 0), sla.At(6, 0)), Exceptions: []sla.Exception{holiday(t, "2026-05-25", "Whit Monday")}}
		s, err := c.Compile()
		require.NoError(t, err)
		e := explain(t, 3*time.Hour, s, berlin(t, "2026-05-25 05:00"), nil)
		require.Equal(t, []string{
			"Mon 05:00:00 counted 1h", "Mon 06:00:00 closed (Whit Monday)", "Tue 06:00:00 closed (outside hours)",
			"Tue 22:00:00 counted 2h", "Wed 00:00:00 due",
		}, segmentsOf(e), "the range of Sunday runs to its end; that of Monday, until six on Tuesday, is the holiday's")
	})
}

func TestExplanationJSON(t *testing.T) {
	t.Parallel()
	e := explain(t, time.Hour, supportHours(t, holiday(t, "2026-05-25", "Whit Monday")), berlin(t, "2026-05-22 16:30"),
		pausesOf(t, "2026-05-22 16:40", "2026-05-22 16:50"), "waiting")
	got, err := json.Marshal(e)
	require.NoError(t, err)
	require.Equal(t, `{"within":"1h","calendar":"support","zone":"Europe/Berlin","start":"2026-05-22T16:30:00+02:00","due":"2026-05-26T09:40:00+02:00","segments":[`+
		`{"from":"2026-05-22T16:30:00+02:00","until":"2026-05-22T16:40:00+02:00","kind":"counted","counted":"10m"},`+
		`{"from":"2026-05-22T16:40:00+02:00","until":"2026-05-22T16:50:00+02:00","kind":"paused","counted":"0s","paused":"10m","why":"waiting"},`+
		`{"from":"2026-05-22T16:50:00+02:00","until":"2026-05-22T17:00:00+02:00","kind":"counted","counted":"10m"},`+
		`{"from":"2026-05-22T17:00:00+02:00","until":"2026-05-25T00:00:00+02:00","kind":"closed","counted":"0s","why":"outside hours"},`+
		`{"from":"2026-05-25T00:00:00+02:00","until":"2026-05-26T00:00:00+02:00","kind":"closed","counted":"0s","why":"Whit Monday"},`+
		`{"from":"2026-05-26T00:00:00+02:00","until":"2026-05-26T09:00:00+02:00","kind":"closed","counted":"0s","why":"outside hours"},`+
		`{"from":"2026-05-26T09:00:00+02:00","until":"2026-05-26T09:40:00+02:00","kind":"counted","counted":"40m"}]}`, string(got))

	t.Run("G2 an offset that RFC 3339 cannot write is told in UTC", func(t *testing.T) {
		t.Parallel()
		s, err := sla.Calendar{Zone: "Africa/Monrovia", Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0))}.Compile()
		require.NoError(t, err)
		e := explain(t, time.Hour, s, at(t, "1971-06-01T09:50:00Z"), nil) // 09:05:30 there
		got, err := json.Marshal(e)
		require.NoError(t, err)
		require.Contains(t, string(got), `"due":"1971-06-01T10:50:00Z"`)
		require.Contains(t, e.String(), "due Tue 1971-06-01 10:05:30 Africa/Monrovia")
	})
}
