package holidays_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters/holidays"
	"github.com/answerable-go/answerable/sla"
)

func date(t testing.TB, s string) sla.Date {
	t.Helper()
	d, err := sla.ParseDate(s)
	require.NoError(t, err)
	return d
}

// list writes the holidays from one day to another as "2026-12-25 Christmas Day".
func list(t testing.TB, h sla.Holidays, from, until string) []string {
	t.Helper()
	days, err := h.Holidays(date(t, from), date(t, until))
	require.NoError(t, err)
	var lines []string
	for _, d := range days {
		require.Empty(t, d.Hours)
		lines = append(lines, d.Date.String()+" "+d.Name)
	}
	return lines
}

func of(t testing.TB, code string, c holidays.Config) *holidays.List {
	t.Helper()
	h, err := holidays.Of(code, c)
	require.NoError(t, err)
	return h
}

// The dates are those that the governments publish.
func TestKnownDates(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		code, year string
		want       []string
	}{
		{"DE", "2026", []string{"01-01", "04-03", "04-06", "05-01", "05-14", "05-25", "10-03", "12-25", "12-26"}},
		{"DE-BY", "2026", []string{"01-01", "01-06", "04-03", "04-06", "05-01", "05-14", "05-25", "06-04", "10-03", "11-01", "12-25", "12-26"}},
		{"DE-SN", "2026", []string{"01-01", "04-03", "04-06", "05-01", "05-14", "05-25", "10-03", "10-31", "11-18", "12-25", "12-26"}},
		{"DE-BE", "2027", []string{"01-01", "03-08", "03-26", "03-29", "05-01", "05-06", "05-17", "10-03", "12-25", "12-26"}},
		{"AT", "2026", []string{"01-01", "01-06", "04-06", "05-01", "05-14", "05-25", "06-04", "08-15", "10-26", "11-01", "12-08", "12-25", "12-26"}},
		{"FR", "2026", []string{"01-01", "04-06", "05-01", "05-08", "05-14", "05-25", "07-14", "08-15", "11-01", "11-11", "12-25"}},
		{"US", "2026", []string{"01-01", "01-19", "02-16", "05-25", "06-19", "07-03", "07-04", "09-07", "10-12", "11-11", "11-26", "12-25"}},
		{"US", "2021", []string{"01-01", "01-18", "02-15", "05-31", "06-18", "06-19", "07-04", "07-05", "09-06", "10-11", "11-11", "11-25", "12-24", "12-25", "12-31"}},
		{"GB", "2026", []string{"01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-26", "12-28"}},
		{"GB-ENG", "2027", []string{"01-01", "03-26", "03-29", "05-03", "05-31", "08-30", "12-25", "12-26", "12-27", "12-28"}},
		{"GB-SCT", "2026", []string{"01-01", "01-02", "04-03", "05-04", "05-25", "08-03", "11-30", "12-25", "12-26", "12-28"}},
		{"GB-SCT", "2022", []string{"01-01", "01-02", "01-03", "01-04", "04-15", "05-02", "06-02", "06-03", "08-01", "11-30", "12-25", "12-26", "12-27"}},
		{"GB-SCT", "2023", []string{"01-01", "01-02", "01-03", "04-07", "05-01", "05-08", "05-29", "08-07", "11-30", "12-25", "12-26"}},
		{"GB-SCT", "2006", []string{"01-01", "01-02", "01-03", "04-14", "05-01", "05-29", "08-07", "12-25", "12-26"}}, // the year before St Andrew's Day was one
		{"GB-SCT", "2007", []string{"01-01", "01-02", "04-06", "05-07", "05-28", "08-06", "11-30", "12-25", "12-26"}},
		{"GB-SCT", "2021", []string{"01-01", "01-02", "01-04", "04-02", "05-03", "05-31", "08-02", "11-30", "12-25", "12-26", "12-27", "12-28"}},
		{"GB-SCT", "2024", []string{"01-01", "01-02", "03-29", "05-06", "05-27", "08-05", "11-30", "12-02", "12-25", "12-26"}},
		{"GB-NIR", "2024", []string{"01-01", "03-17", "03-18", "03-29", "04-01", "05-06", "05-27", "07-12", "08-26", "12-25", "12-26"}},
		{"GB-NIR", "2025", []string{"01-01", "03-17", "04-18", "04-21", "05-05", "05-26", "07-12", "07-14", "08-25", "12-25", "12-26"}},
		{"GB-NIR", "2026", []string{"01-01", "03-17", "04-03", "04-06", "05-04", "05-25", "07-12", "07-13", "08-31", "12-25", "12-26", "12-28"}},
		{"PL", "2026", []string{"01-01", "01-06", "04-06", "05-01", "05-03", "06-04", "08-15", "11-01", "11-11", "12-24", "12-25", "12-26"}},
	} {
		t.Run(tt.code+" "+tt.year, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, line := range list(t, of(t, tt.code, holidays.Config{}), tt.year+"-01-01", tt.year+"-12-31") {
				got = append(got, line[5:10])
			}
			require.Equal(t, tt.want, got)
		})
	}
	for _, tt := range []struct{ code, date, name string }{
		{"AU-NSW", "2026-06-08", "Birthday"},
		{"AU-NSW", "2026-10-05", "Labour Day"},
		{"AU-VIC", "2026-11-03", "Melbourne Cup"},
		{"CA", "2026-10-12", "Thanksgiving"},
		{"CH-ZH", "2026-08-01", ""},
		{"CH-TI", "2026-03-19", ""},
		{"GR", "2026-04-13", ""}, // Orthodox Easter Monday
		{"JP", "2026-09-22", ""}, // between two holidays
		{"NL", "2026-04-27", "Koningsdag"},
		{"NZ", "2026-02-06", "Waitangi"},
		{"SE", "2026-06-20", "Midsommardagen"},
		{"ECB", "2026-12-26", ""},
	} {
		t.Run(tt.code+" "+tt.date, func(t *testing.T) {
			t.Parallel()
			got := list(t, of(t, tt.code, holidays.Config{}), tt.date, tt.date)
			require.Len(t, got, 1)
			require.Contains(t, got[0], tt.name)
		})
	}
}

