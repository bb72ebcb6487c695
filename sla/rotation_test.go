package sla_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/sla"
)

// weekly has anna and ben take turns from Monday 2026-01-05, 09:00 in a zone.
func weekly(zone string) sla.Rotation {
	return sla.Rotation{
		Name: "support", Zone: zone, Start: day("2026-01-05"), HandOver: sla.At(9, 0),
		Days: sla.EveryWeek, Members: []string{"anna", "ben"},
	}
}

// daily has anna, ben and cleo take turns from a day on.
func daily(zone, start string, handOver sla.TimeOfDay) sla.Rotation {
	return sla.Rotation{
		Zone: zone, Start: day(start), HandOver: handOver, Days: sla.EveryDay, Members: []string{"anna", "ben", "cleo"},
	}
}

func day(s string) sla.Date {
	d, err := sla.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func override(t testing.TB, from, until, member string) sla.Override {
	t.Helper()
	return sla.Override{From: at(t, from), Until: at(t, until), Member: member}
}

func onCall(t testing.TB, r sla.Rotation) *sla.Rota {
	t.Helper()
	c, err := r.Compile()
	require.NoError(t, err)
	return c
}

// plan writes the shifts between two instants as "anna until 2026-01-12T08:00:00Z", and finds the same through At.
func plan(t testing.TB, r sla.Rotation, from, until string) []string {
	t.Helper()
	c := onCall(t, r)
	var lines []string
	for shift := range c.Shifts(at(t, from), at(t, until)) {
		member, end := c.At(shift.From)
		require.Equal(t, shift.Member, member)
		if end.IsZero() || end.After(at(t, until)) {
			end = at(t, until)
		}
		require.Equal(t, shift.Until, end)
		lines = append(lines, strings.TrimSpace(member+" until "+end.Format(time.RFC3339)))
	}
	return lines
}

func TestRotationPlan(t *testing.T) {
	t.Parallel()
	with := func(r sla.Rotation, change func(*sla.Rotation)) sla.Rotation {
		change(&r)
		return r
	}
	for _, tt := range []struct {
		name        string
		rotation    sla.Rotation
		from, until string
		want        []string
	}{
		{
			"before the start nobody is on call", weekly("Europe/Berlin"), "2026-01-01T00:00:00Z", "2026-01-20T00:00:00Z",
			[]string{"until 2026-01-05T08:00:00Z", "anna until 2026-01-12T08:00:00Z", "ben until 2026-01-19T08:00:00Z", "anna until 2026-01-20T00:00:00Z"},
		},
		{
			"a weekly hand-over stays at nine when the clocks go forward", weekly("Europe/Berlin"), "2026-03-25T00:00:00Z", "2026-04-07T00:00:00Z",
			[]string{"ben until 2026-03-30T07:00:00Z", "anna until 2026-04-06T07:00:00Z", "ben until 2026-04-07T00:00:00Z"},
		},
		{
			"a weekly hand-over stays at nine when the clocks go back", weekly("America/New_York"), "2026-10-26T13:00:00Z", "2026-11-10T00:00:00Z",
			[]string{"anna until 2026-11-02T14:00:00Z", "ben until 2026-11-09T14:00:00Z", "anna until 2026-11-10T00:00:00Z"},
		},
		{
			"a daily hand-over in skipped hours is the first instant after them", daily("America/New_York", "2026-03-07", sla.At(2, 30)), "2026-03-07T07:30:00Z", "2026-03-10T00:00:00Z",
			[]string{"anna until 2026-03-08T07:00:00Z", "ben until 2026-03-09T06:30:00Z", "cleo until 2026-03-10T00:00:00Z"},
		},
		{
			"a daily hand-over in hours that come twice is the first occurrence", daily("Europe/Berlin", "2026-10-24", sla.At(2, 30)), "2026-10-24T00:30:00Z", "2026-10-26T02:00:00Z",
			[]string{"anna until 2026-10-25T00:30:00Z", "ben until 2026-10-26T01:30:00Z", "cleo until 2026-10-26T02:00:00Z"},
		},
		{
			"half an hour is put back on Lord Howe", daily("Australia/Lord_Howe", "2026-04-04", sla.At(1, 45)), "2026-04-03T14:45:00Z", "2026-04-06T00:00:00Z",
			[]string{"anna until 2026-04-04T14:45:00Z", "ben until 2026-04-05T15:15:00Z", "cleo until 2026-04-06T00:00:00Z"},
		},
		{
			"half an hour is skipped on Lord Howe", daily("Australia/Lord_Howe", "2026-10-03", sla.At(2, 15)), "2026-10-02T15:45:00Z", "2026-10-05T00:00:00Z",
			[]string{"anna until 2026-10-03T15:30:00Z", "ben until 2026-10-04T15:15:00Z", "cleo until 2026-10-05T00:00:00Z"},
		},
		{
			"midnight is skipped in Beirut", daily("Asia/Beirut", "2026-03-28", 0), "2026-03-27T22:00:00Z", "2026-03-30T00:00:00Z",
			[]string{"anna until 2026-03-28T22:00:00Z", "ben until 2026-03-29T21:00:00Z", "cleo until 2026-03-30T00:00:00Z"},
		},
		{
			"midnight comes twice in Havana", daily("America/Havana", "2026-10-31", 0), "2026-10-31T04:00:00Z", "2026-11-02T06:00:00Z",
			[]string{"anna until 2026-11-01T04:00:00Z", "ben until 2026-11-02T05:00:00Z", "cleo until 2026-11-02T06:00:00Z"},
		},
		{
			"the turn of a day that Samoa skipped has the hours until the next hand-over", daily("Pacific/Apia", "2011-12-29", sla.At(9, 0)), "2011-12-29T19:00:00Z", "2012-01-01T00:00:00Z",
			[]string{"anna until 2011-12-30T10:00:00Z", "ben until 2011-12-30T19:00:00Z", "cleo until 2011-12-31T19:00:00Z", "anna until 2012-01-01T00:00:00Z"},
		},
		{
			"the turn of a day that Samoa skipped has no time if turns begin at midnight", daily("Pacific/Apia", "2011-12-29", 0), "2011-12-29T10:00:00Z", "2012-01-01T00:00:00Z",
			[]string{"anna until 2011-12-30T10:00:00Z", "cleo until 2011-12-31T10:00:00Z", "anna until 2012-01-01T00:00:00Z"},
		},
		{
			"turns of different lengths: weekdays and weekends",
			sla.Rotation{
				Zone: "Europe/Berlin", Start: day("2026-06-01"), HandOver: sla.At(8, 0),
				Turns: []sla.Turn{{"anna", 5}, {"ben", 2}, {"cleo", 5}, {"ben", 2}},
			},
			"2026-06-01T06:00:00Z", "2026-06-22T06:00:00Z",
			[]string{
				"anna until 2026-06-06T06:00:00Z", "ben until 2026-06-08T06:00:00Z", "cleo until 2026-06-13T06:00:00Z",
				"ben until 2026-06-15T06:00:00Z", "anna until 2026-06-20T06:00:00Z", "ben until 2026-06-22T06:00:00Z",
			},
		},
		{
			"two turns in a row are one shift, also from the last to the first",
			sla.Rotation{Start: day("2026-06-01"), Turns: []sla.Turn{{"anna", 1}, {"ben", 1}, {"ben", 2}, {"anna", 3}}},
			"2026-06-01T00:00:00Z", "2026-06-12T00:00:00Z",
			[]string{"anna until 2026-06-02T00:00:00Z", "ben until 2026-06-05T00:00:00Z", "anna until 2026-06-09T00:00:00Z", "ben until 2026-06-12T00:00:00Z"},
		},
		{
			"G9 an empty on-call slot: a turn without a member",
			sla.Rotation{Start: day("2026-06-01"), Turns: []sla.Turn{{"anna", 5}, {"", 2}}},
			"2026-06-05T12:00:00Z", "2026-06-08T12:00:00Z",
			[]string{"anna until 2026-06-06T00:00:00Z", "until 2026-06-08T00:00:00Z", "anna until 2026-06-08T12:00:00Z"},
		},
		{
			"G9 an empty on-call slot: outside the hours of the rotation",
			with(weekly("Europe/Berlin"), func(r *sla.Rotation) { r.Hours = sla.Weekdays(sla.At(7, 0), sla.At(19, 0)) }),
			"2026-01-09T12:00:00Z", "2026-01-12T20:00:00Z",
			[]string{
				"anna until 2026-01-09T18:00:00Z", "until 2026-01-12T06:00:00Z", "anna until 2026-01-12T08:00:00Z",
				"ben until 2026-01-12T18:00:00Z", "until 2026-01-12T20:00:00Z",
			},
		},
		{
			"G9 an empty on-call slot: an override to nobody",
			with(weekly(""), func(r *sla.Rotation) {
				r.Overrides = []sla.Override{override(t, "2026-01-06T00:00:00Z", "2026-01-07T00:00:00Z", "")}
			}),
			"2026-01-05T09:00:00Z", "2026-01-08T00:00:00Z",
			[]string{"anna until 2026-01-06T00:00:00Z", "until 2026-01-07T00:00:00Z", "anna until 2026-01-08T00:00:00Z"},
		},
		{
			"of overrides that overlap the later listed counts, across a hand-over too",
			with(weekly(""), func(r *sla.Rotation) {
				r.Overrides = []sla.Override{
					override(t, "2026-01-11T00:00:00Z", "2026-01-14T00:00:00Z", "dora"),
					override(t, "2026-01-12T00:00:00Z", "2026-01-13T00:00:00Z", "emil"),
					override(t, "2026-01-10T00:00:00+01:00", "2026-01-11T12:00:00Z", "cleo"),
				}
			}),
			"2026-01-05T09:00:00Z", "2026-01-15T00:00:00Z",
			[]string{
				"anna until 2026-01-09T23:00:00Z", "cleo until 2026-01-11T12:00:00Z", "dora until 2026-01-12T00:00:00Z",
				"emil until 2026-01-13T00:00:00Z", "dora until 2026-01-14T00:00:00Z", "ben until 2026-01-15T00:00:00Z",
			},
		},
		{
			"an override that changes nothing is no shift of its own",
			with(weekly(""), func(r *sla.Rotation) {
				r.Overrides = []sla.Override{
					override(t, "2026-01-06T00:00:00Z", "2026-01-07T00:00:00Z", "anna"),
					override(t, "2026-01-12T00:00:00Z", "2026-01-12T12:00:00Z", "anna"),
				}
			}),
			"2026-01-05T09:00:00Z", "2026-01-13T00:00:00Z",
			[]string{"anna until 2026-01-12T12:00:00Z", "ben until 2026-01-13T00:00:00Z"},
		},
		{
			"an override counts before the start and outside the hours",
			with(weekly(""), func(r *sla.Rotation) {
				r.Hours = sla.Daily(sla.At(9, 0), sla.At(17, 0))
				r.Overrides = []sla.Override{override(t, "2026-01-04T00:00:00Z", "2026-01-05T10:00:00Z", "cleo"), override(t, "2026-01-05T16:00:00Z", "2026-01-05T20:00:00Z", "dora")}
			}),
			"2026-01-03T00:00:00Z", "2026-01-06T00:00:00Z",
			[]string{
				"until 2026-01-04T00:00:00Z", "cleo until 2026-01-05T10:00:00Z", "anna until 2026-01-05T16:00:00Z",
				"dora until 2026-01-05T20:00:00Z", "until 2026-01-06T00:00:00Z",
			},
		},
		{
			"no time, no shifts", weekly(""), "2026-01-05T00:00:00Z", "2026-01-05T00:00:00Z", nil,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, plan(t, tt.rotation, tt.from, tt.until))
		})
	}
}

