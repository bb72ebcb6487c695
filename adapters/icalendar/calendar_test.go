package icalendar_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/teambition/rrule-go"

	"github.com/answerable-go/answerable/adapters/icalendar"
	"github.com/answerable-go/answerable/sla"
)

func date(t testing.TB, s string) sla.Date {
	t.Helper()
	d, err := sla.ParseDate(s)
	require.NoError(t, err)
	return d
}

// list writes the days from one to another as "2026-12-25 Christmas Day".
func list(t testing.TB, h sla.Holidays, from, until string) []string {
	t.Helper()
	days, err := h.Holidays(date(t, from), date(t, until))
	require.NoError(t, err)
	var lines []string
	for _, d := range days {
		require.Empty(t, d.Hours)
		lines = append(lines, strings.TrimSpace(d.Date.String()+" "+d.Name))
	}
	return lines
}

// file wraps lines into a calendar with one event for each argument.
func file(events ...string) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\n")
	for _, e := range events {
		b.WriteString("BEGIN:VEVENT\n" + e + "\nEND:VEVENT\n")
	}
	return b.String() + "END:VCALENDAR\n"
}

func read(t testing.TB, text string) *icalendar.Calendar {
	t.Helper()
	c, err := icalendar.Read(strings.NewReader(text), icalendar.Config{})
	require.NoError(t, err)
	return c
}

func TestACompanysCalendar(t *testing.T) {
	t.Parallel()
	c, err := icalendar.Open("testdata/company.ics", icalendar.Config{})
	require.NoError(t, err)
	require.Equal(t, 5, c.Events())
	require.Equal(t, 2, c.Ignored())
	want := []string{
		"2026-01-01 Betriebsruhe zwischen den Jahren",
		"2026-01-02 Inventur", // the second working day
		"2026-03-20 Umzug des Lagers", "2026-03-21 Umzug des Lagers", "2026-03-22 Umzug des Lagers", "2026-03-23 Umzug des Lagers",
		"2026-07-01 Inventur",
		"2026-09-11 Betriebsausflug (verlegt)",
	}
	for day := 24; day <= 31; day++ {
		want = append(want, fmt.Sprintf("2026-12-%d Betriebsruhe zwischen den Jahren", day))
	}
	require.Equal(t, want, list(t, c, "2026-01-01", "2026-12-31"))
	require.Equal(t, []string{"2024-09-06 Betriebsausflug"}, list(t, c, "2024-09-01", "2024-09-30"))
	require.Empty(t, list(t, c, "2025-09-01", "2025-09-30"), "left out by EXDATE")
	require.Equal(t, []string{"2027-09-03 Betriebsausflug"}, list(t, c, "2027-09-01", "2027-09-30"))

	t.Run("LF in place of CRLF, and a byte order mark", func(t *testing.T) {
		t.Parallel()
		text, err := os.ReadFile("testdata/company.ics")
		require.NoError(t, err)
		lf := read(t, "\xef\xbb\xbf"+strings.ReplaceAll(string(text), "\r\n", "\n"))
		require.Equal(t, want, list(t, lf, "2026-01-01", "2026-12-31"))
	})
	t.Run("only busy time", func(t *testing.T) {
		t.Parallel()
		c, err := icalendar.Open("testdata/company.ics", icalendar.Config{OnlyBusy: true})
		require.NoError(t, err)
		require.Empty(t, list(t, c, "2026-12-01", "2026-12-31"))
		require.Equal(t, 3, c.Ignored())
	})
}

