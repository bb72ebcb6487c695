package policyfile

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// soundText is a sound policy to which cases add something.
const soundText = `sink: head
default: {targets: [{kind: resolve, within: 8h}]}
`

func parse(t *testing.T, text string) (*File, error) {
	t.Helper()
	return Parse(Source{"p.yaml", []byte(text)})
}

func TestLoad(t *testing.T) {
	t.Parallel()
	f, err := Load("testdata/small.yaml")
	require.NoError(t, err)
	require.Equal(t, inquiry.OwnerID("head"), f.Policy.Sink)
	require.Equal(t, sla.Hours{Day: time.Tuesday, Open: sla.At(9, 0), Close: sla.At(17, 0)}, f.Policy.Calendars[0].Hours[1])
	require.Equal(t, sla.Date{Year: 2026, Month: 12, Day: 25}, f.Policy.Calendars[0].Exceptions[0].Date)
	require.Equal(t, inquiry.Priority(2), *f.Policy.Rules[0].Priority)
	require.Equal(t, []int{50, 80}, f.Policy.Default.Targets[0].Warn)
	require.Equal(t, "office", f.Roster[1].Shift)
	require.Nil(t, f.Policy.Default.Skills, "what is left out is inherited")

	empty, err := parse(t, soundText+"rules: [{name: a, skills: []}]\n")
	require.NoError(t, err)
	require.NotNil(t, empty.Policy.Rules[0].Skills, "an empty list asks for none")

	_, err = Load("testdata/none.yaml")
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, "testdata/none.yaml")
	_, err = Load()
	require.ErrorContains(t, err, "name at least one")
}

func TestSeveralFiles(t *testing.T) {
	t.Parallel()
	from := fstest.MapFS{
		"policy.yaml": {Data: []byte(soundText + "rules: [{name: a}]\n")},
		"more.yaml":   {Data: []byte("rules: [{name: b}, {name: a}]\n")},
		"roster.yaml": {Data: []byte("roster: [{id: head, capacity: 1}]\nsink: other\n")},
	}
	_, err := LoadFS(from, "policy.yaml", "more.yaml", "roster.yaml")
	require.EqualError(t, err, `more.yaml:1:27: a rule beside it has the same name: give each its own
roster.yaml:2:1: sink is said in policy.yaml:1:1 already; say it in one of the files`)

	from["roster.yaml"].Data = []byte("rules: {name: b}\n")
	_, err = LoadFS(from, "policy.yaml", "roster.yaml")
	require.EqualError(t, err, "roster.yaml:1:1: rules is said in policy.yaml:3:1 already; say it in one of the files")

	from["roster.yaml"].Data = []byte("roster: [{id: head, capacity: 1}]\n")
	from["more.yaml"].Data = []byte("rules: [{name: b}]\n")
	f, err := LoadFS(from, "policy.yaml", "more.yaml", "roster.yaml")
	require.NoError(t, err)
	require.Equal(t, "b", f.Policy.Rules[1].Name, "lists are joined in the order of the files")
	require.Equal(t, Place{"more.yaml", 1, 9}, f.Place("rules[1] (b)"))
	require.Equal(t, Place{"roster.yaml", 1, 10}, f.Place("roster[0] (head)"))
	for _, beyond := range []string{"rules[2]", "rules[-1]/name", "rules[x]", "rules[1", "rules"} {
		require.Equal(t, Place{"policy.yaml", 3, 1}, f.Place(beyond), "the nearest around %s", beyond)
	}
	require.Equal(t, Place{"policy.yaml", 1, 7}, f.Place("sink[0]"))
	require.Equal(t, f.Place("default"), f.Place("default[0]"), "which is no list")
}

// Every fault of a file that has many, each at its place.
func TestEveryFault(t *testing.T) {
	t.Parallel()
	_, err := Load("testdata/wrong.yaml")
	got := err.Error() + "\n"
	if *update {
		require.NoError(t, os.WriteFile("testdata/wrong.txt", []byte(got), 0o600))
	}
	want, readErr := os.ReadFile("testdata/wrong.txt")
	require.NoError(t, readErr)
	require.Equal(t, string(want), got)
	for _, f := range Faults(err) {
		require.NotZero(t, f.Line, f.Error())
	}
}

