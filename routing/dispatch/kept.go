package dispatch

import (
	"context"

	"github.com/answerable-go/answerable/inquiry"
)

// keptMessages says of the messages that come in with a commit where they are kept,
// the zero value of those that are new. The core forgets those of what is closed, so
// that only the store can tell an older revision from a message that is new (A6).
type keptMessages map[inquiry.ID]inquiry.MessageRef

// kept finds out where the messages of inputs are kept whose outcome is not known. The
// store is not asked for what the core has open.
func (n *node) kept(ctx context.Context, inputs []inquiry.Input, known map[inquiry.ID]inquiry.Outcome) (keptMessages, error) {
	var k keptMessages
	var ask []inquiry.ID
	for i := range inputs {
		id := customersMessage(&inputs[i])
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
	return k, nil
}

// customersMessage is the message that an input brings in, zero if it is none of a
// customer's.
func customersMessage(in *inquiry.Input) inquiry.ID {
	if cmd, ok := in.Do.(inquiry.Receive); ok && cmd.Message.Direction != inquiry.FromUs {
		return cmd.Message.ID
	}
	return inquiry.ID{}
}

func (k keptMessages) of(in *inquiry.Input) inquiry.MessageRef { return k[customersMessage(in)] }

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
