package simulate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// Comparison is the result of two scenarios that met the same customers.
type Comparison struct {
	A       *Report            `json:"a"`
	B       *Report            `json:"b"`
	Total   []Difference       `json:"total"`
	Classes []ClassDifferences `json:"classes"` // of the classes that both have
}

// ClassDifferences are the differences of one class.
type ClassDifferences struct {
	Class       string       `json:"class"`
	Differences []Difference `json:"differences"`
}

// Difference is a measure in B minus the same in A. It is the mean of the
// differences of the replications, which met the same traffic in both, with its
// interval. That is much narrower than the two intervals by themselves suggest.
type Difference struct {
	Measure string `json:"measure"` // as in Measures
	Unit    Unit   `json:"unit"`
	A       Value  `json:"a"`
	B       Value  `json:"b"`
	Change  Value  `json:"change"`
	// Clear means that the interval of the difference does not contain 0.
	Clear bool `json:"clear"`
}

// Compare simulates two scenarios with the seed and the replications of a.
// Classes with the same name and the same laws meet the same in both: arrivals,
// handling times at speed 1, patience, and who writes again. If ctx ends first,
// it compares the replications that both have done, and returns the context's
// error as [Run] does.
//
// The examples are the same inquiries in both, the one whose wait changed the
// most first. One that the second scenario did not meet is missing there.
func Compare(ctx context.Context, a, b *Scenario, o Options) (*Comparison, error) {
	ca, err := a.compile()
	if err != nil {
		return nil, fmt.Errorf("the first scenario: %w", err)
	}
	same := *b
	same.Seed, same.Replications, same.Confidence = ca.seed, ca.replications, ca.confidence
	cb, err := same.compile()
	if err != nil {
		return nil, fmt.Errorf("the second scenario: %w", err)
	}
	ra, errA := ca.replicate(ctx, o, progressing(o.Progress, ca.replications, 0, 0.5))
	if ra == nil {
		return nil, errA
	}
	rb, errB := cb.replicate(ctx, o, progressing(o.Progress, cb.replications, 0.5, 0.5))
	if rb == nil {
		return nil, errB
	}
	c := compared(ca, cb, ca.reported(ra, errA), cb.reported(rb, errB), ra, rb)
	err = cmp.Or(errA, errB)
	if err == nil {
		inA, inB := pickBoth(ra[0].tally.records, rb[0].tally.records, o.Examples)
		if c.A.Examples, err = ca.tell(ctx, inA); err == nil {
			c.B.Examples, err = cb.tell(ctx, inB)
		}
	}
	return c, err
}

func compared(ca, cb *compiled, a, b *Report, ra, rb []*replication) *Comparison {
	c := &Comparison{A: a, B: b}
	var ta, tb []*tally
	for i := range min(len(ra), len(rb)) {
		if ra[i].done && rb[i].done {
			ta, tb = append(ta, ra[i].tally), append(tb, rb[i].tally)
		}
	}
	c.Total = differences(ca.confidence, ta, tb, &c.A.Total, &c.B.Total, sum, sum)
	for i, k := range ca.classes {
		j := slices.IndexFunc(cb.classes, func(o *class) bool { return o.Name == k.Name })
		if j < 0 {
			continue
		}
		c.Classes = append(c.Classes, ClassDifferences{k.Name, differences(ca.confidence, ta, tb, &c.A.Classes[i].Measures, &c.B.Classes[j].Measures,
			func(t *tally) *counts { return &t.classes[i] }, func(t *tally) *counts { return &t.classes[j] })})
	}
	return c
}

func differences(confidence float64, ta, tb []*tally, ma, mb *Measures, ofA, ofB func(*tally) *counts) []Difference {
	list := make([]Difference, len(measures))
	values := make([][]float64, len(measures))
	for i := range ta {
		a, b := ofA(ta[i]), ofB(tb[i])
		for k, m := range measures {
			va, okA := m.of(a)
			vb, okB := m.of(b)
			if okA && okB {
				values[k] = append(values[k], vb-va)
			}
		}
	}
	for k, m := range measures {
		d := Difference{Measure: m.name, A: *m.value(ma), B: *m.value(mb), Unit: m.unit, Change: estimate(values[k], confidence)}
		d.Clear = d.Change.N > 1 && !d.Change.Holds(0)
		list[k] = d
	}
	return list
}
