package simulate

import "github.com/answerable-go/answerable/internal/strictjson"

// MaxSize bounds the text of a scenario, in bytes.
const MaxSize = strictjson.MaxSize

// Parse reads a scenario from JSON, strictly: an unknown key, a key given twice
// or null is a fault, and so is whatever [Scenario.Validate] finds. All faults
// come at once, each with its line and column; see [Faults].
func Parse(data []byte) (*Scenario, error) {
	f := &faults{}
	var s Scenario
	text, found := strictjson.Read(data, &s)
	for _, e := range found {
		f.addFault(&Fault{Path: e.Path, Problem: e.Problem, Line: e.Line, Column: e.Column})
	}
	if f.all == nil {
		for _, e := range Faults(s.Validate()) {
			line, column := text.Place(e.Path)
			f.addFault(&Fault{Path: e.Path, Problem: e.Problem, Line: line, Column: column})
		}
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	return &s, nil
}
