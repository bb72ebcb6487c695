package inquiry

// Approve lets a reply go out that was waiting for approval, and so completes
// the duty to approve it. It is for the owner of that duty or the sink, and
// never for the reply's author. As in [Send], an approver who has not seen the
// customer's newest message is refused with [Unseen], unless Anyway is set.
type Approve struct {
	Inquiry ID      `json:"inquiry"` // the duty
	Owner   OwnerID `json:"owner"`
	Seen    int     `json:"seen"` // how many of the customer's messages the approver has read
	Anyway  bool    `json:"anyway,omitempty"`
	Note    string  `json:"note,omitempty"` // nothing personal
}

// Reject refuses to approve a reply. The reply becomes a draft again, and its
// author is told why.
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
