package replay_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/replay"
	"github.com/answerable-go/answerable/sla"
)

// A name out of a log commands no terminal, and makes no lines of its own.
func TestTextIsHarmless(t *testing.T) {
	t.Parallel()
	const evil = "x\x1b[31m\r\n100 %\t\u202e"
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	course := replay.Course{Owners: []inquiry.OwnerID{evil}, OwnedAt: at}
	r := replay.Report{
		Policy: evil, From: at, Until: at.Add(time.Hour), Inquiries: 1, Changed: 1,
		Changes:     []replay.Change{{Case: evil, At: at, Was: course, Would: course}},
		Owners:      []replay.OwnerResult{{Owner: evil}},
		Departments: []replay.DepartmentResult{{Department: evil}},
	}
	text := r.Text(replay.TextOptions{Changes: 1})
	for _, never := range []string{"\x1b", "\r", "\t", "\u202e", "\n100 %"} {
		require.NotContains(t, text, never)
	}
	require.Contains(t, text, "x\ufffd[31m\ufffd\ufffd100 %\ufffd\ufffd, Mon 2026-03-02 09:00", "the rest of the name is there")
}

// report is one of which every number is another.
func report() replay.Report {
	day := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	return replay.Report{
		From: day, Until: day.Add(8 * time.Hour), Policy: "v7", Handling: replay.Whole, Eligibility: replay.ByRecord, Seed: 3,
		Inquiries: 10, Changed: 2, HandedOffAtMost: 4, Appear: 1, Vanish: 2, Stranded: 1, RecordedBreaches: 6,
		Was: replay.Measures{
			Owned: 9, Resolved: 8, Open: 2, Met: 11, Missed: 5,
			Wait: replay.Spread{N: 9, Median: 61, P90: 600}, Resolve: replay.Spread{N: 8, Median: 3600, P90: 7200},
			Groups: replay.HandOffs{Cases: 10, HandedOff: 3, Returned: 1}, Owners: replay.HandOffs{Cases: 10, HandedOff: 5, Returned: 2},
		},
		Would: replay.Measures{
			Owned: 10, Resolved: 9, Open: 1, Met: 13, Missed: 3,
			Wait: replay.Spread{N: 10, Median: 30, P90: 120}, Resolve: replay.Spread{N: 9, Median: 1800, P90: 90000},
			Groups: replay.HandOffs{Cases: 10, HandedOff: 1}, Owners: replay.HandOffs{Cases: 10, HandedOff: 2, Returned: 1},
		},
		WaitChange: replay.Mean{N: 9, Mean: -75}, ResolveChange: replay.Mean{N: 7, Mean: 3700},
		Deadlines: []replay.DeadlineResult{{Kind: sla.FirstResponse, Was: replay.Attainment{Met: 11, Missed: 5}, Would: replay.Attainment{Met: 13, Missed: 3}, Appear: 1, Vanish: 2}},
		Departments: []replay.DepartmentResult{
			{Department: "desk", Was: replay.Share{First: 6, Had: 7, Last: 3, Missed: 2}, Would: replay.Share{First: 5, Had: 5, Last: 4, Missed: 1}},
			{Department: "bills", Was: replay.Share{First: 1, Had: 4, Last: 5, Missed: 3}, Would: replay.Share{First: 8, Had: 8, Last: 9, Missed: 0}},
		},
		Owners: []replay.OwnerResult{
			{Owner: "ann", OnRoster: true, InRecord: true, Was: replay.Share{First: 2, Last: 2}, Would: replay.Share{First: 2, Last: 2}},
			{Owner: "bea", InRecord: true, Was: replay.Share{First: 3, Last: 4, Missed: 1}},
			{Owner: "new", OnRoster: true, Would: replay.Share{First: 1, Last: 1}},
		},
		Changes: []replay.Change{
			{Case: "7", At: day, Was: replay.Course{Owners: []inquiry.OwnerID{"ann", "bea"}, OwnedAt: day.Add(time.Minute), ResolvedAt: day.Add(time.Hour)}, Would: replay.Course{Rests: replay.Assumed}},
			{
				Case: "8", At: day.Add(time.Hour), Was: replay.Course{Owners: []inquiry.OwnerID{"ann"}, OwnedAt: day.Add(time.Hour)}, Would: replay.Course{Owners: []inquiry.OwnerID{"bea"}, OwnedAt: day.Add(2 * time.Hour)},
				Appear: []replay.Deadline{{Kind: sla.FirstResponse, Due: day.Add(90 * time.Minute), Missed: true}}, Vanish: []replay.Deadline{{Kind: sla.Resolve, Due: day.Add(3 * time.Hour), Missed: true}},
			},
		},
		Caveats: []replay.Caveat{{Name: "unresolved", Count: 2, Text: "inquiries are not resolved"}},
	}
}

func TestTextTells(t *testing.T) {
	t.Parallel()
	r := report()
	require.Equal(t, `Mon 2026-03-02 09:00 to Mon 2026-03-02 17:00, policy v7
10 inquiries, of which 2 go another way or at another time; handling: whole, able: record, seed 3

                                           was   would        change
had an owner                                 9      10            +1
resolved                                     8       9            +1
still open                                   2       1            -1
deadlines met                               11      13            +2
deadlines missed                             5       3            -2
wait for an owner, median                1m01s     30s
90 %                                    10m00s   2m00s
mean wait, of 9 in both                                       -1m15s
until resolved, median                   1h00m  30m00s
90 %                                     2h00m   1d01h
mean time until resolved, of 7 in both                        +1h01m
handed off between groups               30.0 %  10.0 %  -20.0 points
came back to earlier groups             10.0 %   0.0 %  -10.0 points
at most, see the caveats                        40.0 %
handed off between owners               50.0 %  20.0 %  -30.0 points
came back to earlier owners             20.0 %  10.0 %  -10.0 points

1 are stranded: nobody on the roster could ever have had them.

The journal itself has 6 breaches, by the promises of its own policy.

deadlines       met  missed  would be met  missed  breaches appear  vanish
first response   11       5            13       3                1       2

department  had first  would  had last  would  change  missed  would
bills               1      8         5      9      +4       3      0
desk                6      5         3      4      +1       2      1

owner                    had first  would  had last  would  change  missed  would
bea (not on the roster)          3      0         4      0      -4       1      0
new (not in the record)          0      1         0      1      +1       0      0
and 1 more

8, Mon 2026-03-02 10:00
  was   ann from Mon 2026-03-02 10:00, not resolved
  would bea from Mon 2026-03-02 11:00, not resolved
  a breach appears: first response, due Mon 2026-03-02 10:30
  a breach vanishes: resolve, due Mon 2026-03-02 12:00
and 1 more that changed; the JSON has them all

What cannot be known, or is assumed
- 2 inquiries are not resolved. (unresolved)
`, r.Text(replay.TextOptions{Changes: 1, Rows: 2}), "those whose breaches appear or vanish come first, and the greatest differences")

	all := r.Text(replay.TextOptions{Changes: 2, Rows: -1})
	require.Contains(t, all, "\nann                              2      2         2      2       =       0      0\n")
	require.Contains(t, all, "  was   ann -> bea from Mon 2026-03-02 09:01, resolved Mon 2026-03-02 10:00\n  would nobody, not resolved (assumed)\n")
	require.NotContains(t, all, "more")
	require.NotContains(t, r.Text(replay.TextOptions{}), "breach appears", "unless they are asked for")
}
