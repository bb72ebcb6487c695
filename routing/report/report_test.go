package report

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/simulate"
	"github.com/answerable-go/answerable/sla"
)

// desk is a small scenario with something of everything that a report tells.
func desk(owners int) *simulate.Scenario {
	return &simulate.Scenario{
		Name: fmt.Sprintf("%d at the desk", owners), Note: "A desk & a half.", For: sla.Duration(3 * time.Hour), Replications: 4, Zone: "Europe/Berlin",
		Defaults: &routing.Settings{Assignment: "offer", Targets: []sla.Target{sla.Within(sla.FirstResponse, 10*time.Minute, "")}},
		Classes: []simulate.Class{
			{
				Name: "calls", Arrivals: simulate.Arrivals{PerHour: 30}, Handling: simulate.Law{Mean: sla.Duration(6 * time.Minute)},
				Patience: &simulate.Law{Mean: sla.Duration(10 * time.Minute)}, Within: sla.Duration(time.Minute),
			},
			{
				Name: "mail", Arrivals: simulate.Arrivals{PerHour: 6}, Handling: simulate.Law{Mean: sla.Duration(9 * time.Minute)},
				Returns: &simulate.Again{Chance: 0.5, After: simulate.Law{Mean: sla.Duration(5 * time.Minute)}},
			},
		},
		Groups: []simulate.Group{{Name: "desk", Count: owners, Decline: 0.1}},
	}
}

// pages are a simulation's document and a comparison's.
func pages(t *testing.T) map[string]*Document {
	t.Helper()
	a, b := desk(3), desk(4)
	one, err := simulate.Run(context.Background(), a, simulate.Options{Examples: 4})
	require.NoError(t, err)
	two, err := simulate.Compare(context.Background(), a, b, simulate.Options{Examples: 2})
	require.NoError(t, err)
	return map[string]*Document{"simulation": Simulation(a, one), "comparison": Comparison(a, b, two)}
}

// outline is a page without what another decision of the core may change: the numbers,
// and where they put things.
func outline(html string) string {
	html = regexp.MustCompile(`(?s)<style>.*?</style>|<details class="card">.*?</details>|<tr><th scope="row".*?</tr>|<svg class="chart".*?<title>`).ReplaceAllString(html, "")
	html = regexp.MustCompile(`(?s)<(rect|line|circle|text|polygon|polyline).*?(/>|</(rect|text|circle|polygon)>)\n?`).ReplaceAllString(html, "")
	html = regexp.MustCompile(`(?s)<p class="lead">.*?</p>|<dl.*?</dl>|<desc.*?</desc>|<article.*?</article>|<b>[^<]*</b> <i>.*?</i>`).ReplaceAllString(html, "")
	return regexp.MustCompile(`[0-9][0-9.,]*`).ReplaceAllString(html, "0")
}

// The pages have the parts that they were looked at with.
func TestPages(t *testing.T) {
	t.Parallel()
	for name, d := range pages(t) {
		text, html, table := written(t, d)
		golden(t, "testdata/"+name+".outline.html", outline(html))

		again, same, rows := written(t, d)
		require.True(t, text == again && html == same && table == rows, "the same document is the same bytes")

		names := elements(t, html)
		for _, never := range []string{"script", "link", "img", "iframe", "foreignObject"} {
			require.NotContains(t, names, never)
		}
		require.Contains(t, html, `content="default-src 'none'; style-src 'unsafe-inline'"`)
		require.Contains(t, html, "prefers-color-scheme: dark")
		require.Contains(t, html, "@media print")
		require.Contains(t, html, "details.numbers:not([open]) { display: none; }", "a chart's numbers are printed if somebody asked for them")
		require.Equal(t, strings.Count(html, "<summary>The numbers: "), strings.Count(html, `<details class="numbers">`))
		require.NotContains(t, html, "://", "nothing from elsewhere")
		for _, never := range []string{"%s", "%!"} {
			require.NotContains(t, text+html+table, never, "every word has its name")
		}
		require.NotContains(t, pageStyle, "url(")
	}
}

