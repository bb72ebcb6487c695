package core

import (
	"cmp"
	"slices"

	"github.com/answerable-go/answerable/inquiry"
)

// ofDuty is the duty that a command about what an inquiry is, or belongs to,
// names; nil if it names none. Such commands are given for the parent.
func (s *step) ofDuty(do inquiry.Command) *entry {
	var ids [2]inquiry.ID
	switch c := do.(type) {
	case inquiry.Classify:
		ids[0] = c.Inquiry
	case inquiry.Link:
		ids = [2]inquiry.ID{c.Inquiry, c.To}
	case inquiry.Merge:
		ids = [2]inquiry.ID{c.Inquiry, c.Into}
	case inquiry.Split:
		ids[0] = c.Inquiry
	}
	for _, id := range ids {
		if x, ok := s.entry(id); ok && x.IsDuty() {
			return x
		}
	}
	return nil
}

// join carries out commands that concern several inquiries.
func (s *step) join(do inquiry.Command) inquiry.Outcome {
	switch cmd := do.(type) {
	case inquiry.Link:
		return s.with(cmd.Inquiry, func(x *entry) inquiry.Outcome { return s.link(x, cmd) })
	case inquiry.Unlink:
		return s.with(cmd.Inquiry, func(x *entry) inquiry.Outcome { return s.unlink(x, cmd) })
	case inquiry.Merge:
		return s.with(cmd.Inquiry, func(x *entry) inquiry.Outcome { return s.merge(x, cmd) })
	case inquiry.Unmerge:
		return s.with(cmd.Inquiry, func(x *entry) inquiry.Outcome { return s.unmerge(x, cmd) })
	case inquiry.Split:
		return s.with(cmd.Inquiry, func(x *entry) inquiry.Outcome { return s.split(x, cmd) })
	}
	return refuse(inquiry.ID{}, inquiry.Invalid, "unknown command %T", do)
}

// somebody checks that whoever gives a command is on the roster, or is the
// sink.
func (s *step) somebody(x *entry, id inquiry.OwnerID) (inquiry.Outcome, bool) {
	if _, ok := s.owners[id]; ok || s.isSink(id) && id != "" {
		return inquiry.Outcome{}, true
	}
	return s.notThere(x.ID, id), false
}

func (s *step) link(x *entry, cmd inquiry.Link) inquiry.Outcome {
	if out, ok := s.somebody(x, cmd.Owner); !ok {
		return out
	}
	y, ok := s.entry(cmd.To)
	kind := cmp.Or(cmd.Kind, inquiry.Related)
	switch {
	case !ok:
		return refuse(cmd.To, inquiry.NotFound, "no such inquiry is live: it is closed, or the id is wrong")
	case x == y:
		return refuse(x.ID, inquiry.Invalid, "it is to be linked to itself: name another one")
	case !slices.Contains(inquiry.LinkKinds(), kind):
		return refuse(x.ID, inquiry.Invalid, "the kind of the link is %q: want one of %q", kind, inquiry.LinkKinds())
	}
	for _, z := range []*entry{x, y} {
		if _, known := z.LinkTo(x.ID); !known && len(z.Links) >= inquiry.MaxLinks {
			if _, known := z.LinkTo(y.ID); !known {
				return refuse(z.ID, inquiry.TooMany, "it has %d links: take one back", len(z.Links))
			}
		}
	}
	s.linked(x, y, kind)
	return done(x)
}

// linked records a link on both inquiries, where it is not there already.
func (s *step) linked(x, y *entry, kind inquiry.LinkKind) {
	for _, side := range [][2]*entry{{x, y}, {y, x}} {
		if l, ok := side[0].LinkTo(side[1].ID); !ok || l.Kind != kind {
			s.on(side[0], inquiry.Linked, side[0].Owner, inquiry.LinkTo{Inquiry: side[1].ID, Kind: kind})
		}
	}
}

// follows links an inquiry that the core split off with its origin, if both
// have room for a link.
func (s *step) follows(x, y *entry) {
	if s.err == nil && len(x.Links) < inquiry.MaxLinks && len(y.Links) < inquiry.MaxLinks {
		s.linked(x, y, inquiry.FollowUp)
	}
}

func (s *step) unlink(x *entry, cmd inquiry.Unlink) inquiry.Outcome {
	if out, ok := s.somebody(x, cmd.Owner); !ok {
		return out
	}
	l, ok := x.LinkTo(cmd.From)
	if !ok {
		return refuse(x.ID, inquiry.Invalid, "it is not linked to %s", cmd.From)
	}
	s.on(x, inquiry.Unlinked, x.Owner, l)
	if y, live := s.entry(cmd.From); live {
		if l, ok := y.LinkTo(x.ID); ok {
			s.on(y, inquiry.Unlinked, y.Owner, l)
		}
	}
	return done(x)
}
