package inquiry

import (
	"fmt"
	"slices"
)

// LinkKind is how two inquiries belong together.
type LinkKind string

// Kinds of links. They mean the same from either side.
const (
	Related   LinkKind = "related"
	FollowUp  LinkKind = "follow_up" // one came out of the other
	Duplicate LinkKind = "duplicate" // they are the same, and each is answered nevertheless
)

// LinkKinds are all kinds of links.
func LinkKinds() []LinkKind { return []LinkKind{Related, FollowUp, Duplicate} }

// MaxLinks is how many links an inquiry has at most.
const MaxLinks = 32

// LinkTo is another inquiry that one belongs together with. It stands on both; on
// the one that is left when the other is closed it stays.
type LinkTo struct {
	Inquiry ID       `json:"inquiry"`
	Kind    LinkKind `json:"kind"`
}

// Link notes that two inquiries belong together, or, if that is known, how. Each
// is still answered by itself; to have them answered as one, see [Merge].
type Link struct {
	Inquiry ID       `json:"inquiry"`
	To      ID       `json:"to"`
	Kind    LinkKind `json:"kind,omitempty"` // "" is Related
	Owner   OwnerID  `json:"owner"`          // who says so: anybody on the roster, or the sink
}

// Unlink takes a link back, on both inquiries.
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

// LinkTo is the link to another inquiry.
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