// Every chart has a title, axes, words for those who do not see it, and its numbers in
// a table.
func TestChartsAreTold(t *testing.T) {
	t.Parallel()
	for name, d := range pages(t) {
		_, html, table := written(t, d)
		charts := regexp.MustCompile(`(?s)<figure>.*?</details>`).FindAllString(html, -1)
		require.GreaterOrEqual(t, len(charts), 7, name)
		for _, c := range charts {
			require.Regexp(t, `<figcaption><span id="[^"]+">[^<]+</span>`, c)
			require.Regexp(t, `role="img"[^>]*aria-labelledby="(\S+)-t (\S+)-d"`, c)
			require.Regexp(t, `<title>[^<]+</title>\n<desc id="[^"]+">[^<]+ From .+ to .+\.</desc>`, c)
			require.Contains(t, c, `class="axis middle"`)
			require.Contains(t, c, "<summary>The numbers: ")
			require.Regexp(t, `<td class="[^"]*n"><bdi>[^<]+</bdi>`, c)
		}
		rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
		require.NoError(t, err)
		titles := map[string]bool{}
		for _, row := range rows {
			titles[row[1]] = true
		}
		for _, s := range d.Sections {
			for _, b := range s.Blocks {
				if b.Chart != nil {
					require.True(t, titles[b.Chart.Title], "%s is in the table", b.Chart.Title)
				}
			}
		}
	}
}

// B1: a rule is told whole in the terminal: a long condition is one, however many lines
// it takes, and what it matches may go on.
func TestRules(t *testing.T) {
	t.Parallel()
	list := strings.TrimSpace(strings.Repeat("billing ", 20))
	d := &Document{Sections: []Section{{Title: "Rules", Blocks: []Block{{Rules: []Rule{{Name: "bills", If: []string{list}, Then: []string{list}, GoesOn: true}, {Name: "rest"}}}}}}}
	var b strings.Builder
	require.NoError(t, d.Text(&b))
	require.Equal(t, 1, strings.Count(b.String(), " if "), b.String())
	require.Equal(t, 1, strings.Count(b.String(), " then "), b.String())
	require.Equal(t, 40, strings.Count(b.String(), "billing"))
	require.Contains(t, b.String(), "\n        billing", "the second line begins below the first")
	require.Equal(t, 1, strings.Count(b.String(), "goes on to the next rule"), b.String())
}

// H2: an example says why this owner, how the others stood, and what would have changed it.
func TestExplained(t *testing.T) {
	t.Parallel()
	t.Run("H2 the page tells why this owner, and why not the others", func(t *testing.T) {
		t.Parallel()
		s := desk(3)
		r, err := simulate.Run(context.Background(), s, simulate.Options{Examples: 8})
		require.NoError(t, err)
		owners, nobody := 0, 0
		for i := range r.Examples {
			x := &r.Examples[i]
			card := Example(x)
			require.Contains(t, card.Title, x.Class)
			why := card.Blocks[len(card.Blocks)-1].Card
			require.NotNil(t, why)
			all := ""
			for _, b := range why.Blocks {
				all += b.Text + "\n"
			}
			require.Contains(t, all, "It asks for ")
			require.Contains(t, all, "Why not ")
			require.Contains(t, all, "UTC", "the scenario's zone is another")
			stood := 0.0
			for _, b := range why.Blocks {
				if b.Table != nil {
					for _, row := range b.Table.Rows {
						stood += row[1].Value.Mean
					}
				}
			}
			require.InDelta(t, 3, stood, 0, "everybody on the roster is told of")
			if why.Title == "Why nobody?" {
				nobody++
				require.Equal(t, simulate.GaveUp, x.Outcome)
				continue
			}
			owners++
			last := ""
			for _, m := range x.Story {
				if m.Why != nil && m.Why.Kind != "" {
					last = string(m.Owner)
				}
			}
			require.Equal(t, "Why "+last+"?", why.Title)
		}
		require.Positive(t, owners)
		require.Positive(t, nobody)
	})
}