func TestRotaAt(t *testing.T) {
	t.Parallel()
	t.Run("a hand-over is exact to the nanosecond", func(t *testing.T) {
		t.Parallel()
		c, nine := onCall(t, weekly("Europe/Berlin")), at(t, "2026-01-12T08:00:00Z")
		member, until := c.At(nine.Add(-1))
		require.Equal(t, "anna", member)
		require.Equal(t, nine, until)
		member, _ = c.At(nine)
		require.Equal(t, "ben", member)
	})
	t.Run("an override is exact to the nanosecond", func(t *testing.T) {
		t.Parallel()
		r := weekly("")
		from := at(t, "2026-01-06T00:00:00Z").Add(7)
		r.Overrides = []sla.Override{{From: from, Until: from.Add(3), Member: "cleo"}}
		var who []string
		for i := range 5 {
			member, _ := onCall(t, r).At(from.Add(time.Duration(i - 1)))
			who = append(who, member)
		}
		require.Equal(t, []string{"anna", "cleo", "cleo", "cleo", "anna"}, who)
	})
	t.Run("the location and the monotonic clock of the instant do not matter", func(t *testing.T) {
		t.Parallel()
		loc, err := time.LoadLocation("Asia/Kathmandu")
		require.NoError(t, err)
		member, until := onCall(t, weekly("Europe/Berlin")).At(at(t, "2026-01-12T08:00:00Z").In(loc))
		require.Equal(t, "ben", member)
		require.Equal(t, at(t, "2026-01-19T08:00:00Z"), until)
	})
	t.Run("what changes at the horizon is told, and nothing beyond it", func(t *testing.T) {
		t.Parallel()
		now := at(t, "2026-01-06T00:00:00Z")
		r := weekly("")
		r.Members, r.Overrides = []string{"anna"}, []sla.Override{{From: now.Add(sla.Horizon), Until: now.Add(sla.Horizon + 1), Member: "cleo"}}
		_, until := onCall(t, r).At(now)
		require.Equal(t, now.Add(sla.Horizon), until)
		_, until = onCall(t, r).At(now.Add(-1))
		require.Zero(t, until)
	})
	t.Run("one member stays for ever", func(t *testing.T) {
		t.Parallel()
		for _, members := range [][]string{{"anna"}, {"anna", "anna"}} {
			r := weekly("Europe/Berlin")
			r.Members = members
			member, until := onCall(t, r).At(at(t, "2026-02-01T00:00:00Z"))
			require.Equal(t, "anna", member)
			require.Zero(t, until)
			require.Equal(t, []string{"until 2026-01-05T08:00:00Z", "anna until 2080-01-01T00:00:00Z"}, plan(t, r, "2026-01-01T00:00:00Z", "2080-01-01T00:00:00Z"))
		}
	})
	t.Run("G9 an empty on-call slot that nothing ever fills ends nowhere", func(t *testing.T) {
		t.Parallel()
		r := sla.Rotation{
			Start: day("2026-06-01"), Turns: []sla.Turn{{"", 1}, {"anna", 6}},
			Hours: []sla.Hours{hours(t, time.Monday, "09:00", "17:00")},
		}
		member, until := onCall(t, r).At(at(t, "2026-06-02T12:00:00Z"))
		require.Empty(t, member)
		require.Zero(t, until)
	})
	t.Run("G9 an empty on-call slot: nobody is on call on a nil or zero Rota", func(t *testing.T) {
		t.Parallel()
		for _, c := range []*sla.Rota{nil, {}} {
			member, until := c.At(time.Now())
			require.Empty(t, member)
			require.Zero(t, until)
			require.Zero(t, c.Rotation())
			from := at(t, "2026-01-01T00:00:00Z")
			require.Equal(t, []sla.Shift{{From: from, Until: from.Add(1)}}, slices.Collect(c.Shifts(from, from.Add(1))))
		}
	})
	t.Run("any instant has an answer", func(t *testing.T) {
		t.Parallel()
		r := daily("America/New_York", "0001-01-01", sla.At(2, 30))
		r.Hours = sla.Daily(sla.At(1, 30), sla.At(2, 45))
		c := onCall(t, r)
		for _, sec := range []int64{math.MinInt64, math.MinInt64 / 2, -1 << 50, -62135596800, 0, 1 << 40, 1 << 60, math.MaxInt64 / 2, math.MaxInt64} {
			c.At(time.Unix(sec, 999999999))
		}
	})
	t.Run("a plan may be left early", func(t *testing.T) {
		t.Parallel()
		for shift := range onCall(t, weekly("")).Shifts(at(t, "2026-01-05T09:00:00Z"), at(t, "9999-01-01T00:00:00Z")) {
			require.Equal(t, "anna", shift.Member)
			break
		}
	})
	t.Run("it shares nothing with its declaration", func(t *testing.T) {
		t.Parallel()
		r := weekly("")
		r.Overrides = []sla.Override{override(t, "2026-01-06T00:00:00Z", "2026-01-07T00:00:00Z", "cleo")}
		r.Hours = sla.Daily(sla.At(9, 0), sla.At(17, 0))
		c := onCall(t, r)
		got := c.Rotation()
		require.Equal(t, r, got)
		r.Members[0], got.Members[0], got.Overrides[0].Member = "x", "x", "x"
		r.Hours[0], got.Hours[1] = sla.Hours{}, sla.Hours{}
		require.Equal(t, sla.Daily(sla.At(9, 0), sla.At(17, 0)), c.Rotation().Hours)
		require.Equal(t, "anna", c.Rotation().Members[0])
		member, _ := c.At(at(t, "2026-01-06T00:00:00Z"))
		require.Equal(t, "cleo", member)
	})
}