func TestEvents(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		text string
		want string
	}{
		{"one day, without an end", file("DTSTART;VALUE=DATE:20260525\nSUMMARY:Whit Monday"), "2026-05-25 Whit Monday"},
		{"a date without VALUE=DATE", file("DTSTART:20260525"), "2026-05-25"},
		{"an end is not part of it", file("DTSTART:20260501\nDTEND:20260503\nSUMMARY:May"), "2026-05-01 May, 2026-05-02 May"},
		{"an end on the first day", file("DTSTART:20260501\nDTEND:20260501"), "2026-05-01"},
		{"a duration of days", file("DTSTART:20260501\nDURATION:P1DT1H"), "2026-05-01, 2026-05-02"},
		{"a duration of hours", file("DTSTART:20260501\nDURATION:PT24H"), "2026-05-01"},
		{"a duration of a week", file("DTSTART:20260522\nDURATION:P1W"), "2026-05-22, 2026-05-23, 2026-05-24, 2026-05-25, 2026-05-26, 2026-05-27, 2026-05-28"},
		{"a duration of nine days, of which the last is in the range", file("DTSTART:20260423\nDURATION:P9D"), "2026-05-01"},
		{"a timed event is ignored", file("DTSTART:20260501T100000Z\nDTEND:20260501T110000Z"), ""},
		{"a timed event may hold what is not understood", file("DTSTART:20260501T100000Z\nRRULE:FREQ=HOURLY"), ""},
		{"Outlook's whole days", file("DTSTART:20260501T000000\nDTEND:20260502T000000\nX-MICROSOFT-CDO-ALLDAYEVENT:TRUE"), "2026-05-01"},
		{"it begins before the range and reaches into it", file("DTSTART:20260401\nDTEND:20260503"), "2026-05-01, 2026-05-02"},
		{"it reaches beyond the range", file("DTSTART:20260630\nDTEND:20260703"), "2026-06-30"},
		{"a series of events longer than their interval", file("DTSTART:20260501\nDURATION:P2D\nRRULE:FREQ=DAILY;COUNT=2"), "2026-05-01, 2026-05-02, 2026-05-03"},
		{"UNTIL is part of it", file("DTSTART:20260501\nRRULE:FREQ=DAILY;UNTIL=20260502"), "2026-05-01, 2026-05-02"},
		{"a day left out, as Outlook writes it", file("DTSTART:20260501\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20260502T000000"), "2026-05-01, 2026-05-03"},
		{"days added", file("DTSTART:20260501\nRDATE;VALUE=DATE:20260510,20260511"), "2026-05-01, 2026-05-10, 2026-05-11"},
		{"two rules", file("DTSTART:20260501\nRRULE:FREQ=DAILY;COUNT=2\nRRULE:FREQ=WEEKLY;COUNT=2"), "2026-05-01, 2026-05-02, 2026-05-08"},
		{"what is cancelled may hold what is not understood", file("DTSTART:20260501\nSTATUS:CANCELLED\nEXRULE:FREQ=DAILY"), ""},
		{"a day of a series that is cancelled", file(
			"UID:a\nDTSTART:20260501\nRRULE:FREQ=DAILY;COUNT=3",
			"UID:a\nRECURRENCE-ID:20260502\nDTSTART:20260502\nSTATUS:CANCELLED"), "2026-05-01, 2026-05-03"},
		{"two days of a series that are cancelled", file(
			"UID:a\nDTSTART:20260501\nRRULE:FREQ=DAILY;COUNT=4",
			"UID:a\nRECURRENCE-ID:20260502\nDTSTART:20260502\nSTATUS:CANCELLED",
			"UID:a\nRECURRENCE-ID:20260503\nDTSTART:20260503\nSTATUS:CANCELLED"), "2026-05-01, 2026-05-04"},
		{"a day of a series that becomes a timed event", file(
			"UID:a\nRECURRENCE-ID:20260502\nDTSTART:20260502T100000Z",
			"UID:a\nDTSTART:20260501\nRRULE:FREQ=DAILY;COUNT=3"), "2026-05-01, 2026-05-03"},
		{"a day of a series that has another name", file(
			"UID:a\nDTSTART:20260501\nRRULE:FREQ=DAILY;COUNT=2",
			"UID:a\nRECURRENCE-ID:20260502\nDTSTART:20260502\nSUMMARY:Moved"), "2026-05-01, 2026-05-02 Moved"},
		{"without a UID there are no versions", file("DTSTART:20260501", "DTSTART:20260502\nSEQUENCE:1"), "2026-05-01, 2026-05-02"},
		{"of two versions the newer counts", file("UID:a\nDTSTART:20260502\nSEQUENCE:2", "UID:a\nDTSTART:20260501\nSEQUENCE:1"), "2026-05-02"},
		{"a newer version that is cancelled", file("UID:a\nDTSTART:20260502", "UID:a\nDTSTART:20260502\nSEQUENCE:1\nSTATUS:CANCELLED"), ""},
		{"a writer who gives all events the same UID", file("UID:a\nDTSTART:20260501", "UID:a\nDTSTART:20260502"), "2026-05-01, 2026-05-02"},
		{"events that share a day", file("DTSTART:20260501\nSUMMARY:A", "DTSTART:20260501\nSUMMARY:B", "DTSTART:20260501\nSUMMARY:A"), "2026-05-01 A, B"},
		{"escapes, and a name on two lines", file(`DTSTART:20260501` + "\n" + `SUMMARY:Fest\, Tanz\nund \\o/`), `2026-05-01 Fest, Tanz und \o/`},
		{"folded within a letter", file("DTSTART:20260501\nSUMMARY:J\xc3\n \xbcrg"), "2026-05-01 Jürg"},
		{"folded with a tab, and lower case", file("dtstart;value=date:2026\n\t0501"), "2026-05-01"},
		{"a quoted parameter with a colon", file(`DTSTART;X-A="b:c;d",e;VALUE=DATE:20260501`), "2026-05-01"},
		{"bytes that are no UTF-8", file("DTSTART:20260501\nSUMMARY:a\xffb"), "2026-05-01 a\uFFFDb"},
		{"two calendars in one file", file("DTSTART:20260501") + "\n" + file("DTSTART:20260502"), "2026-05-01, 2026-05-02"},
		{"an alarm's properties are not the event's", file("DTSTART:20260501\nBEGIN:VALARM\nSUMMARY:x\nDTSTART:nonsense\nEND:VALARM"), "2026-05-01"},
		{"what is no event", "BEGIN:VCALENDAR\nBEGIN:VTODO\nDTSTART:20260501\nEND:VTODO\nEND:VCALENDAR", ""},
		{"an event within what is none", "BEGIN:VCALENDAR\nBEGIN:X\nBEGIN:VEVENT\nDTSTART:20260501\nEND:VEVENT\nEND:X\nEND:VCALENDAR", ""},
		{"an empty calendar", "BEGIN:VCALENDAR\nEND:VCALENDAR", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, strings.Join(list(t, read(t, tt.text), "2026-05-01", "2026-06-30"), ", "))
		})
	}
}