// A spreadsheet gets numbers as numbers, and texts that it does not calculate.
func TestCSV(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@a": "'@a", "\t=1": "' =1", "\ra": " a", " =1": "' =1", "＝1": "'＝1", "＋1": "'＋1", "－": "'－", "＠a": "'＠a",
		"a=1": "a=1", "": "", "'=1": "'=1", "1-2": "1-2", "\x00=1": "\ufffd=1",
	} {
		require.Equal(t, want, CSVText(in), "%q", in)
	}
	d := &Document{Sections: []Section{{Title: "=s", Blocks: []Block{{Table: &Table{
		Title: "-t", Columns: []Column{{Name: "who"}, {Name: "+c", Unit: simulate.Seconds, Signed: true}, {Name: "d", Unit: simulate.Number}, {Name: "note"}},
		Rows: [][]Cell{{text("@w"), value(simulate.Value{Mean: -1.5, Half: 0.25, N: 7}), {Value: simulate.Value{Mean: 0.125, N: 1}, Unit: simulate.Share}, text("=n")}, {text("x"), {}, {}, {}}},
	}}}}}}
	var b bytes.Buffer
	require.NoError(t, d.CSV(&b))
	require.Equal(t, strings.Join([]string{
		"section,table,row,column,unit,value,plus_minus,replications",
		"'=s,'-t,'@w,'+c,seconds,-1.5,0.25,7",
		"'=s,'-t,'@w,d,share,0.125,,1",
		"'=s,'-t,'@w,note,text,'=n,,",
		"'=s,'-t,x,'+c,seconds,,,0",
		"'=s,'-t,x,d,number,,,0", "",
	}, "\r\n"), b.String())
	require.ErrorIs(t, d.CSV(full{}), os.ErrClosed)
	require.ErrorIs(t, d.HTML(full{}), os.ErrClosed)
	require.ErrorIs(t, d.Text(full{}), os.ErrClosed)
	require.ErrorIs(t, d.JSON(full{}), os.ErrClosed)
}

// full is a writer that takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestNumbersInWords(t *testing.T) {
	t.Parallel()
	for seconds, want := range map[float64]string{
		0: "0.00s", 9.994: "9.99s", 59.9: "59.9s", 59.97: "1m00s", 125: "2m05s", 3599.7: "1h00m", 4800: "1h20m", 1e12: "2.78e+08h",
	} {
		require.Equal(t, want, inWords(seconds))
	}
	for x, want := range map[float64]string{1234567: "1,234,567", 999: "999", -1234: "-1,234", 0.4: "0", -0.4: "0", 1e16: "1e+16"} {
		require.Equal(t, want, thousands(x))
	}
	v := func(mean, half float64, n int) simulate.Value { return simulate.Value{Mean: mean, Half: half, N: n} }
	for _, c := range []struct {
		v      simulate.Value
		u      simulate.Unit
		signed bool
		want   string
	}{
		{v(0.864, 0.0661, 10), simulate.Share, false, "86.4 % ± 6.6"},
		{v(0.864, 0, 1), simulate.Share, false, "86.4 %"},
		{v(0.067, 0.025, 10), simulate.Share, true, "+6.7 points ± 2.5"},
		{v(-0.0001, 0.02, 10), simulate.Share, true, "0.0 points ± 2.0"},
		{v(0, 0, 10), simulate.Seconds, true, "no change"},
		{v(0, 3, 10), simulate.Seconds, true, "no change"},
		{v(-386, 140, 10), simulate.Seconds, true, "-6m26s ± 2m20s"},
		{v(1116.1, 102.2, 10), simulate.Number, false, "1,116 ± 102"},
		{v(0.00747, 0.0019, 10), simulate.Number, false, "0.00747 ± 0.0019"},
		{v(3, 1, 0), simulate.Number, false, "–"},
	} {
		require.Equal(t, c.want, both(c.v, c.u, c.signed))
	}
}

// What is better depends on the measure, and nothing is better that may be chance.
func TestTone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		measure string
		change  float64
		clear   bool
		want    Tone
	}{
		{"service_level", 0.1, true, Better},
		{"service_level", -0.1, true, Worse},
		{"wait_served", 10, true, Worse},
		{"wait_served", -10, true, Better},
		{"hand_offs", -0.1, true, Better},
		{"offered", 5, true, Plain},
		{"service_level", 0.1, false, Faint},
		{"unheard of", 0.1, true, Plain},
	} {
		d := &simulate.Difference{Measure: c.measure, Clear: c.clear, Change: simulate.Value{Mean: c.change, Half: 0.01, N: 5}}
		require.Equal(t, c.want, tone(d), "%+v", c)
	}
}