func TestDays(t *testing.T) {
	t.Parallel()
	july := func(days holidays.Days) []string {
		return list(t, of(t, "US", holidays.Config{Days: days}), "2026-07-01", "2026-07-31")
	}
	require.Equal(t, []string{"2026-07-03 Independence Day (observed)", "2026-07-04 Independence Day"}, july(holidays.Both))
	require.Equal(t, []string{"2026-07-03 Independence Day (observed)"}, july(holidays.Observed))
	require.Equal(t, []string{"2026-07-04 Independence Day"}, july(holidays.Actual))

	t.Run("a substitute in the year before is found", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, []string{"2021-12-31 New Year's Day (observed)"}, list(t, of(t, "US", holidays.Config{}), "2021-12-31", "2021-12-31"))
	})
	t.Run("a substitute in the year after is found", func(t *testing.T) {
		t.Parallel()
		h, err := holidays.New(holidays.Config{}, &cal.Holiday{
			Name: "Old Year", Month: time.December, Day: 31, Func: cal.CalcDayOfMonth, Observed: []cal.AltDay{{Day: time.Sunday, Offset: 1}},
		})
		require.NoError(t, err)
		require.Equal(t, []string{"2029-01-01 Old Year (observed)"}, list(t, h, "2029-01-01", "2029-12-30"))
	})
	t.Run("without a substitute the day is listed once", func(t *testing.T) {
		t.Parallel()
		for _, days := range []holidays.Days{holidays.Both, holidays.Observed, holidays.Actual} {
			require.Len(t, list(t, of(t, "US", holidays.Config{Days: days}), "2026-11-26", "2026-11-26"), 1)
		}
	})
	t.Run("holidays that share a day are one, with both names", func(t *testing.T) {
		t.Parallel()
		// Ascension Day of 2008 was the 1st of May.
		require.Equal(t, []string{"2008-05-01 Tag der Arbeit, Christi Himmelfahrt"}, list(t, of(t, "DE", holidays.Config{}), "2008-05-01", "2008-05-01"))
	})
	t.Run("ends are included, and nothing beyond", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, []string{"2026-12-25 Weihnachtstag"}, list(t, of(t, "DE", holidays.Config{}), "2026-12-25", "2026-12-25"))
		require.Empty(t, list(t, of(t, "DE", holidays.Config{}), "2026-12-26", "2026-12-25"))
	})
}

func TestKeep(t *testing.T) {
	t.Parallel()
	keep := func(h *cal.Holiday) bool { return h.Type != cal.ObservanceOther }
	all := list(t, of(t, "SE", holidays.Config{}), "2026-12-24", "2026-12-24")
	require.Equal(t, []string{"2026-12-24 Julafton"}, all)
	require.Empty(t, list(t, of(t, "SE", holidays.Config{Keep: keep}), "2026-12-24", "2026-12-24"))
}