func TestProblemsNameTheLine(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, problem string }{
		{"a web page", "<!DOCTYPE html>\n<html>", `line 1: "<!DOCTYPE html>" begins with no name; is this an iCalendar file?`},
		{"nothing", "", "there is no BEGIN:VCALENDAR"},
		{"other text", "Hello: world", "line 1: found HELLO where BEGIN:VCALENDAR is expected"},
		{"cut off", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260501", "line 2: BEGIN:VEVENT has no END; is the file cut off?"},
		{"ends crossed", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR", "line 3: END:VCALENDAR where END:VEVENT is expected, for line 2"},
		{"no start", file("SUMMARY:x"), "line 2: the event has 0 DTSTART; it must have one"},
		{"two starts", file("DTSTART:20260501\nDTSTART:20260502"), "line 2: the event has 2 DTSTART"},
		{"no day", file("DTSTART:20260230"), `line 3: DTSTART: "20260230" is no day; it must be like 20261225`},
		{"no time", file("DTSTART:20260501T25"), `line 3: DTSTART: "20260501T25" is no day`},
		{"a time on no day", file("DTSTART:20260230T090000Z"), `line 3: DTSTART: "20260230T090000Z" is no day`},
		{"ends before it begins", file("DTSTART:20260502\nDTEND:20260501"), "line 4: DTEND makes the event -1 days long; it must be from 1 to 3660"},
		{"too long", file("DTSTART:20260502\nDTEND:20960501"), "line 4: DTEND makes the event 25567 days long; it must be from 1 to 3660"},
		{"a month's duration", file("DTSTART:20260502\nDURATION:P1M"), `line 4: DURATION is "P1M"; of whole days it must be like P1D or P2W`},
		{"a duration below nothing", file("DTSTART:20260502\nDURATION:P-1D"), `line 4: DURATION is "P-1D"`},
		{"a number without a unit before the hours", file("DTSTART:20260502\nDURATION:P1T2H"), `line 4: DURATION is "P1T2H"`},
		{"days twice", file("DTSTART:20260502\nDURATION:P1D1D"), `line 4: DURATION is "P1D1D"`},
		{"an event without a calendar", "BEGIN:VEVENT\nDTSTART:20260501\nEND:VEVENT", "line 1: found BEGIN where BEGIN:VCALENDAR is expected"},
		{"two properties of an event", file("DTSTART:20260502\nSUMMARY\nUID"), "line 5: UID has no colon"},
		{"a long line that is none", file("DTSTART:20260502\n" + strings.Repeat("-", 1000)), "line 4: " + strings.Repeat("-", 40) + "... has no colon"},
		{"no colon", file("DTSTART:20260502\nSUMMARY"), `line 4: SUMMARY has no colon before its value: "SUMMARY"`},
		{"a quotation without an end", file(`DTSTART;X="a:20260502`), `line 3: DTSTART has a parameter that is not like NAME=value or NAME="value": ";X=\"a:20260502"`},
		{"a parameter without a value", file("DTSTART;X:20260502"), `line 3: DTSTART has a parameter that is not like NAME=value or NAME="value": ";X:20260502"`},
		{"the line after folded ones", file("DTSTART:20260502\nSUMMARY:a\n b\n c\nRRULE:FREQ=NEVER"), `line 7: RRULE: "FREQ=NEVER": undefined frequency: NEVER`},
		{"EXRULE", file("DTSTART:20260502\nEXRULE:FREQ=DAILY"), "line 4: EXRULE is not supported; list the days with EXDATE"},
		{"this and future", file("DTSTART:20260502\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260502"), "line 4: RECURRENCE-ID with a RANGE is not supported"},
		{"something before the first name", "BEGIN:VCALENDAR\nBEGIN:VEVENT\n{DTSTART:20260501\nEND:VEVENT\nEND:VCALENDAR", `line 3: "{DTSTART:20260501" begins with no name`},
		{"something before a parameter's name", file("DTSTART;{X=a:20260501"), "line 3: DTSTART has a parameter that is not like"},
		{"a backslash that hides the colon", file(`DTSTART;X=\:20260501;Y=a:20260502`), "line 3: DTSTART has a parameter that is not like"},
		{"many parameters", file("DTSTART" + strings.Repeat(";X=a", 101) + ":20260501"), "line 3: DTSTART has more than 100 parameters"},
		{"a parameter of many values", file("DTSTART;X=a" + strings.Repeat(",a", 100) + ":20260501"), "line 3: DTSTART has more than 100 parameters"},
		{"cut off after an event", strings.TrimSuffix(file("DTSTART:20260501"), "END:VCALENDAR\n"), "line 1: BEGIN:VCALENDAR has no END; is the file cut off?"},
		{"a calendar in a calendar", "BEGIN:VCALENDAR\nBEGIN:VCAL\n ENDAR\nEND:VCALENDAR\nEND:VCALENDAR", "line 2: BEGIN:VCALENDAR within the calendar of line 1"},
		{"more after the end", file("DTSTART:20260501") + "DTSTART:20260502", "line 6: found DTSTART where BEGIN:VCALENDAR is expected"},
		{"the second of two calendars", file("DTSTART:20260501") + "\n" + file("DTSTART:x"), `line 9: DTSTART: "x" is no day`},
		{"lines that are empty, or continue empty ones", "BEGIN:VCALENDAR\r\n\r\n \r\n\t\r\nBEGIN:VEVENT\r\n\r\n DT\r\n START:x\r\nEND:VEVENT\r\nEND:VCALENDAR", `line 6: DTSTART: "x" is no day`},
		{"too deep", "BEGIN:VCALENDAR\n" + strings.Repeat("BEGIN:X\n", 100), "line 17: components lie more than 16 deep"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := icalendar.Read(strings.NewReader(tt.text), icalendar.Config{})
			require.Nil(t, c)
			require.ErrorContains(t, err, tt.problem)
			var le *icalendar.LineError
			require.Equal(t, strings.Contains(tt.problem, "line "), errors.As(err, &le))
		})
	}
	for _, tt := range []struct{ rule, problem string }{
		{"FREQ=HOURLY", `FREQ is "HOURLY"`},
		{"INTERVAL=2", `"INTERVAL=2": RRULE property FREQ is required`},
		{"FREQ=DAILY;INTERVAL=0", "INTERVAL is 0; it must be a number from 1 to 36525"},
		{"FREQ=DAILY;COUNT=x", `"FREQ=DAILY;COUNT=X": strconv.Atoi: parsing "X"`},
		{"FREQ=DAILY;COUNT=0", "COUNT is 0; it must be a number from 1 to 1000000"},
		{"FREQ=DAILY;INTERVAL=36526", "INTERVAL is 36526"},
		{"FREQ=DAILY;COUNT=1000001", "COUNT is 1000001"},
		{"FREQ=DAILY;DTSTART=20260101", `"DTSTART" is not known`},
		{"FREQ=MONTHLY;BYDAY=6MO", "BYDAY has +6MO; here weekdays count to 5, or to -5 from the end"},
		{"FREQ=YEARLY;BYMONTH=12;BYDAY=53MO", "BYDAY has +53MO; here weekdays count to 5"},
		{"FREQ=MONTHLY;BYDAY=-6MO", "BYDAY has -6MO"},
		{"FREQ=DAILY;FREQ=DAILY", "FREQ is given twice"},
		{"FREQ=DAILY;UNTIL=soon", `"FREQ=DAILY;UNTIL=SOON": parsing time "SOON"`},
		{"FREQ=DAILY;WKST=XX", `"FREQ=DAILY;WKST=XX": undefined weekday: XX`},
		{"FREQ=DAILY;WKST=1MO", `WKST is "+1MO", which is no weekday`},
		{"FREQ=YEARLY;BYWEEKNO=1", "BYWEEKNO is not supported; list the days with RDATE"},
		{"FREQ=DAILY;BYDAY=1MO", "BYDAY counts weekdays, which only"},
		{"FREQ=YEARLY;BYDAY=0MO", `BYDAY has "0MO"; weekdays count from 1`},
		{"FREQ=YEARLY;BYDAY=M", `"FREQ=YEARLY;BYDAY=M": undefined weekday: M`},
		{"FREQ=YEARLY;BYDAY=99MO", "BYDAY has +99MO; here weekdays count to 53"},
		{"FREQ=MONTHLY;BYYEARDAY=1", "BYYEARDAY goes with FREQ=YEARLY only"},
		{"FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY does not go with FREQ=WEEKLY"},
		{"FREQ=YEARLY;BYMONTHDAY=0", `"FREQ=YEARLY;BYMONTHDAY=0": bymonthday must be between 1 and 31 or -1 and -31`},
		{"FREQ=YEARLY;BYEASTER=0", `"BYEASTER" is not known`},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			_, err := icalendar.Read(strings.NewReader(file("DTSTART:20260501\nRRULE:"+tt.rule)), icalendar.Config{})
			require.ErrorContains(t, err, "line 4: RRULE: "+tt.problem)
		})
	}
	t.Run("all problems at once, to twenty", func(t *testing.T) {
		t.Parallel()
		_, err := icalendar.Read(strings.NewReader(file(strings.Split(strings.Repeat("DTSTART:x,", 100), ",")[:100]...)), icalendar.Config{})
		require.Len(t, strings.Split(err.Error(), "\n"), 20)
	})
}

