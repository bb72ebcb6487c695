package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/answerable-go/answerable/routing/simulate"
)

// limit is something that has to hold of a report, for a build that is to fail
// otherwise.
type limit struct {
	text    string
	class   string // "": all together
	measure string
	least   bool // want at least; otherwise at most
	value   float64
}

func parseLimit(text string) (limit, error) {
	l := limit{text: text}
	rest := text
	if class, after, ok := strings.Cut(rest, ":"); ok {
		l.class, rest = strings.TrimSpace(class), after
	}
	name, value, ok := strings.Cut(rest, ">=")
	if l.least = ok; !ok {
		if name, value, ok = strings.Cut(rest, "<="); !ok {
			return l, fmt.Errorf("limit %q: want a measure, >= or <=, and a number", text)
		}
	}
	l.measure = strings.TrimSpace(name)
	var err error
	if l.value, err = strconv.ParseFloat(strings.TrimSpace(value), 64); err != nil {
		return l, fmt.Errorf("limit %q: %q is no number", text, strings.TrimSpace(value))
	}
	if _, ok := measure(&simulate.Measures{}, l.measure); !ok {
		return l, fmt.Errorf("limit %q: there is no measure %q; -json shows their names under total", text, l.measure)
	}
	return l, nil
}

// measure finds a measure by its name in JSON.
func measure(m *simulate.Measures, name string) (simulate.Value, bool) {
	raw, err := json.Marshal(m)
	if err != nil { // plain data
		return simulate.Value{}, false
	}
	var all map[string]json.RawMessage
	var v simulate.Value
	if json.Unmarshal(raw, &all) != nil || all[name] == nil || json.Unmarshal(all[name], &v) != nil {
		return simulate.Value{}, false
	}
	return v, true
}

// apply tells which limits are for classes that a scenario does not have.
func apply(limits []limit, s *simulate.Scenario) error {
	var wrong []error
	for _, l := range limits {
		has := slices.ContainsFunc(s.Classes, func(c simulate.Class) bool { return c.Name == l.class })
		if l.class != "" && !has {
			var names []string
			for _, c := range s.Classes {
				names = append(names, strconv.Quote(c.Name))
			}
			wrong = append(wrong, fmt.Errorf("limit %q: there is no class %q; there are %s", l.text, l.class, strings.Join(names, ", ")))
		}
	}
	return errors.Join(wrong...)
}

// kept holds the limit against a report's mean.
func (l limit) kept(r *simulate.Report) error {
	m := &r.Total
	for i := range r.Classes { // all names are known: see apply
		if l.class != "" && r.Classes[i].Class == l.class {
			m = &r.Classes[i].Measures
		}
	}
	v, _ := measure(m, l.measure)
	if v.N == 0 {
		return fmt.Errorf("limit %q: nothing could tell", l.text)
	}
	if l.least && v.Mean < l.value || !l.least && v.Mean > l.value {
		return fmt.Errorf("limit %q is not kept: it is %.4g ± %.2g", l.text, v.Mean, v.Half)
	}
	return nil
}
