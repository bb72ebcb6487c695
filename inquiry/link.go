package inquiry

import (
	"fmt"
	"slices"
)

// LinkKind says how two inquiries belong together. A link has the same kind on
// both sides.
type LinkKind string

// The kinds of links.
const (
	Related   LinkKind = "related"
	FollowUp  LinkKind = "follow_up" // one arose from the other
	Duplicate LinkKind = "duplicate" // both are the same matter, and each is answered nevertheless
)

// LinkKinds returns all kinds of links.
func LinkKinds() []LinkKind { return []LinkKind{Related, FollowUp, Duplicate} }

// MaxLinks is how many links an inquiry can have.
const MaxLinks = 32

// LinkTo is a link to another inquiry. Both inquiries have one. When one of
// them is closed, the other keeps its link.
type LinkTo struct {
	Inquiry ID       `json:"inquiry"`
	Kind    LinkKind `json:"kind"`
}

// Link notes that two inquiries belong together and, if that is known, how.
// Each is still answered by itself; [Merge] has them answered as one.
type Link struct {
	Inquiry ID       `json:"inquiry"`
	To      ID       `json:"to"`
	Kind    LinkKind `json:"kind,omitempty"` // "" is Related
	Owner   OwnerID  `json:"owner"`          // who says so: anybody on the roster, or the sink
}

// Unlink removes a link, from both inquiries.
type Unlink struct {
	Inquiry ID      `json:"inquiry"`
	From    ID      `json:"from"`
	Owner   OwnerID `json:"owner"`
}

func (Link) name() string   { return "link" }
func (Unlink) name() string { return "unlink" }

func (Link) journaled() Command   { return nil }
func (Unlink) journaled() Command { return nil }

func (LinkTo) data() {}

// LinkTo returns the link to another inquiry, and whether there is one.
func (r *Row) LinkTo(other ID) (LinkTo, bool) {
	i := slices.IndexFunc(r.Links, func(l LinkTo) bool { return l.Inquiry == other })
	if i < 0 {
		return LinkTo{}, false
	}
	return r.Links[i], true
}

func foldLink(r *Row, e *Event) error {
	d, err := dataOf[LinkTo](e)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(r.Links, func(l LinkTo) bool { return l.Inquiry == d.Inquiry })
	switch {
	case e.Kind == Unlinked && i < 0:
		return fmt.Errorf("there is no link to %s", d.Inquiry)
	case e.Kind == Unlinked:
		if r.Links = slices.Delete(slices.Clone(r.Links), i, i+1); len(r.Links) == 0 {
			r.Links = nil
		}
	case i < 0:
		r.Links = append(slices.Clip(r.Links), d)
	default:
		r.Links = slices.Clone(r.Links)
		r.Links[i] = d
	}
	return nil
}
