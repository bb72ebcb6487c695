package inquiry

// ActorOf returns the owner whose own act a command is, and who thereby gives a
// sign of life; "" for what is done to owners, or by a host, a source or a node.
func ActorOf(c Command) OwnerID {
	switch c := c.(type) {
	case Review:
		return c.Owner
	case Accept:
		return c.Owner
	case Decline:
		return c.Owner
	case Take:
		return c.Owner
	case Release:
		return c.Owner
	case Acknowledge:
		return c.Owner
	case Reply:
		return c.Owner
	case Send:
		return c.Owner
	case Approve:
		return c.Owner
	case Reject:
		return c.Owner
	case Contest:
		return c.Owner
	case Decide:
		return c.Owner
	case Await:
		return c.Owner
	case Resume:
		return c.Owner
	case Resolve:
		return c.Owner
	case EndWrapUp:
		return c.Owner
	case Consult:
		return c.Owner
	case Withdraw:
		return c.Owner
	case Handoff:
		return c.Owner
	case Classify:
		return c.Owner
	case Link:
		return c.Owner
	case Unlink:
		return c.Owner
	case Merge:
		return c.Owner
	case Unmerge:
		return c.Owner
	case Split:
		return c.Owner
	}
	return ""
}
