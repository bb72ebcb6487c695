package inquiry

import (
	"fmt"
	"slices"
	"time"

	"github.com/answerable-go/answerable/sla"
)

// Party is somebody to turn to, as in the levels of a ladder: the lead of the
// inquiry's department, whoever a rotation has on call, the holder of a role,
// or the sink.
type Party struct {
	To   sla.Party `json:"to"`
	Name string    `json:"name,omitempty"` // of the rotation or role
}

// Contest objects to a reply that has not left yet: a draft, one that waits for
// approval, or an approved one. The reply does not go out until the arbiter has
// decided. Anybody on the roster may contest a reply, except its author, and so
// may the sink. A reply that has left, or may have left, is refused with
// [TooLate].
type Contest struct {
	Inquiry ID      `json:"inquiry"`
	Reply   ID      `json:"reply"`
	Owner   OwnerID `json:"owner"`  // who contests
	Reason  string  `json:"reason"` // nothing personal
}

// Decide settles a contested reply. With Send the objection is overruled: an
// approved reply goes out, and a draft can be sent again. Without it the reply
// is dropped.
//
// Whoever lets an approved reply go out says by Seen which messages they have
// read, as in [Send].
type Decide struct {
	Inquiry ID      `json:"inquiry"`
	Reply   ID      `json:"reply"`
	Owner   OwnerID `json:"owner"` // the arbiter, or the sink
	Send    bool    `json:"send,omitempty"`
	Seen    int     `json:"seen,omitempty"`
	Anyway  bool    `json:"anyway,omitempty"`
	Reason  string  `json:"reason,omitempty"` // nothing personal
}

// Contestation is the data of an event in which a reply was contested, by the
// event's owner.
type Contestation struct {
	Reply   ID      `json:"reply"`
	Arbiter OwnerID `json:"arbiter"` // who decides
	Reason  string  `json:"reason"`
}

// Ruling is the data of an event in which a contested reply was decided on, by
// the event's owner.
type Ruling struct {
	Reply  ID     `json:"reply"`
	Send   bool   `json:"send,omitempty"` // otherwise it was dropped
	Seen   int    `json:"seen,omitempty"`
	Anyway bool   `json:"anyway,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// Objection is why a contested reply does not go out.
type Objection struct {
	By      OwnerID   `json:"by"`
	Arbiter OwnerID   `json:"arbiter"` // who decides
	At      time.Time `json:"at"`
	Reason  string    `json:"reason"`
}

func (Contestation) data() {}
func (Ruling) data()       {}

func (Contest) name() string { return "contest" }
func (Decide) name() string  { return "decide" }

func (Contest) journaled() Command { return nil }
func (Decide) journaled() Command  { return nil }

// unsent are the states of a reply that has not left.
func (s ReplyState) unsent() bool {
	return s == ReplyIsDraft || s == ReplyIsPending || s == ReplyIsApproved
}

func foldContest(r *Row, e *Event) error {
	var id ID
	var ruling Ruling
	switch e.Kind {
	case ReplyContested:
		d, err := dataOf[Contestation](e)
		if err != nil {
			return err
		}
		id = d.Reply
	case ContestDecided:
		d, err := dataOf[Ruling](e)
		if err != nil {
			return err
		}
		id, ruling = d.Reply, d
	}
	i := slices.IndexFunc(r.Replies, func(p ReplyInfo) bool { return p.ID == id })
	switch {
	case i < 0 || !r.Replies[i].State.unsent():
		return fmt.Errorf("reply %s is not there, or has left", id)
	case (e.Kind == ReplyContested) == (r.Replies[i].Contest != nil):
		return fmt.Errorf("reply %s is contested already, or is not", id)
	case e.Kind == ContestDecided && !ruling.Send:
		r.dropReply(id)
		return nil
	}
	r.Replies = slices.Clone(r.Replies)
	p := &r.Replies[i]
	if d, ok := e.Data.(Contestation); ok {
		p.Contest = &Objection{By: e.Owner, Arbiter: d.Arbiter, At: e.At, Reason: d.Reason}
		return nil
	}
	if p.Contest = nil; p.State == ReplyIsApproved { // it speaks as of when it was let out
		p.At = e.At
	}
	return nil
}

// Contested reports whether a reply of the inquiry is contested.
func (r *Row) Contested() bool {
	return slices.ContainsFunc(r.Replies, func(p ReplyInfo) bool { return p.Contest != nil })
}