// An interrupted simulation says so first, and one in which nothing came in breaks nothing.
func TestOneReplication(t *testing.T) {
	t.Parallel()
	require.Contains(t, period(&simulate.Report{Replications: 1}), "; 1 replication, seed")
	require.Contains(t, period(&simulate.Report{Replications: 2}), "; 2 replications, seed")
	require.Contains(t, foot(&simulate.Report{Done: 1})[0], ": 1 replication with seed")
}

func TestPartial(t *testing.T) {
	t.Parallel()
	s := desk(3)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r, err := simulate.Run(ctx, s, simulate.Options{Examples: 3})
	require.ErrorIs(t, err, context.Canceled)
	text, html, _ := written(t, Simulation(s, r))
	require.Contains(t, text, "INTERRUPTED")
	require.Contains(t, html, "INTERRUPTED")

	s.Classes = s.Classes[:1]
	s.Classes[0].Arrivals = simulate.Arrivals{Recorded: []sla.Duration{sla.Duration(100 * time.Hour)}}
	r, err = simulate.Run(context.Background(), s, simulate.Options{})
	require.NoError(t, err)
	text, _, _ = written(t, Simulation(s, r))
	require.Contains(t, text, "Nothing came in that counts.")
}

// Two that have not the same classes, groups and hours are compared in what they share.
func TestUnlike(t *testing.T) {
	t.Parallel()
	a, b := desk(3), desk(4)
	b.Classes = b.Classes[:1]
	b.Groups[0].Name = "others"
	b.For = sla.Duration(time.Hour)
	c, err := simulate.Compare(context.Background(), a, b, simulate.Options{Examples: 6})
	require.NoError(t, err)
	text, html, _ := written(t, Comparison(a, b, c))
	require.Contains(t, html, "The two are of different times")
	require.Contains(t, html, "Under B the customer had no reason to write this.")
	require.Regexp(t, `desk +\d+\.\d % .* –`, text)
	require.Regexp(t, `others +–`, text)
}

// What is laid beside each other is of the same hours, the same inquiry and the same measure.
func TestLike(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	one := simulate.Example{Pick: simulate.Typical, Class: "calls", Arrived: at}
	for _, c := range []struct {
		change func(*simulate.Example)
		same   bool
	}{
		{func(*simulate.Example) {}, true},
		{func(x *simulate.Example) { x.Pick = simulate.LongestWait }, false},
		{func(x *simulate.Example) { x.Class = "mail" }, false},
		{func(x *simulate.Example) { x.Arrived = at.Add(1) }, false},
	} {
		other := one
		c.change(&other)
		s, ok := besides(&simulate.Comparison{A: &simulate.Report{Examples: []simulate.Example{one}}, B: &simulate.Report{Examples: []simulate.Example{other}}})
		require.True(t, ok)
		both := s.Blocks[1].Card.Blocks
		require.Equal(t, c.same, both[1].Card != nil, "%+v", other)
	}
	for after, charts := range map[time.Duration]int{0: 2, time.Hour: 0} {
		hours := func(from time.Time) *simulate.Report {
			return &simulate.Report{Hours: []simulate.HourResult{{From: from}}}
		}
		s := throughBoth(&simulate.Comparison{A: hours(at), B: hours(at.Add(after))})
		n := 0
		for _, b := range s.Blocks {
			if b.Chart != nil {
				n++
			}
		}
		require.Equal(t, charts, n)
	}
	v := func(mean float64) simulate.Value { return simulate.Value{Mean: mean, Half: 1, N: 4} }
	list := differences("all", []simulate.Difference{
		{Measure: "blocked_share", A: v(0), B: v(0.1)}, {Measure: "unserved", A: v(1), B: v(0)}, {Measure: "stranded", A: v(0), B: v(0)},
	})
	require.Len(t, list.Rows, 2, "what there was none of in either is left out")
	require.Equal(t, simulate.Value{Mean: 3, N: 1}, plain(v(3)))
}