// What a file says wrongly, and what its writer is told.
func TestRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"an empty file", "", `p.yaml:1:1: the file is empty; a policy needs at least default and sink`},
		{"a comment only", "# later\n", `p.yaml:1:1: the file is empty; a policy needs at least default and sink`},
		{"a list", "- a\n", `p.yaml:1:1: the file is a list; write keys such as default, rules and sink, each with a colon and its value`},
		{"two documents", soundText + "---\n" + soundText, `p.yaml:3:1: a second document begins here; put it into a file of its own, and name both files`},
		{"no YAML", "sink: [head\n", `p.yaml:2:1: not YAML: while parsing a flow sequence: did not find expected ',' or ']'; look for a missing quote, bracket or colon, or wrong indentation`},
		{"a colon in a text", "sink: a: b\n", `p.yaml:1:8: not YAML: mapping values are not allowed in this context; put quotes around a text with a colon and a blank in it, and begin each key in the column of those beside it`},
		{"a tab", "sink: head\ndefault:\n\ttargets: []\n", `p.yaml:3:1: not YAML: while scanning for the next token: found character that cannot start any token; indent with blanks rather than tabs, and put quotes around a text that begins with a sign such as @ or %`},
		{"bytes that are no text", soundText + "version: \x00\n", `p.yaml:3:10: not YAML: control characters are not allowed (value: 0); save the file as plain text in UTF-8`},
		{"a key that there is not", soundText + "calendars: [{name: a, always: true, owners: []}]\n", `p.yaml:3:37: there is no key "owners" in calendars[0]; use one of always, exceptions, hours, name, zone`},
		{"a name twice", soundText + "roles: [{name: a, owners: [x]}, {name: a, owners: [y]}]\n", `p.yaml:3:40: roles[1] (a) has a name that is taken: keep one, or give each a name of its own`},
		{"a role without owners", soundText + "roles: [{name: a, owners: []}]\n", `p.yaml:3:19: owners is empty: name at least one owner who holds it`},
		{"a misspelt key", soundText + "calender: []\n", `p.yaml:3:1: there is no key "calender"; did you mean "calendars"?`},
		{"a key twice", soundText + "sink: other\n", `p.yaml:3:1: the key "sink" stands here a second time, after line 1; keep one of them`},
		{"a key without a value", soundText + "rules:\n", `p.yaml:3:7: there is nothing behind rules; write a list, [] for an empty one, or leave the key out`},
		{"a key that is no word", soundText + "1: a\n", `p.yaml:3:1: the key 1 is no word; write one of the keys that the documentation names`},
		{"a merge key", soundText + "<<: {version: a}\n", `p.yaml:3:1: << is not supported; a rule inherits from the rule around it, and an alias repeats a whole value`},
		{"a tag", soundText + "version: !!str a\n", `p.yaml:3:10: the tag !!str is not needed; remove it, and put quotes around a text that looks like something else`},
		{"an own tag", soundText + "version: !mine a\n", `p.yaml:3:10: the tag !mine has no meaning here; remove it`},
		{"an alias without an anchor", soundText + "version: *v\n", `p.yaml:3:10: not YAML: unknown anchor 'v' referenced; put quotes around a text that begins with *, or declare the anchor above`},
		{"an alias of itself", soundText + "rules: &r [{name: a, rules: *r}]\n", `p.yaml:3:29: *r stands within what it repeats; it would have no end`},
		{"a number for a text", soundText + "version: 7\n", `p.yaml:3:10: version is 7 and has to be a text; put quotes around it: "7"`},
		{"a text for a number", soundText + `rules: [{name: a, delay_cost: "7"}]` + "\n", `p.yaml:3:31: delay_cost is the text "7"; write a whole number, in digits only`},
		{"a number that is too large", soundText + "rules: [{name: a, priority: 99999999999999999999}]\n", `p.yaml:3:29: priority is 99999999999999999999, which is out of range; write a number that makes sense`},
		{"a word that is not true", soundText + "rules: [{name: a, continue: yes}]\n", `p.yaml:3:29: continue is the text "yes"; write true or false`},
		{"true as a text", soundText + `rules: [{name: a, continue: "true"}]` + "\n", `p.yaml:3:29: continue is the text "true"; write true or false`},
		{"a text for opening hours", soundText + "calendars: [{name: a, hours: [always]}]\n", `p.yaml:3:31: hours[0] is the text "always"; write a mapping of keys and values`},
		{"a text for a mapping", soundText + "limits: none\n", `p.yaml:3:9: limits is the text "none"; write a mapping of keys and values`},
		{"a mapping for a text", soundText + "version: {a: b}\n", `p.yaml:3:10: version is a mapping; write a text`},
		{"a duration without a unit", soundText + "thread_for: 90\n", `p.yaml:3:13: duration "90": not a duration; write hours, minutes and seconds such as 1h30m or 45s`},
		{"nothing at all that is needed", "version: a\n", "p.yaml:1:1: default is missing; add it\np.yaml:1:1: sink is missing; add it"},
		{"a turn without a member", soundText + "rotations: [{name: a, start: 2026-03-02, turns: [{days: 7}]}]\n", `p.yaml:3:50: member is missing in turns[0]; add it`},
		{"a reference to nothing", soundText + "calendars: [{name: office, always: true}]\npresence: {silent_calendar: offices}\n", `p.yaml:4:29: there is no calendar "offices": declare it under calendars; did you mean "office"?`},
		{
			"an owner's faults", soundText + "roster:\n  - id: anna\n    capacity: 1\n    skills: [{name: a, level: 3}, {name: b, level: 7}]\n    shift: nights\n",
			"p.yaml:6:35: owner anna: skill b has level 7: want 1 to 5\n" + `p.yaml:7:12: there is no calendar "nights": declare it under calendars`,
		},
		{"labels with brackets", soundText + "rules:\n  - name: a) (b\n    skills:\n      - {skill: c/d (e), min: 9}\n", `p.yaml:6:31: min is 9: want 1 to 5`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := parse(t, c.text)
			require.EqualError(t, err, c.want)
		})
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"size", soundText + strings.Repeat("# a comment that goes on and on\n", MaxSize/32), "more than 2097152 bytes"},
		{"depth of lists", "sink: " + strings.Repeat("[", 100_000), "nested more than 48 deep"},
		{"depth of mappings", "sink: " + strings.Repeat("{a: ", 100_000), "nested more than 48 deep"},
		{"depth of lines", strings.Repeat("- ", 100_000), "nested more than 48 deep"},
		{"values", "sink: [" + strings.Repeat("1,", MaxNodes) + "]", "more than 400000 values"},
		{"aliases", aliasBomb(), "more than 400000 values"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := parse(t, c.text)
			require.ErrorContains(t, err, c.want)
			require.LessOrEqual(t, len(Faults(err)), 2)
		})
	}
	_, err := parse(t, soundText+"rules: ["+strings.Repeat("{nam: a},", 1000)+"]\n")
	require.Len(t, Faults(err), MaxFaults+1)
	require.ErrorContains(t, err, "faults more from here on")
}

