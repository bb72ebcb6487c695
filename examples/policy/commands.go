package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/policyfile"
	"github.com/answerable-go/answerable/routing/report"
	"github.com/answerable-go/answerable/sla"
)

// load reads the files and lists their faults; f is nil if there are any.
func (c *command) load(files []string) (f *policyfile.File, err error) {
	f, err = policyfile.Load(files...)
	if faults := policyfile.Faults(err); faults != nil {
		for _, x := range faults {
			fmt.Fprintln(c.err, x)
		}
		return nil, errors.New(several(len(faults), "fault"))
	}
	return f, err
}

// several is a number and what it counts, "1 fault".
func several(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (c *command) check() {
	c.help = `policy check FILE...

Reads policy files and lists every fault at once, each as file:line:col: what is wrong; how to mend it.

  go run ./examples/policy check examples/policy/airline.yaml examples/policy/airline-roster.yaml

`
	c.run = func(files []string) (int, error) {
		f, err := c.load(files)
		if err != nil {
			return found, err
		}
		fmt.Fprintf(c.out, "fine: version %s, %s, %s\n", f.Compiled().Version(), several(count(f.Policy.Rules), "rule"), several(len(f.Roster), "owner"))
		return fine, nil
	}
}

func count(rules []routing.Rule) int {
	n := len(rules)
	for _, r := range rules {
		n += count(r.Rules)
	}
	return n
}

func (c *command) lint() {
	c.help = `policy lint [flags] FILE...

Holds a policy against its roster: rules that are never reached, skills that nobody has, steps that
add nobody, ladders that lead nowhere, opening hours in which nobody who qualifies is on shift, and
words that look misspelt.
A warning is a fault in effect; a notice may be meant, and counts with -strict only.

  go run ./examples/policy lint examples/policy/airline.yaml examples/policy/airline-roster.yaml

`
	strict := c.flags.Bool("strict", false, "let notices fail, too")
	asJSON := c.flags.Bool("json", false, "print one JSON object a finding")
	from := c.flags.String("from", "", "look at the shifts of the year from this `date` on, such as 2026-12-25; default today")
	c.run = func(files []string) (int, error) {
		at := c.now
		if *from != "" {
			d, err := sla.ParseDate(*from)
			if err != nil {
				return wrong, usageError{fmt.Errorf("-from: %w", err)}
			}
			at = time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
		}
		f, err := c.load(files)
		if err != nil {
			return found, err
		}
		if len(f.Roster) == 0 {
			fmt.Fprintln(c.err, "note: there is nobody on the roster; name its file, too, if it has one of its own")
		}
		warnings, notices := 0, 0
		enc := json.NewEncoder(c.out)
		enc.SetEscapeHTML(false)
		for _, x := range f.Lint(at) {
			if *asJSON {
				if err := enc.Encode(x); err != nil {
					return found, err
				}
			} else {
				fmt.Fprintln(c.out, x)
			}
			if x.Severity == routing.Warning {
				warnings++
			} else {
				notices++
			}
		}
		if !*asJSON {
			fmt.Fprintf(c.out, "%s, %s\n", several(warnings, "warning"), several(notices, "notice"))
		}
		if warnings > 0 || *strict && notices > 0 {
			return found, nil
		}
		return fine, nil
	}
}

func (c *command) test() {
	c.help = `policy test [flags] TABLE...

Runs tables of tests: a message, when it comes and who is there, and what is to become of it. Each is
decided by the engine's own core, in virtual time. A table names its policy files.

  go run ./examples/policy test -v examples/policy/airline_test.yaml

With -update the decisions are written beside the table, to TABLE.golden.yaml, whole: commit that file,
and a change of the policy shows in the diff what it changes.

`
	verbose := c.flags.Bool("v", false, "name the tests that pass, with what was decided")
	update := c.flags.Bool("update", false, "write the golden files anew")
	c.run = func(tables []string) (int, error) {
		failed, ran, unread := 0, 0, 0
		for _, name := range tables {
			s, err := policyfile.LoadSuite(name)
			if err != nil {
				fmt.Fprintln(c.err, err)
				unread++
				continue
			}
			results := s.Run()
			if *update {
				err = s.Update(results)
			} else {
				err = s.Compare(results)
			}
			if err != nil {
				fmt.Fprintln(c.err, err)
				unread++
			}
			for _, r := range results {
				ran++
				if len(r.Wrong) > 0 {
					failed++
					fmt.Fprintf(c.out, "%s: FAIL %s\n", r.Place, r.Name)
					for _, w := range r.Wrong {
						fmt.Fprintf(c.out, "    %s\n", w)
					}
				} else if *verbose {
					fmt.Fprintf(c.out, "%s: ok %s\n    %s: %s\n", r.Place, r.Name, whom(r.Decision), r.Decision.Because)
				}
			}
		}
		fmt.Fprintf(c.out, "%s, %d failed", several(ran, "test"), failed)
		if unread > 0 { // a table, or what was decided for it before
			fmt.Fprintf(c.out, ", %s with faults", several(unread, "file"))
		}
		fmt.Fprintln(c.out)
		if failed+unread > 0 {
			return found, nil
		}
		return fine, nil
	}
}

// whom says where an inquiry is.
func whom(d *policyfile.Decision) string {
	rule := "rule " + d.Rule
	if d.Rule == "" {
		rule = "no rule"
	}
	if d.Owner == "" {
		return rule + ", " + strings.ReplaceAll(string(d.State), "_", " ")
	}
	return fmt.Sprintf("%s, %s to %s", rule, d.State, d.Owner)
}

func (c *command) explain() {
	c.help = `policy explain [flags] FILE...

Tells what becomes of one message, and why: the rule, who passes which gate, the scores, the deadlines.

  go run ./examples/policy explain -label cancelled -channel chat -language es -why tiago \
      -at 2026-07-17T15:00:00+01:00 examples/policy/airline.yaml examples/policy/airline-roster.yaml

`
	var s policyfile.Situation
	words := func(to *[]string) func(string) error {
		return func(v string) error { *to = append(*to, v); return nil }
	}
	c.flags.Func("label", "a `label` that screening gave it; may be given several times", words(&s.Message.Labels))
	c.flags.Func("audience", "an `audience` of its author, such as journalist; may be given several times", func(v string) error {
		s.Message.Audiences = append(s.Message.Audiences, inquiry.Audience(v))
		return nil
	})
	c.flags.StringVar((*string)(&s.Message.Kind), "kind", "", "its `kind`, such as complaint")
	c.flags.StringVar(&s.Message.Channel, "channel", "", "the `channel` it came by")
	c.flags.StringVar(&s.Message.Account, "account", "", "the `account` of ours it was addressed to")
	c.flags.StringVar(&s.Message.Language, "language", "", "its `language`, such as de")
	c.flags.Int64Var(&s.Message.Reach, "reach", 0, "how many `people` its author reaches")
	c.flags.Func("at", "the `time` it came, such as 2026-03-02T09:30:00+01:00; default now", func(v string) (err error) {
		if s.At, err = time.Parse(time.RFC3339, v); err != nil {
			return errors.New("want a date, a time and the zone's offset, such as 2026-03-02T09:30:00+01:00")
		}
		return nil
	})
	c.flags.Func("online", "an `owner` who is there; may be given several times; default everybody", func(v string) error {
		if strings.Contains(v, ",") {
			return errors.New("want one owner; give -online once for each")
		}
		s.Online = append(s.Online, inquiry.OwnerID(v))
		return nil
	})
	c.flags.Func("load", "what an owner holds already, as `OWNER=UNITS`; may be given several times", func(v string) error {
		owner, units, ok := strings.Cut(v, "=")
		n, err := strconv.Atoi(units)
		if !ok || err != nil {
			return errors.New("want OWNER=UNITS, such as anna=80")
		}
		if s.Load == nil {
			s.Load = map[inquiry.OwnerID]int{}
		}
		s.Load[inquiry.OwnerID(owner)] = n
		return nil
	})
	c.flags.StringVar((*string)(&s.Previous), "previous", "", "the `owner` whom the customer had before")
	c.flags.TextVar(&s.After, "after", sla.Duration(0), "look so long `later`, nobody having done anything")
	why := c.flags.String("why", "", "why not this `owner`, and what would have made them the one?")
	asJSON := c.flags.Bool("json", false, "print decision and explanation as one JSON object")
	c.run = func(files []string) (int, error) {
		f, err := c.load(files)
		if err != nil {
			return found, err
		}
		if s.At.IsZero() {
			s.At = c.now
		}
		d, e, err := f.Try(s, inquiry.OwnerID(*why))
		if err != nil {
			return wrong, usageError{err}
		}
		for _, o := range f.Overlooked(s.Message) {
			fmt.Fprintf(c.err, "note: %s\n", o)
		}
		if *asJSON {
			enc := json.NewEncoder(c.out)
			enc.SetEscapeHTML(false)
			return fine, enc.Encode(struct {
				Decision    *policyfile.Decision `json:"decision"`
				Explanation *routing.Explanation `json:"explanation"`
			}{d, e})
		}
		fmt.Fprintf(c.out, "%s\n\n", whom(d))
		for _, kind := range sla.Kinds() {
			if due, ok := d.Deadlines[kind]; ok {
				fmt.Fprintf(c.out, "%-15s due %s\n", strings.ReplaceAll(string(kind), "_", " "), due.Format("Mon 2006-01-02 15:04 -07:00"))
			}
		}
		fmt.Fprintf(c.out, "\n%s", e.Text())
		return fine, nil
	}
}

func (c *command) draw() {
	c.help = `policy draw [-format mermaid|dot] FILE...

Draws the policy. A Mermaid picture shows in Markdown, within a block of the language mermaid; a DOT
one becomes SVG with Graphviz:

  go run ./examples/policy draw -format dot examples/policy/airline.yaml | dot -Tsvg > airline.svg

`
	format := c.flags.String("format", "mermaid", "mermaid or dot")
	c.run = func(files []string) (int, error) {
		draw := map[string]func(routing.Policy) string{"mermaid": report.Mermaid, "dot": report.DOT}[*format]
		if draw == nil {
			return wrong, usageError{fmt.Errorf("-format is %q; want mermaid or dot", *format)}
		}
		f, err := c.load(files)
		if err != nil {
			return found, err
		}
		_, err = fmt.Fprint(c.out, draw(f.Policy))
		return fine, err
	}
}

func (c *command) schema() {
	c.help = `policy schema

Prints the JSON Schema of policy files. With it an editor completes keys, explains them, and underlines
what check would refuse:

  go run ./examples/policy schema > policy.schema.json

and as the first line of a policy file: # yaml-language-server: $schema=policy.schema.json

`
	c.run = func(files []string) (int, error) {
		if len(files) > 0 {
			return wrong, usageError{fmt.Errorf("unexpected argument %q", files[0])}
		}
		_, err := c.out.Write(policyfile.Schema())
		return fine, err
	}
}