// A class is named with what counts as in time.
func TestClassesAreNamed(t *testing.T) {
	t.Parallel()
	s := served(&simulate.Report{Classes: []simulate.ClassResult{{Class: "gold", Within: sla.Duration(10 * time.Minute)}}})
	require.Equal(t, []string{"gold (in 10m)"}, s.Blocks[0].Chart.Labels)
	require.Equal(t, []string{"gold"}, s.Blocks[1].Chart.Labels)
}

// What a terminal and a chart show is within their bounds.
func TestBounds(t *testing.T) {
	t.Parallel()
	require.Equal(t, "abcd", cut("abcd", 4))
	require.Equal(t, "äbc…", cut("äbcde", 4))

	d := &Document{Sections: []Section{{Title: "Bars", Blocks: []Block{{Table: &Table{
		Columns: []Column{{Name: "hour"}, {Name: "offered", Unit: simulate.Number, Bar: true}},
		Rows:    [][]Cell{{text("9"), value(simulate.Value{Mean: 10, N: 1})}, {text("10"), value(simulate.Value{Mean: 5, N: 1})}, {text("11"), value(simulate.Value{N: 1})}},
	}}}}}}
	var b strings.Builder
	require.NoError(t, d.Text(&b))
	var bars []int
	for line := range strings.Lines(b.String()) {
		if n := strings.Count(line, "#"); n > 0 {
			bars = append(bars, n)
		}
	}
	require.Equal(t, []int{barWidth, barWidth / 2}, bars, "the greatest fills the line")

	waits := func(list ...float64) *Chart {
		c := &Chart{Wide: true, Unit: simulate.Seconds, Series: []Series{{}}}
		for _, x := range list {
			c.Labels, c.Series[0].Values = append(c.Labels, "x"), append(c.Series[0].Values, simulate.Value{Mean: x, N: 1})
		}
		return c
	}
	a := waits(0, 5, 700).axis(0, 100, false)
	require.Equal(t, []float64{10, 60, 600}, a.ticks, "on an axis by factors, those between the least that is more than 0 and the greatest")
	require.Less(t, a.lo, 5.0)
	require.Greater(t, a.hi, 700.0)
	require.Equal(t, []string{"10s", "1m", "10m"}, []string{a.name(10), a.name(60), a.name(600)})
	signed := (&Chart{Signed: true, Unit: simulate.Share, Series: []Series{{Values: []simulate.Value{{Mean: -0.1, N: 1}, {Mean: 0.3, N: 1}}}}}).axis(0, 100, false)
	require.Equal(t, "+20", signed.name(0.2))
	require.Equal(t, "-20", signed.name(-0.2))
	require.Equal(t, "20", (&axis{unit: simulate.Share}).name(0.2))

	share := func(v simulate.Value) *axis {
		return (&Chart{Unit: simulate.Share, Labels: []string{"x"}, Series: []Series{{Values: []simulate.Value{v}}}}).axis(0, 100, false)
	}
	require.InDelta(t, 1, share(simulate.Value{Mean: 0.9, Half: 0.3, N: 4}).hi, 1e-9, "an interval may reach beyond what there can be")
	require.GreaterOrEqual(t, share(simulate.Value{Mean: 1.3, N: 1}).hi, 1.3, "overtime is more than all of the time")
	for _, mean := range []float64{-0.3, 0.3} {
		c := Chart{Signed: true, Unit: simulate.Share, Labels: []string{"x", "y"}, Series: []Series{{Values: []simulate.Value{{Mean: mean, N: 1}, {Mean: mean / 2, N: 1}}}}}
		a := c.axis(0, 100, false)
		require.LessOrEqual(t, a.lo, 0.0, "a change is seen beside none")
		require.GreaterOrEqual(t, a.hi, 0.0, "a change is seen beside none")
	}
	require.InDelta(t, 1, stepOf(0, simulate.Number), 1e-9)
	require.InDelta(t, 0.1, stepOf(0.1, simulate.Seconds), 1e-9)
	require.InDelta(t, 1, stepOf(0.6, simulate.Seconds), 1e-9)
	require.InDelta(t, 5, (&axis{hi: 1, from: 5, to: 100}).at(math.NaN()), 0)
}