func TestBounds(t *testing.T) {
	t.Parallel()
	t.Run("bytes", func(t *testing.T) {
		t.Parallel()
		text := file("DTSTART:20260501")
		_, err := icalendar.Read(strings.NewReader(text), icalendar.Config{MaxBytes: int64(len(text))})
		require.NoError(t, err)
		_, err = icalendar.Read(strings.NewReader(text+" "), icalendar.Config{MaxBytes: int64(len(text))})
		require.ErrorContains(t, err, "more than")
		_, err = icalendar.Read(strings.NewReader(text), icalendar.Config{MaxBytes: -1})
		require.ErrorContains(t, err, "MaxBytes is -1")
	})
	t.Run("events", func(t *testing.T) {
		t.Parallel()
		_, err := icalendar.Read(strings.NewReader(file("DTSTART:20260501", "DTSTART:20260502")), icalendar.Config{MaxEvents: 1})
		require.ErrorContains(t, err, "line 5: there are more than 1 events; raise MaxEvents")
	})
	t.Run("dates", func(t *testing.T) {
		t.Parallel()
		dates := "DTSTART:20260501\nEXDATE:" + strings.Repeat("20260501,", 49_999) + "20260501\nRDATE:" + strings.Repeat("20260503,", 49_999) + "20260502"
		require.Equal(t, []string{"2026-05-02", "2026-05-03"}, list(t, read(t, file(dates)), "2026-05-01", "2026-06-30"))
		_, err := icalendar.Read(strings.NewReader(file(dates+",20260503")), icalendar.Config{})
		require.ErrorContains(t, err, "line 5: the file has more than 100000 dates of EXDATE and RDATE")
	})
	t.Run("as much as there may be", func(t *testing.T) {
		t.Parallel()
		name := strings.Repeat("ä", 200)
		c := read(t, file("DTSTART:20260501\nSUMMARY:"+name+"\nRRULE:FREQ=DAILY;INTERVAL=36525;COUNT=1000000", "DTSTART:20260501\nDURATION:P3660D"))
		require.Equal(t, []string{"2026-05-01 " + name}, list(t, c, "2026-05-01", "2026-05-01"))
		require.Len(t, list(t, c, "2026-05-01", "2046-05-01"), 3660)
		c = read(t, file("DTSTART:20260501\nSUMMARY:"+name+"ö"))
		require.Equal(t, []string{"2026-05-01 " + name + "..."}, list(t, c, "2026-05-01", "2026-05-01"))
	})
	t.Run("names of a day", func(t *testing.T) {
		t.Parallel()
		var events, names []string
		for i := range 12 {
			names = append(names, fmt.Sprint("n", i))
			events = append(events, "DTSTART:20260501\nSUMMARY:"+names[i])
		}
		require.Equal(t, []string{"2026-05-01 " + strings.Join(names[:10], ", ")}, list(t, read(t, file(events...)), "2026-05-01", "2026-06-30"))
	})
	t.Run("the work of hostile rules", func(t *testing.T) {
		t.Parallel()
		if testing.Short() {
			t.Skip("it takes long, and all the longer under the race detector")
		}
		for _, event := range []string{
			"DTSTART:00010101\nRRULE:FREQ=DAILY;COUNT=1000000;BYMONTH=2;BYMONTHDAY=30",    // never
			"DTSTART:00010101\nDURATION:P3660D\nRRULE:FREQ=DAILY",                         // always, ten years each
			"DTSTART:00010101\nRRULE:FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU",              // always
			"DTSTART:99991231\nRRULE:FREQ=YEARLY;INTERVAL=36525;COUNT=1000000",            // after the end of days
			"DTSTART:00010101\nRRULE:FREQ=MONTHLY;INTERVAL=36525;BYMONTHDAY=31;BYMONTH=2", // never, in long steps
			"DTSTART:00010101\nRDATE:" + strings.Repeat("20260501,", 90_000) + "20260502", // the same day, often
		} {
			// Too much work for some of them; none goes on for ever.
			_, _ = read(t, file(event)).Holidays(date(t, "0001-01-01"), date(t, "9999-12-31"))
		}
		never := slices.Repeat([]string{"DTSTART:20260101\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, 100)
		require.Len(t, list(t, read(t, file(append(never, "DTSTART:20260101\nRRULE:FREQ=YEARLY")...)), "2026-01-01", "2035-12-31"), 10,
			"a hundred rules that never come true do no harm")
		for rule, events := range map[string]int{
			"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30": 300, "FREQ=DAILY;UNTIL=20260102;BYMONTH=2;BYMONTHDAY=30": 300, "FREQ=WEEKLY;BYSETPOS=2": 300,
			"FREQ=DAILY;INTERVAL=36525": 1000,
		} {
			c := read(t, file(slices.Repeat([]string{"DTSTART:20260101\nRRULE:" + rule}, events)...))
			_, err := c.Holidays(date(t, "2026-01-01"), date(t, "2035-12-31"))
			require.ErrorContains(t, err, "the recurrence rules take too much work", rule)
		}
		c := read(t, file(slices.Repeat([]string{"DTSTART:00010101\nRRULE:FREQ=DAILY;COUNT=1000000;BYMONTH=2;BYMONTHDAY=30"}, 200)...))
		_, err := c.Holidays(date(t, "2026-01-01"), date(t, "9999-12-31"))
		require.ErrorContains(t, err, "the recurrence rules take too much work")
		var le *icalendar.LineError
		require.ErrorAs(t, err, &le)
	})
	t.Run("a line of many parameters, each of which the library copies", func(t *testing.T) {
		t.Parallel()
		_, err := icalendar.Read(strings.NewReader(file("DTSTART"+strings.Repeat(";X=a", 100_000)+":20260501")), icalendar.Config{})
		require.ErrorContains(t, err, "more than 100 parameters")
		_, err = icalendar.Read(strings.NewReader(file("DTSTART:20260501\nSUMMARY"+strings.Repeat(";X=a", 100)+":"+strings.Repeat("a", 400_000))), icalendar.Config{})
		require.NoError(t, err)
	})
	t.Run("from and until", func(t *testing.T) {
		t.Parallel()
		c := read(t, file("DTSTART:20260501"))
		_, err := c.Holidays(sla.Date{}, date(t, "2026-01-01"))
		require.ErrorContains(t, err, "both must be days that exist")
		require.Empty(t, list(t, c, "2026-05-02", "2026-05-01"))
		require.Empty(t, list(t, new(icalendar.Calendar), "2026-05-01", "2026-05-02"))
	})
	t.Run("a file that is not there", func(t *testing.T) {
		t.Parallel()
		_, err := icalendar.Open("testdata/none.ics", icalendar.Config{})
		require.ErrorIs(t, err, os.ErrNotExist)
	})
}

// Where the library understands a rule otherwise than RFC 5545, or stops too early, it is asked in another way.
func TestRulesThatTheLibraryMisreads(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, event, from, until, want string }{
		{"each Saturday and the last Sunday", "DTSTART:20260501\nRRULE:FREQ=MONTHLY;BYDAY=SA,-1SU", "2026-05-01", "2026-05-31", "2 9 16 23 30 31"},
		{"the same with a count", "DTSTART:20260501\nRRULE:FREQ=MONTHLY;COUNT=6;BYDAY=SA,-1SU", "2026-05-01", "2026-12-31", "2 9 16 23 30 31"},
		{"the same with positions", "DTSTART:20260501\nRRULE:FREQ=MONTHLY;BYDAY=SA,-1SU;BYSETPOS=1,-1", "2026-05-01", "2026-05-31", "2 31"},
		{"the same in a month of a year", "DTSTART:20260501\nRRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=SA,-1SU", "2026-05-01", "2027-04-30", "2 9 16 23 30 31"},
		{"all Fridays of a year and its first Monday", "DTSTART:20260101\nRRULE:FREQ=YEARLY;BYDAY=FR,1MO", "2026-01-01", "2026-01-31", "2 5 9 16 23 30"},
		{"the last Fridays of such a year", "DTSTART:20260101\nRRULE:FREQ=YEARLY;BYDAY=FR,1MO", "2026-12-15", "2026-12-31", "18 25"},
		{"positions count from the week's beginning, also in the first", "DTSTART:20260506\nRRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1", "2026-05-01", "2026-05-20", "11 18"},
		{"so they do with a count", "DTSTART:20260506\nRRULE:FREQ=WEEKLY;COUNT=3;BYDAY=MO,WE,FR;BYSETPOS=2,3", "2026-05-01", "2026-05-31", "6 8 13"},
		{"a week that begins on Wednesday", "DTSTART:20260505\nRRULE:FREQ=WEEKLY;INTERVAL=2;WKST=WE;BYDAY=TU,WE", "2026-05-01", "2026-05-31", "5 13 19 27"},
		{"more than 292 years after the first", "DTSTART:16010501\nRRULE:FREQ=YEARLY", "2026-05-01", "2026-05-31", "1"},
		{"so with a count", "DTSTART:16010501\nRRULE:FREQ=YEARLY;COUNT=426", "2026-05-01", "2027-05-31", "1"},
		{"from the first day there is to the last", "DTSTART:00010101\nRRULE:FREQ=YEARLY;COUNT=9998", "9998-01-01", "9999-12-31", "1"},
		{"from the first day there is", "DTSTART:00010101\nRRULE:FREQ=YEARLY", "0001-01-01", "0002-12-31", "1 1"},
		{"to the last", "DTSTART:99981231\nRRULE:FREQ=YEARLY", "9998-01-01", "9999-12-31", "31 31"},
		{"until the first day there is", "DTSTART:20260501\nRRULE:FREQ=DAILY;UNTIL=00010101", "2026-05-01", "2026-05-31", ""},
		{"UNTIL before the first day", "DTSTART:20260501\nRRULE:FREQ=DAILY;UNTIL=20260430T235959Z", "2026-05-01", "2026-05-31", ""},
		{"UNTIL late on a day before 1970", "DTSTART:19691230\nRRULE:FREQ=DAILY;UNTIL=19691231T235900Z", "1969-12-01", "1970-01-31", "30 31"},
		{"asked for a single day", "DTSTART:20260501\nRRULE:FREQ=DAILY", "2026-05-04", "2026-05-04", "4"},
		{"every other year, long after the first", "DTSTART:20060501\nRRULE:FREQ=YEARLY;INTERVAL=2", "2018-05-01", "2018-05-31", "1"},
		{"a numbered weekday with its sign", "DTSTART:20260101\nRRULE:FREQ=YEARLY;BYDAY=+9MO", "2026-01-01", "2026-12-31", "2"},
		{"hours are ignored", "DTSTART:20260501\nRRULE:FREQ=DAILY;COUNT=2;BYHOUR=9,17;BYMINUTE=0;BYSECOND=0,30", "2026-05-01", "2026-05-31", "1 2"},
		{"29 February", "DTSTART:20240229\nRRULE:FREQ=YEARLY", "2025-01-01", "2032-12-31", "29 29"},
		{"29 February after a century without", "DTSTART:18960229\nRRULE:FREQ=YEARLY", "1897-01-01", "1908-12-31", "29 29"},
		{"a semicolon at the end", "DTSTART:20260501\nRRULE:FREQ=DAILY;COUNT=2;", "2026-05-01", "2026-05-31", "1 2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var days []string
			for _, day := range list(t, read(t, file(tt.event)), tt.from, tt.until) {
				days = append(days, strings.TrimPrefix(day[len("2026-05-"):], "0"))
			}
			require.Equal(t, tt.want, strings.Join(days, " "))
		})
	}
}

