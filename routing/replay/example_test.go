package replay_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/replay"
	"github.com/answerable-go/answerable/sla"
)

const deskLog = `case,at,team,agent,topic,what
7,2026-03-02T09:00:00Z,front desk,,billing,opened
7,2026-03-02T09:10:00Z,front desk,fay,billing,
8,2026-03-02T09:15:00Z,front desk,,delivery,opened
8,2026-03-02T09:20:00Z,front desk,fay,delivery,
7,2026-03-02T09:50:00Z,billing,bea,billing,
8,2026-03-02T10:00:00Z,,,delivery,resolved
7,2026-03-02T10:20:00Z,,,billing,resolved
`

func deskHistory() (*replay.History, error) {
	return replay.ReadLog(&replay.Mapping{
		Events: replay.EventColumns{
			Case: "case", At: "at", Event: "what", Group: "team", Owner: "agent",
			Attributes: replay.Attributes{Labels: []replay.Label{{Columns: []string{"topic"}, Prefix: "topic:"}}},
		},
	}, replay.Source{Name: "desk.csv", Text: strings.NewReader(deskLog)}, replay.Source{})
}

// What if bills went straight to billing?
func Example() {
	h, err := deskHistory()
	if err != nil {
		fmt.Println(err)
		return
	}
	policy := routing.Policy{
		Sink: "manager",
		Default: routing.Settings{
			Assignment: inquiry.Directly,
			Targets:    []sla.Target{{Kind: sla.Resolve, Within: sla.Duration(time.Hour)}},
		},
		Rules: []routing.Rule{
			{Name: "bills", Match: routing.Match{Labels: []string{"topic:billing"}}, Settings: routing.Settings{
				Skills: []inquiry.SkillRequirement{{Skill: "billing", Min: 3}},
			}},
			{Name: "parcels", Match: routing.Match{Labels: []string{"topic:delivery"}}, Settings: routing.Settings{
				Skills: []inquiry.SkillRequirement{{Skill: "parcels", Min: 3}},
			}},
		},
	}
	roster := []inquiry.Owner{
		{ID: "fay", Departments: []string{"front desk"}, Skills: []inquiry.Skill{{Name: "parcels", Level: 4}}, Capacity: 100},
		{ID: "bea", Departments: []string{"billing"}, Skills: []inquiry.Skill{{Name: "billing", Level: 5}}, Capacity: 100},
	}
	r, err := replay.Run(context.Background(), h, policy, roster, replay.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range r.Changes {
		fmt.Printf("%s: %v -> %v, resolved %s -> %s\n", c.Case, c.Was.Owners, c.Would.Owners, c.Was.ResolvedAt.Format("15:04"), c.Would.ResolvedAt.Format("15:04"))
	}
	fmt.Printf("handed off: %.0f %% -> %.0f %%; breaches: %d appear, %d vanish\n", 100*r.Was.Groups.Share(), 100*r.Would.Groups.Share(), r.Appear, r.Vanish)
	// Output:
	// 7: [fay bea] -> [bea], resolved 10:20 -> 09:30
	// 8: [fay] -> [fay], resolved 10:00 -> 09:55
	// handed off: 50 % -> 0 %; breaches: 0 appear, 1 vanish
}

// A log alone tells how often cases are handed about.
func ExampleHistory_HandOffs() {
	h, err := deskHistory()
	if err != nil {
		fmt.Println(err)
		return
	}
	n := h.HandOffs()
	fmt.Printf("%d of %d were handed from one group to another, %d came back\n", n.HandedOff, n.Cases, n.Returned)
	// Output: 1 of 2 were handed from one group to another, 0 came back
}

// Who can do what, as far as a log shows it.
func ExampleHistory_Infer() {
	h, err := deskHistory()
	if err != nil {
		fmt.Println(err)
		return
	}
	inferred, err := h.Infer(replay.Learning{Prefixes: []string{"topic:"}, Min: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range inferred.Skills {
		fmt.Printf("%s: %s at level %d, from %d of %d\n", s.Owner, s.Skill, s.Level, s.Resolved, s.Of)
	}
	// Output:
	// bea: inferred:topic:billing at level 5, from 1 of 1
	// fay: inferred:topic:delivery at level 5, from 1 of 1
}

// A log with faults is refused whole, and all of them are told.
func ExampleReadLog_faults() {
	_, err := replay.ReadLog(&replay.Mapping{Events: replay.EventColumns{Case: "case", At: "at", Event: "what"}},
		replay.Source{Name: "desk.csv", Text: strings.NewReader("case,at,what\n7,2026-03-02T09:00:00Z,opened\n7,today,resolved\n8,2026-03-02T10:00:00Z,gone\n")}, replay.Source{})
	for _, f := range replay.Faults(err) {
		fmt.Println(f)
	}
	// Output:
	// desk.csv:3:3: at: "today" is no time as in 2006-01-02T15:04:05.999999999Z07:00, 2006-01-02T15:04:05, 2006-01-02 15:04:05Z07:00, 2006-01-02 15:04:05: add its layout to layouts
	// desk.csv:4:24: what: what "gone" means is not known: list it under means, as noted if it means nothing
}

// A journal, as it is in a store, is replayed in the same way.
func ExampleReadJournal() {
	events := replay.JournalLines(replay.Source{Name: "journal.jsonl", Text: strings.NewReader("")}) // or store.Journal(ctx, pool, 0)
	_, err := replay.ReadJournal(events)
	fmt.Println(err)
	// Output: the journal has no inquiries: there is nothing to replay
}
