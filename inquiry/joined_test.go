package inquiry

// joined has an event about several inquiries suit the row.
func joined(r *Row, e *Event) {
	if d, ok := e.Data.(Clocking); ok {
		d.Of = ID{}
		e.Data = d
	}
	if r.State == "" {
		return
	}
	switch d := e.Data.(type) {
	case LinkTo:
		if e.Kind == Unlinked {
			r.Links = []LinkTo{d}
		}
	case Merging:
		if r.State == StateMerged {
			r.Into = d.Lead
		}
		if e.Kind == Separated {
			r.Merged = []Merged{d.Merged}
		}
	}
}