// randomRule is one that the library understands without help, and that comes true in the sixties of a century.
func randomRule(rng *rand.Rand) string {
	pick := func(list ...string) string { return list[rng.Intn(len(list))] }
	freq := pick("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
	parts := []string{"FREQ=" + freq}
	add := func(chance int, part string) {
		if rng.Intn(chance) == 0 {
			parts = append(parts, part)
		}
	}
	add(2, fmt.Sprint("INTERVAL=", 1+rng.Intn(6)))
	add(3, fmt.Sprint("COUNT=", 1+rng.Intn(40)))
	add(3, fmt.Sprintf("UNTIL=99%02d%02d%02d", 54+rng.Intn(8), 1+rng.Intn(12), 1+rng.Intn(28)))
	add(4, "WKST="+pick("SU", "MO", "WE"))
	add(3, "BYMONTH="+pick("1", "2", "3,9", "12,1", "6"))
	if freq != "WEEKLY" {
		add(3, "BYMONTHDAY="+pick("1", "-1", "13", "31", "29,30", "-31,5"))
		add(4, "BYSETPOS="+pick("1", "-1", "2", "1,-1", "3"))
	}
	if freq == "YEARLY" {
		add(4, "BYYEARDAY="+pick("1", "-1", "60", "366", "-366,100"))
	}
	if freq == "YEARLY" || freq == "MONTHLY" {
		add(2, "BYDAY="+pick("MO", "1MO", "-1SU", "2TU,4TU", "5FR", "MO,TU,WE,TH,FR", "1SA,-1SU"))
	} else {
		add(2, "BYDAY="+pick("MO", "SA,SU", "MO,TU,WE,TH,FR", "WE"))
	}
	return strings.Join(parts, ";")
}

// Asked about the same rule in plain words, from its first day and in years after which soon there are none, the library says
// the same as with all that is done here to bound its work. The calendar repeats itself every 400 years.
func TestRulesInPlainWords(t *testing.T) {
	t.Parallel()
	const years = 20 * 400
	rng := rand.New(rand.NewSource(1))
	for range 1500 {
		text := randomRule(rng)
		start := time.Date(9950+rng.Intn(8), time.Month(1+rng.Intn(12)), 1+rng.Intn(28), 0, 0, 0, 0, time.UTC)
		from := start.AddDate(0, 0, rng.Intn(1500)-300)
		until := from.AddDate(0, 0, rng.Intn(1200))

		option, err := rrule.StrToROption(text)
		require.NoError(t, err)
		option.Dtstart = start
		r, err := rrule.NewRRule(*option)
		require.NoError(t, err)
		var want []string
		for _, day := range r.Between(from, until, true) {
			want = append(want, day.AddDate(-years, 0, 0).Format(time.DateOnly))
		}
		text = strings.Replace(text, "UNTIL=99", "UNTIL=19", 1)
		c := read(t, file("DTSTART:"+start.AddDate(-years, 0, 0).Format("20060102")+"\nRRULE:"+text))
		got := list(t, c, from.AddDate(-years, 0, 0).Format(time.DateOnly), until.AddDate(-years, 0, 0).Format(time.DateOnly))
		require.Equal(t, want, got, "%s from %s", text, start)
	}
}

// A file of 1,000 yearly series since 2000, and the days of ten years.
func BenchmarkTenYears(b *testing.B) {
	var events []string
	for i := range 1000 {
		events = append(events, fmt.Sprintf("UID:%d@example.com\nDTSTAMP:20200101T000000Z\nDTSTART;VALUE=DATE:2000%02d%02d\nRRULE:FREQ=YEARLY\nSUMMARY:Day %d\nDESCRIPTION:a\\, b", i, 1+i%12, 1+i%28, i))
	}
	text := file(events...)
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			read(b, text)
		}
	})
	b.Run("list", func(b *testing.B) {
		c, from, until := read(b, text), date(b, "2026-01-01"), date(b, "2035-12-31")
		for b.Loop() {
			_, err := c.Holidays(from, until)
			require.NoError(b, err)
		}
	})
}

