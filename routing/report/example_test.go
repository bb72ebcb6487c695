package report_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/report"
	"github.com/answerable-go/answerable/routing/simulate"
	"github.com/answerable-go/answerable/sla"
)

// desk is a help desk that is asked 30 times an hour.
func desk(owners int) *simulate.Scenario {
	return &simulate.Scenario{
		Name: fmt.Sprintf("%d at the desk", owners), For: sla.Duration(2 * time.Hour), Replications: 20,
		Classes: []simulate.Class{{
			Name: "calls", Arrivals: simulate.Arrivals{PerHour: 30},
			Handling: simulate.Law{Mean: sla.Duration(6 * time.Minute)}, Patience: &simulate.Law{Mean: sla.Duration(10 * time.Minute)},
			Within: sla.Duration(time.Minute),
		}},
		Groups: []simulate.Group{{Name: "desk", Count: owners}},
	}
}

// A summary for the terminal. HTML and CSV are written the same way.
func ExampleSimulation() {
	s := desk(3)
	found, err := simulate.Run(context.Background(), s, simulate.Options{})
	if err != nil {
		panic(err)
	}
	if err := report.Simulation(s, found).Text(os.Stdout); err != nil {
		panic(err)
	}
	// Output:
	// 3 at the desk
	// Mon 2026-01-05 00:00 to Mon 2026-01-05 02:00; 20 replications, seed 1, 1,276 inquiries; ± is the 95 % interval
	// Of 59.4 inquiries on average 50.4 % had an owner in time. Half of those served waited less than 36.1s, nine in
	// ten less than 5m04s.
	// The worst hour is that from Mon 01:00, with 43.3 %.
	//
	// WAITS, AND WHO WAS SERVED IN TIME
	// ---------------------------------
	//
	// class  offered  in time                served  gave up  turned away  wait of served           median   90 %   99 %  wait of all
	// calls     59.4   50.4 %  ± 8.5  in 1m    47.6   19.3 %        0.0 %           1m42s  ± 28.5s   36.1s  5m04s  8m58s        1m52s
	//
	// THROUGH THE DAY
	// ---------------
	//
	// Hour by hour
	// hour       offered  in time  gave up  wait of served  wait of all
	// Mon 00:00       29   59.9 %   14.0 %           1m14s        1m19s  #############################
	// Mon 01:00     30.4   43.3 %   25.3 %           2m10s        2m17s  ##############################
	//
	// WHO DID THE WORK
	// ----------------
	//
	// group  owners  at work         handled
	// desk        3   76.2 %  ± 5.6     48.8
	//
	// DEADLINES
	// ---------
	//
	// deadlines  kind       of      met
	// calls      resolve  47.6  100.0 %  ± 0.0
}

// Two scenarios that met the same customers.
func ExampleComparison() {
	a, b := desk(3), desk(4)
	found, err := simulate.Compare(context.Background(), a, b, simulate.Options{})
	if err != nil {
		panic(err)
	}
	if err := report.Comparison(a, b, found).Text(os.Stdout); err != nil {
		panic(err)
	}
	// Output:
	// A or B?
	// A: 3 at the desk
	// B: 4 at the desk
	// Mon 2026-01-05 00:00 to Mon 2026-01-05 02:00; 20 replications, seed 1, 1,270 inquiries; ± is the 95 % interval
	// With B 74.0 % had an owner in time instead of 50.4 %: +23.6 points ± 3.6 (clearly better).
	//
	// WHO DID THE WORK
	// ----------------
	//
	// How busy is each group?
	// group       A              B
	// desk   76.2 %  ± 5.6  65.8 %  ± 5.6
	//
	// ALL DIFFERENCES
	// ---------------
	//
	// calls                 A        B      B less A           sure?
	// offered            59.4     59.4     no change           the same
	// in time          50.4 %   74.0 %  +23.6 points    ± 3.6  clearly better
	// gave up          19.3 %    7.8 %  -11.5 points    ± 2.1  clearly better
	// wait of served    1m42s    42.3s        -59.6s  ± 16.0s  clearly better
	// of them 90 %      5m04s    2m33s        -2m31s  ± 45.3s  clearly better
	// wait of all       1m52s    48.5s        -1m03s  ± 13.4s  clearly better
	// until resolved    7m52s    6m49s        -1m03s  ± 19.7s  clearly better
	// deadlines met   100.0 %  100.0 %     no change           the same
}

// A document of one's own.
func ExampleDocument() {
	exactly := func(n float64) simulate.Value { return simulate.Value{Mean: n, N: 1} }
	d := report.Document{
		Title: "Returns in March",
		Sections: []report.Section{{Title: "By warehouse", Blocks: []report.Block{{Chart: &report.Chart{
			Kind: report.Bars, Title: "Where do they come from?", Of: "warehouse", Labels: []string{"=north", "south"},
			Measure: "returns", Unit: simulate.Number, Series: []report.Series{{Name: "returns", Values: []simulate.Value{exactly(1204), exactly(87)}}},
		}}}}},
	}
	if err := d.Text(os.Stdout); err != nil {
		panic(err)
	}
	var csv strings.Builder
	if err := d.CSV(&csv); err != nil {
		panic(err)
	}
	fmt.Print("\n", strings.ReplaceAll(csv.String(), "\r\n", "\n"))
	// Output:
	// Returns in March
	//
	// BY WAREHOUSE
	// ------------
	//
	// Where do they come from?
	// warehouse  returns
	// =north       1,204
	// south           87
	//
	// section,table,row,column,unit,value,plus_minus,replications
	// By warehouse,Where do they come from?,'=north,returns,number,1204,,1
	// By warehouse,Where do they come from?,south,returns,number,87,,1
}

// A policy as a picture.
func ExampleMermaid() {
	fmt.Print(report.Mermaid(routing.Policy{
		Default: routing.Settings{Targets: []sla.Target{sla.Within(sla.Resolve, 8*time.Hour, "")}},
		Rules: []routing.Rule{{
			Name: "refunds", Match: routing.Match{Labels: []string{"refund"}},
			Settings: routing.Settings{Skills: []inquiry.SkillRequirement{{Skill: "billing", Min: 2}}, Assignment: inquiry.Directly},
		}},
	}))
	// Output:
	// flowchart TD
	//   n0(["a message comes in"])
	//   n1["default<br/>resolve within 8h"]
	//   n2{{"refunds<br/>labels refund"}}
	//   n3["refunds<br/>billing at 2<br/>assigned directly"]
	//   n0 --> n2
	//   n2 -->|yes| n3
	//   n2 -.->|none of them| n1
	//   classDef ask fill:#eef4ff,stroke:#4a78c2,color:#111
	//   classDef plan fill:#f3f8ee,stroke:#6a9a3b,color:#111
	//   class n1 plan
	//   class n2 ask
	//   class n3 plan
}