// aliasBomb repeats ten things ten times, ten times over.
func aliasBomb() string {
	text := "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
	for i := '1'; i <= '9'; i++ {
		before := "*a" + string(i-1)
		text += "a" + string(i) + ": &a" + string(i) + " [" + strings.Repeat(before+",", 9) + before + "]\n"
	}
	return text
}

func TestLintHasPlaces(t *testing.T) {
	t.Parallel()
	f, err := parse(t, soundText+"rules:\n  - name: all\n  - name: never\n    match: {labels: [a]}\nroster:\n  - id: anna\n    capacity: 100\n")
	require.NoError(t, err)
	var got []string
	for _, x := range f.Lint(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)) {
		got = append(got, x.String())
	}
	require.Equal(t, []string{
		"p.yaml:5:5: warning: it is never reached: rule all, tried before it, takes everything that it matches; move it before, narrow what is before it, or remove the rule [shadowed]",
		"p.yaml:1:7: warning: head is the sink, where every ladder ends, and not on the roster; put them on the roster, or name somebody who is [owner]",
	}, got[:2])
}

func TestFaultsWithoutAFile(t *testing.T) {
	t.Parallel()
	_, err := New(routing.Policy{Rules: []routing.Rule{{Name: "a"}, {}}}, []inquiry.Owner{{ID: "b"}, {ID: "b"}})
	for _, want := range []string{"sink: no owner named", "default/targets: there is no resolve target", "rules[1] (): ", "roster[1]/id: owner b is on the roster twice"} {
		require.ErrorContains(t, err, want)
	}
}