func FuzzRead(f *testing.F) {
	company, err := os.ReadFile("testdata/company.ics")
	require.NoError(f, err)
	f.Add(company)
	f.Add([]byte(file("UID:a\nDTSTART:20260501\nRRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=3\nEXDATE:20260529", "UID:a\nRECURRENCE-ID:20260626\nDTSTART:20260625T090000Z")))
	f.Add([]byte("\xef\xbb\xbfBEGIN:VCALENDAR\r\n\r\n \r\nEND:VCALENDAR"))
	f.Add([]byte(file("DTSTART;X=\"a\",b;VALUE=DATE:20260501\nDURATION:P1W2DT3H\nRDATE:20270101,20270102")))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := icalendar.Read(bytes.NewReader(data), icalendar.Config{MaxBytes: 1 << 16})
		if err != nil {
			require.Nil(t, c)
			return
		}
		days, err := c.Holidays(date(t, "2026-01-01"), date(t, "2027-12-31"))
		if err != nil {
			return
		}
		for i, d := range days {
			require.True(t, d.Date.Valid())
			require.True(t, d.Date.Year == 2026 || d.Date.Year == 2027)
			require.True(t, i == 0 || days[i-1].Date.Compare(d.Date) < 0)
		}
		// A part of the range has a part of the days.
		part, err := c.Holidays(date(t, "2026-06-01"), date(t, "2026-06-30"))
		require.NoError(t, err)
		n := 0
		for _, d := range days {
			if d.Date.Year == 2026 && d.Date.Month == time.June {
				require.Equal(t, d, part[n])
				n++
			}
		}
		require.Len(t, part, n)
	})
}
