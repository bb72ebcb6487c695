package dispatch

import (
	"context"
	"errors"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// keptMessages says of the messages that come in with a commit which revision is kept,
// and which inquiry it leads to, the zero value of those that are new. The core forgets
// those of what is closed, and knows no replies that were seen on the platform, so that
// only the store can tell an older revision from a message that is new (A6).
type keptMessages map[inquiry.ID]inquiry.MessageRef

// kept finds out where the messages of inputs are kept whose outcome is not known. The
// store is not asked for what the core has open.
func (n *node) kept(ctx context.Context, inputs []inquiry.Input, known map[inquiry.ID]inquiry.Outcome) (keptMessages, error) {
	var k keptMessages
	var ask []inquiry.ID
	for i := range inputs {
		id := broughtIn(&inputs[i])
		if _, decided := known[inputs[i].ID]; decided || id.IsZero() {
			continue
		}
		if _, met := k[id]; met {
			continue
		}
		ref, open := n.core.MessageRef(id)
		if !open {
			ask = append(ask, id)
		}
		if k == nil {
			k = keptMessages{}
		}
		k[id] = ref // what is open now may be closed before the message's turn comes
	}
	if len(ask) == 0 {
		return k, nil
	}
	refs, err := n.store.MessageRefs(ctx, n.cfg.Pool, ask...)
	if err != nil {
		return nil, err
	}
	for _, ref := range refs {
		k.set(ref)
	}
	if n.flight != nil { // which the store may not have yet
		k.note(n.flight.Messages)
	}
	return k, n.toLeads(ctx, inputs, k)
}

// toLeads has what is kept with an inquiry that was merged lead to the one that is
// answered for it, also when both are closed: a row says then what it was merged into.
// A merge is older than the commit that closes, so the store has it even while that is
// on its way. Where a closed inquiry is damaged, which [Engine.Check] names, what led
// there does so still: no pool stops over that.
func (n *node) toLeads(ctx context.Context, inputs []inquiry.Input, k keptMessages) error {
	leads := map[inquiry.ID]inquiry.ID{}
	var ask []inquiry.ID
	for i := range inputs {
		cmd, _ := inputs[i].Do.(inquiry.Receive)
		of := k.of(&inputs[i])
		if _, met := leads[of.Inquiry]; met || of.Inquiry.IsZero() || cmd.Message.Revision > of.Revision {
			continue
		}
		row, open := n.core.Row(of.Inquiry)
		if leads[of.Inquiry] = row.Into; !open {
			ask = append(ask, of.Inquiry)
		}
	}
	if len(ask) > 0 {
		ctx, cancel := n.store.bound(ctx, "Find")
		defer cancel()
		closed, err := n.store.Find(ctx, inquiry.Query{Pool: n.cfg.Pool, IDs: ask, Limit: len(ask)})
		if err != nil && !errors.Is(err, adapters.ErrDamaged) {
			return err
		}
		for i := range closed {
			leads[closed[i].ID] = closed[i].Into
		}
	}
	for id, ref := range k {
		if lead := leads[ref.Inquiry]; !lead.IsZero() {
			ref.Inquiry = lead
			k[id] = ref
		}
	}
	return nil
}

// broughtIn is the message that an input brings in, zero if there is none.
func broughtIn(in *inquiry.Input) inquiry.ID {
	cmd, _ := in.Do.(inquiry.Receive)
	return cmd.Message.ID
}

func (k keptMessages) of(in *inquiry.Input) inquiry.MessageRef { return k[broughtIn(in)] }

// note takes in what a commit has of the messages.
func (k keptMessages) note(messages []inquiry.Message) {
	for i := range messages {
		k.set(messages[i].Ref())
	}
}

func (k keptMessages) set(ref inquiry.MessageRef) {
	if was, ok := k[ref.ID]; ok && (was.Inquiry.IsZero() || ref.Revision >= was.Revision) {
		k[ref.ID] = ref
	}
}