func TestRotaDoesNotAllocate(t *testing.T) {
	r := weekly("Europe/Berlin")
	r.Hours = sla.Weekdays(sla.At(7, 0), sla.At(19, 0))
	r.Overrides = []sla.Override{override(t, "2026-02-01T00:00:00Z", "2026-02-03T00:00:00Z", "cleo")}
	c, from := onCall(t, r), at(t, "2026-01-01T00:00:00Z")
	hour := 0
	require.Zero(t, testing.AllocsPerRun(2000, func() {
		c.At(from.Add(time.Duration(hour) * time.Hour))
		hour++
	}))
}

func BenchmarkRotaAt(b *testing.B) {
	plain := weekly("Europe/Berlin")
	restricted := plain
	restricted.Hours = sla.Weekdays(sla.At(7, 0), sla.At(19, 0))
	overridden := plain
	for i := range 1000 {
		from := at(b, "2026-01-05T00:00:00Z").AddDate(0, 0, i)
		overridden.Overrides = append(overridden.Overrides, sla.Override{From: from, Until: from.Add(12 * time.Hour), Member: "cleo"})
	}
	for _, bb := range []struct {
		name     string
		rotation sla.Rotation
	}{{"plain", plain}, {"hours", restricted}, {"1000 overrides", overridden}} {
		for _, when := range []string{"2026-11-20T12:00:00Z", "2090-11-20T12:00:00Z"} {
			b.Run(bb.name+" "+when[:4], func(b *testing.B) {
				c, t := onCall(b, bb.rotation), at(b, when)
				b.ReportAllocs()
				for b.Loop() {
					c.At(t)
				}
			})
		}
	}
}