func TestUnknownCodes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ code, problem string }{
		{"AU", `holidays: there are none for "AU"; for AU there is AU-ACT, AU-NSW, AU-NT, AU-QLD, AU-SA, AU-TAS, AU-VIC, AU-WA`},
		{"us-ca", `holidays: there are none for "us-ca"; for US there is US`},
		{"DEBY", `did you mean DE-BY? Codes lists all`},
		{"ED", `did you mean`},
		{"", `codes are those of ISO 3166, such as "DE" or "DE-BY"`},
		{"Bavaria", `codes are those of ISO 3166`},
		{strings.Repeat("x", 1<<20), `none for "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..."`},
	} {
		_, err := holidays.Of(tt.code, holidays.Config{})
		require.ErrorContains(t, err, tt.problem)
		require.Less(t, len(err.Error()), 400)
	}
	for _, same := range []string{"de-by", " DE_BY ", "De-bY"} {
		require.Equal(t, list(t, of(t, "DE-BY", holidays.Config{}), "2026-01-01", "2026-12-31"), list(t, of(t, same, holidays.Config{}), "2026-01-01", "2026-12-31"))
	}
	require.Equal(t, list(t, of(t, "GB-SCT", holidays.Config{}), "2026-01-01", "2026-12-31"), list(t, of(t, "uk-sct", holidays.Config{}), "2026-01-01", "2026-12-31"))
	require.NotEmpty(t, list(t, of(t, "UK", holidays.Config{}), "2026-01-01", "2026-12-31"))
}

// Whatever list the library ships with has a code: a release that adds a country turns this red.
func TestEveryListOfTheLibraryHasACode(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.Name}} {{.Dir}}", "github.com/rickar/cal/v2/...").Output()
	require.NoError(t, err)
	found := []string{"GB-ENG", "GB-NIR", "GB-SCT", "GB-WLS"} // made here
	for line := range strings.Lines(string(out)) {
		name, dir, _ := strings.Cut(strings.TrimSpace(line), " ")
		files, err := filepath.Glob(filepath.Join(dir, "*_holidays.go"))
		require.NoError(t, err)
		for _, file := range files {
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			require.NoError(t, err)
			ast.Inspect(f, func(n ast.Node) bool {
				spec, ok := n.(*ast.ValueSpec)
				if !ok {
					return true
				}
				for _, v := range spec.Names {
					if region, ok := strings.CutPrefix(v.Name, "Holidays"); ok {
						found = append(found, strings.TrimSuffix(strings.ToUpper(name)+"-"+region, "-"))
					}
				}
				return false
			})
		}
	}
	slices.Sort(found)
	require.Equal(t, found, holidays.Codes())
}

func TestEveryCodeHasHolidays(t *testing.T) {
	t.Parallel()
	for _, code := range holidays.Codes() {
		for year := 2020; year < 2040; year++ {
			days := list(t, of(t, code, holidays.Config{}), fmt.Sprint(year, "-01-01"), fmt.Sprint(year, "-12-31"))
			require.Greater(t, len(days), 4, code)
			for i := range days[1:] {
				require.Less(t, days[i][:10], days[i+1][:10], "%s: in order, each once", code)
			}
		}
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	party := &cal.Holiday{Name: "Summer party", Month: time.July, Weekday: time.Friday, Offset: 1, Func: cal.CalcWeekdayOffset}
	h, err := holidays.New(holidays.Config{}, party)
	require.NoError(t, err)
	party.Name = "changed afterwards"
	require.Equal(t, []string{"2026-07-03 Summer party", "2027-07-02 Summer party"}, list(t, h, "2026-01-01", "2027-12-31"))

	h, err = holidays.New(holidays.Config{Days: 7}, nil, &cal.Holiday{Name: "never"})
	require.Nil(t, h)
	require.ErrorContains(t, err, "there are no days 7")
	require.ErrorContains(t, err, "holiday 0 is nil")
	require.ErrorContains(t, err, `holiday 1 ("never") has no Func`)

	require.Empty(t, list(t, new(holidays.List), "2026-01-01", "2026-12-31"))
	_, err = new(holidays.List).Holidays(sla.Date{}, date(t, "2026-01-01"))
	require.ErrorContains(t, err, "both must be days that exist")
}

// The library computes in the machine's zone; in Beirut that skips midnight on 29 March 2026, a Sunday.
func TestAMidnightThatTheMachinesZoneSkips(t *testing.T) {
	beirut, err := time.LoadLocation("Asia/Beirut")
	require.NoError(t, err)
	before := cal.DefaultLoc
	cal.DefaultLoc = beirut
	t.Cleanup(func() { cal.DefaultLoc = before })
	h, err := holidays.New(holidays.Config{}, &cal.Holiday{
		Name: "Spring", Month: time.March, Day: 28, CalcOffset: 1, Func: cal.CalcDayOfMonth,
		Observed: []cal.AltDay{{Day: time.Saturday, Offset: -1}, {Day: time.Sunday, Offset: 1}},
	}, &cal.Holiday{Name: "Palms", Month: time.March, Day: 29, Func: cal.CalcDayOfMonth})
	require.NoError(t, err)
	require.Equal(t, []string{"2026-03-29 Spring, Palms", "2026-03-30 Spring (observed)"}, list(t, h, "2026-01-01", "2026-12-31"))
}
