package inquiry

// Approve lets a reply go out that waits for that: the end of a duty to approve,
// by whoever has it or by the sink, and never by the reply's author. What the
// approver has seen counts as what [Send] has: if the customer wrote once more
// since, the reply is refused with [Unseen], unless Anyway says to send it
// nevertheless.
type Approve struct {
	Inquiry ID      `json:"inquiry"` // the duty
	Owner   OwnerID `json:"owner"`
	Seen    int     `json:"seen"` // of the messages of the inquiry that the reply is of
	Anyway  bool    `json:"anyway,omitempty"`
	Note    string  `json:"note,omitempty"` // nothing personal
}

// Reject gives a reply back that waits for its approval: it is a draft again, and
// its author is told why.
type Reject struct {
	Inquiry ID      `json:"inquiry"` // the duty
	Owner   OwnerID `json:"owner"`
	Reason  string  `json:"reason"` // nothing personal
}

func (Approve) name() string { return "approve" }
func (Reject) name() string  { return "reject" }

func (Approve) journaled() Command { return nil }
func (Reject) journaled() Command  { return nil }

// AwaitsApproval reports whether a reply of the inquiry waits for its approval.
func (r *Row) AwaitsApproval() bool {
	for _, p := range r.Replies {
		if p.State == ReplyIsPending {
			return true
		}
	}
	return false
}

// unpend makes drafts again of the replies that wait for an approval and are not
// an owner's: whoever has the floor now answers.
func (r *Row) unpend(owner OwnerID) {
	fresh := false
	for i := range r.Replies {
		if p := &r.Replies[i]; p.State != ReplyIsPending || p.Owner == owner {
			continue
		}
		if !fresh { // the slice may be shared
			r.Replies, fresh = append([]ReplyInfo(nil), r.Replies...), true
		}
		r.Replies[i].State = ReplyIsDraft
	}
}