func TestRotationCompile(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, problem string
		change        func(*sla.Rotation)
	}{
		{"unknown zone", `rotation "support": zone: unknown time zone Europe/Atlantis; name an IANA zone`, func(r *sla.Rotation) { r.Zone = "Europe/Atlantis" }},
		{"the machine's zone", `rotation "support": zone "Local" differs`, func(r *sla.Rotation) { r.Zone = "Local" }},
		{"no start", `rotation "support": start is 0000-00-00, which is no day`, func(r *sla.Rotation) { r.Start = sla.Date{} }},
		{"hand-over at 24:00", `hand_over is 24:00; it must be from 00:00 to 23:59:59`, func(r *sla.Rotation) { r.HandOver = sla.At(24, 0) }},
		{"no days", `days is 0; a turn lasts from 1 (daily) to 366, 7 is weekly`, func(r *sla.Rotation) { r.Days = 0 }},
		{"too many days", `days is 367;`, func(r *sla.Rotation) { r.Days = 367 }},
		{"no members", `nobody is ever on call; list members with days, or turns`, func(r *sla.Rotation) { r.Members = nil }},
		{"a member without a name", `members[1] has no name`, func(r *sla.Rotation) { r.Members[1] = "" }},
		{"turns and members", `turns are listed, and days or members too`, func(r *sla.Rotation) { r.Turns = []sla.Turn{{"anna", 1}} }},
		{"turns and days", `turns are listed, and days or members too`, func(r *sla.Rotation) { r.Members, r.Turns = nil, []sla.Turn{{"anna", 1}} }},
		{"a turn of too many days", `turns[0] ("anna") lasts 367 days`, func(r *sla.Rotation) { r.Days, r.Members, r.Turns = 0, nil, []sla.Turn{{"anna", 367}} }},
		{"a turn of no days", `turns[1] ("ben") lasts 0 days; it must last from 1 to 366`, func(r *sla.Rotation) {
			r.Days, r.Members, r.Turns = 0, nil, []sla.Turn{{"anna", 1}, {"ben", 0}}
		}},
		{"turns without members", `none of the turns has a member`, func(r *sla.Rotation) {
			r.Days, r.Members, r.Turns = 0, nil, []sla.Turn{{"", 1}}
		}},
		{"wrong hours", `rotation "support": hours[0] (sunday 00:00-00:00): open and close are the same`, func(r *sla.Rotation) { r.Hours = []sla.Hours{{}} }},
		{"an override without an end", `overrides[0] lacks from or until`, func(r *sla.Rotation) {
			r.Overrides = []sla.Override{{From: time.Unix(0, 0)}}
		}},
		{"an override that ends as it begins", `overrides[0] is from 1970-01-01T00:00:00Z until 1970-01-01T00:00:00Z; it must end after it begins`, func(r *sla.Rotation) {
			r.Overrides = []sla.Override{{From: time.Unix(0, 0).UTC(), Until: time.Unix(0, 0).UTC()}}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := weekly("Europe/Berlin")
			tt.change(&r)
			c, err := r.Compile()
			require.Nil(t, c)
			require.ErrorContains(t, err, tt.problem)
			require.Equal(t, err, r.Validate())
		})
	}
	t.Run("a turn of a year", func(t *testing.T) {
		t.Parallel()
		require.NoError(t, sla.Rotation{Start: day("2026-01-01"), Turns: []sla.Turn{{"anna", 366}}}.Validate())
		require.NoError(t, sla.Rotation{Start: day("2026-01-01"), Members: []string{"anna"}, Days: 366}.Validate())
	})
	t.Run("all problems at once", func(t *testing.T) {
		t.Parallel()
		err := sla.Rotation{Name: "r", Zone: "Nowhere", HandOver: -1, Hours: []sla.Hours{{}, {Day: -1, Close: 5}}, Overrides: []sla.Override{{}}}.Validate()
		lines := strings.Split(err.Error(), "\n")
		require.Len(t, lines, 7)
		for _, line := range lines {
			require.True(t, strings.HasPrefix(line, `rotation "r": `), line)
			require.NotContains(t, line, "calendar")
		}
	})
}

func TestRotationJSON(t *testing.T) {
	t.Parallel()
	r := weekly("Europe/Berlin")
	r.Hours = []sla.Hours{hours(t, time.Monday, "09:00", "17:00")}
	r.Overrides = []sla.Override{override(t, "2026-01-06T00:00:00Z", "2026-01-07T00:00:00Z", "")}
	text, err := json.Marshal(r)
	require.NoError(t, err)
	require.Equal(t, `{"name":"support","zone":"Europe/Berlin","start":"2026-01-05","hand_over":"09:00","days":7,"members":["anna","ben"],`+
		`"hours":[{"day":"monday","open":"09:00","close":"17:00"}],`+
		`"overrides":[{"from":"2026-01-06T00:00:00Z","until":"2026-01-07T00:00:00Z","member":""}]}`, string(text))
	var back sla.Rotation
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, r, back)

	for _, tt := range []struct{ name, text, problem string }{
		{"no day", `{"start":"2026-02-30"}`, `date "2026-02-30": not a day`},
		{"a turn's forgotten member", `{"turns":[{"days":7}]}`, `turn {"days":7}: member and days must both be given`},
		{"a turn's forgotten days", `{"turns":[{"member":"anna"}]}`, `turn {"member":"anna"}: member and days must both be given`},
		{"a turn's unknown key", `{"turns":[{"member":"anna","days":7,"hours":[]}]}`, `unknown field "hours"`},
		{"a half day", `{"turns":[{"member":"anna","days":0.5}]}`, `number 0.5`},
		{"an override's forgotten member", `{"overrides":[{"from":"2026-01-06T00:00:00Z","until":"2026-01-07T00:00:00Z"}]}`, `from, until and member must all be given`},
		{"an override's unknown key", `{"overrides":[{"to":"2026-01-06T00:00:00Z"}]}`, `unknown field "to"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.ErrorContains(t, json.Unmarshal([]byte(tt.text), new(sla.Rotation)), tt.problem)
		})
	}
}

// roster knows minute by minute who is on call. It shares no idea with Rota: it goes from day to day, looks up
// what the clocks showed, and paints over.
func (r readings) roster(rotation sla.Rotation) []string {
	turns := rotation.Turns
	for _, m := range rotation.Members {
		turns = append(turns, sla.Turn{Member: m, Days: rotation.Days})
	}
	who := make([]string, len(r.shown))
	date, last := rotation.Start, r.shown[len(r.shown)-1]/1440+1
	for n := 0; ; n++ {
		turn := turns[n%len(turns)]
		day := int(time.Date(date.Year, date.Month, date.Day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
		if day > last {
			break
		}
		for m := r.when(r.first, day*1440+int(rotation.HandOver)/60); m < len(who); m++ {
			who[m] = turn.Member
		}
		date = date.Add(turn.Days)
	}
	if len(rotation.Hours) > 0 {
		for m, open := range r.oracle(sla.Calendar{Hours: rotation.Hours}).open {
			if !open {
				who[m] = ""
			}
		}
	}
	for _, o := range rotation.Overrides {
		from, until := int(o.From.Sub(r.from)/time.Minute), int(o.Until.Sub(r.from)/time.Minute)
		for m := max(from, 0); m < min(until, len(who)); m++ {
			who[m] = o.Member
		}
	}
	return who
}

func randomRotation(rng *rand.Rand, zone string, around time.Time) sla.Rotation {
	names := []string{"anna", "ben", "cleo", "anna"}
	r := sla.Rotation{Zone: zone, Start: sla.DateOf(around).Add(rng.Intn(30) - 25), HandOver: sla.TimeOfDay(rng.Intn(96) * 900)}
	if rng.Intn(2) == 0 {
		r.HandOver = sla.TimeOfDay(rng.Intn(16) * 900) // where clocks change
	}
	if rng.Intn(2) == 0 {
		r.Days, r.Members = 1+rng.Intn(8), names[:1+rng.Intn(4)]
	} else {
		for range 1 + rng.Intn(4) {
			r.Turns = append(r.Turns, sla.Turn{Member: append(names, "")[rng.Intn(5)], Days: 1 + rng.Intn(4)})
		}
		r.Turns = append(r.Turns, sla.Turn{Member: "ben", Days: 1})
	}
	if rng.Intn(3) == 0 {
		r.Hours = randomHours(rng)
	}
	for range rng.Intn(6) {
		from := around.Add(time.Duration(rng.Intn(20*1440)-10*1440) * time.Minute)
		r.Overrides = append(r.Overrides, sla.Override{
			From: from, Until: from.Add(time.Duration(1+rng.Intn(3*1440)) * time.Minute), Member: []string{"", "dora", "anna"}[rng.Intn(3)],
		})
	}
	return r
}

func TestRotaOracle(t *testing.T) {
	t.Parallel()
	for i, c := range []struct{ zone, at string }{
		{"Europe/Berlin", "2026-03-29T01:00:00Z"},
		{"Europe/Berlin", "2026-10-25T01:00:00Z"},
		{"America/New_York", "2026-03-08T07:00:00Z"},
		{"America/New_York", "2026-11-01T06:00:00Z"},
		{"Asia/Beirut", "2026-03-28T22:00:00Z"},
		{"Asia/Beirut", "2026-10-24T21:00:00Z"},
		{"Australia/Lord_Howe", "2026-04-04T15:00:00Z"},
		{"Australia/Lord_Howe", "2026-10-03T15:30:00Z"},
		{"Pacific/Apia", "2011-12-30T10:00:00Z"},      // 30 December is skipped
		{"Pacific/Kwajalein", "1969-09-30T13:00:00Z"}, // a day comes twice
		{"America/Havana", "2026-11-01T05:00:00Z"},
		{"America/St_Johns", "2010-11-07T02:31:00Z"},  // over midnight
		{"Europe/Berlin", "2200-10-26T01:00:00Z"},     // by rule
		{"Europe/Berlin", "2024-12-31T12:00:00Z"},     // last day of a leap year
		{"America/Sao_Paulo", "1965-01-31T02:00:00Z"}, // midnight is skipped
	} {
		t.Run(fmt.Sprintf("%s %s", c.zone, c.at[:10]), func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewSource(int64(i)))
			around := at(t, c.at)
			r := newReadings(t, c.zone, around.AddDate(0, 0, -12), 24)
			for range 6 {
				rotation := randomRotation(rng, c.zone, around)
				checkAgainstRoster(t, rotation, r.from, r.roster(rotation))
			}
		})
	}
}

// checkAgainstRoster compares from two days after the roster's beginning to two days before its end, where it may lack
// what lies outside: every minute around a change, and each eleventh otherwise.
func checkAgainstRoster(t *testing.T, r sla.Rotation, from time.Time, who []string) {
	t.Helper()
	c := onCall(t, r)
	first, last := 2*1440, len(who)-2*1440
	for m, change := last-1, last; m >= first; m-- {
		if m+1 < last && who[m+1] != who[m] {
			change = m + 1
		}
		if m%11 > 0 && who[m-1] == who[m] && who[m+1] == who[m] {
			continue
		}
		now := from.Add(time.Duration(m) * time.Minute)
		member, until := c.At(now.Add(time.Duration(m%60) * time.Second))
		end := from.Add(time.Duration(change) * time.Minute)
		if member != who[m] || change < last && !until.Equal(end) || change == last && !until.IsZero() && until.Before(end) {
			require.FailNow(t, "wrong", "%s: %q until %s; want %q until %s: %+v", now, member, until, who[m], end, r)
		}
	}
	var shifts int
	for m, end := first, from.Add(time.Duration(last)*time.Minute); m < last; shifts++ {
		for shift := range c.Shifts(from.Add(time.Duration(m)*time.Minute), end) {
			require.Equal(t, who[m], shift.Member)
			n := int(shift.Until.Sub(from) / time.Minute)
			require.Greater(t, n, m)
			require.True(t, n == last || who[n] != shift.Member)
			m = n
		}
	}
	require.Equal(t, 1, shifts, "the shifts have no holes")
}

func FuzzRotationJSON(f *testing.F) {
	f.Add([]byte(`{"name":"support","zone":"Europe/Berlin","start":"2026-01-05","hand_over":"09:00","days":7,"members":["anna","ben"]}`), int64(1767600000))
	f.Add([]byte(`{"name":"","start":"2026-03-28","turns":[{"member":"anna","days":5},{"member":"","days":2}],"hours":[{"day":"monday","open":"22:00","close":"06:00"}]}`), int64(1774746000))
	f.Add([]byte(`{"name":"","zone":"Pacific/Apia","start":"2011-12-29","days":1,"members":["a","b"],"overrides":[{"from":"2011-12-30T00:00:00Z","until":"2012-01-01T00:00:00+14:00","member":""}]}`), int64(1325239200))
	f.Fuzz(func(t *testing.T, text []byte, sec int64) {
		var r, back sla.Rotation
		if len(text) > 4096 || json.Unmarshal(text, &r) != nil {
			return
		}
		c, err := r.Compile()
		if err != nil {
			return
		}
		out, err := json.Marshal(r)
		if err != nil {
			return // an override's year beyond 9999, or hours of no day, cannot be written
		}
		require.NoError(t, json.Unmarshal(out, &back))
		again, err := json.Marshal(back)
		require.NoError(t, err)
		require.Equal(t, string(out), string(again))

		now := time.Unix(sec, 0)
		member, until := c.At(now)
		if until.IsZero() {
			return
		}
		require.True(t, until.After(now))
		next, _ := c.At(until)
		require.NotEqual(t, member, next)
		last, _ := c.At(until.Add(-1))
		require.Equal(t, member, last)
		sameMember, sameUntil := onCall(t, back).At(now)
		require.Equal(t, member, sameMember)
		require.Equal(t, until, sameUntil)
	})
}
