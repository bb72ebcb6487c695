package inquiry

import (
	"encoding/json"
	"fmt"
	"time"
)

// Format is the version of the events that this code writes. It reads every
// version up to this one.
const Format = 1

// Event is one thing that happened: a row of the pool's journal. The journal is
// the truth; everything else is derived from it. Its rows are numbered from 1
// without a gap.
//
// An event of format N means the same for ever. A change of meaning raises the
// format and comes with an upcaster; see [Event.UnmarshalJSON].
type Event struct {
	Format     int
	Pool       string
	Seq        uint64    // the position in the pool's journal
	At         time.Time // event time: when it happened; for a breach, the deadline
	RecordedAt time.Time // record time: when the core decided it; the same for all events of a step
	Kind       EventKind
	Inquiry    ID     // zero for an event of the pool
	Version    uint64 // of the inquiry after this event, from 1 without a gap
	Duty       Duty   // empty means Resolving
	Owner      OwnerID
	Actor      string // who did it: an owner, a source, a node; empty: the passing of time, or the policy
	Cause      ID     // the input that it came of; zero for the passing of time
	// Do is the command that the step began with, without texts and names. Only the
	// first event of a step has it. The journal is replayed by these.
	Do Command
	// Data is what this kind of event says in addition. The catalogue of kinds
	// names its type.
	Data Data
	// Decision is the compact decision record of an offer or assignment,
	// written and read by package routing.
	Decision json.RawMessage
}

type eventJSON struct {
	Format     int             `json:"format"`
	Pool       string          `json:"pool"`
	Seq        uint64          `json:"seq"`
	At         time.Time       `json:"at"`
	RecordedAt time.Time       `json:"recorded_at"`
	Kind       EventKind       `json:"kind"`
	Inquiry    ID              `json:"inquiry,omitzero"`
	Version    uint64          `json:"version,omitempty"`
	Duty       Duty            `json:"duty,omitempty"`
	Owner      OwnerID         `json:"owner,omitempty"`
	Actor      string          `json:"actor,omitempty"`
	Cause      ID              `json:"cause,omitzero"`
	Do         json.RawMessage `json:"do,omitempty"`
	Data       json.RawMessage `json:"data,omitempty"`
	Decision   json.RawMessage `json:"decision,omitempty"`
}

// MarshalJSON writes the canonical form: fields in a fixed order, empty ones
// left out, times in UTC. Equal events give equal bytes. [Event.AppendJSON]
// writes the same, without encoding/json checking it once more.
func (e Event) MarshalJSON() ([]byte, error) { return e.AppendJSON(nil) }

// UnmarshalJSON reads an event of this or an earlier format.
func (e *Event) UnmarshalJSON(data []byte) error {
	var j eventJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return fmt.Errorf("inquiry: event: %w", err)
	}
	if j.Format < 1 || j.Format > Format {
		return fmt.Errorf("inquiry: event %d has format %d, this version reads 1 to %d: use a newer one", j.Seq, j.Format, Format)
	}
	if err := upcast(&j); err != nil {
		return err
	}
	out := Event{
		Format: j.Format, Pool: j.Pool, Seq: j.Seq, At: j.At, RecordedAt: j.RecordedAt, Kind: j.Kind,
		Inquiry: j.Inquiry, Version: j.Version, Duty: j.Duty, Owner: j.Owner, Actor: j.Actor, Cause: j.Cause,
		Decision: j.Decision,
	}
	if len(j.Do) > 0 {
		var d do
		if err := d.UnmarshalJSON(j.Do); err != nil {
			return fmt.Errorf("inquiry: event %d: %w", j.Seq, err)
		}
		out.Do = d.Command
	}
	read, ok := catalogue[j.Kind]
	if !ok {
		return fmt.Errorf("inquiry: event %d has kind %q, which is not in the catalogue: written by a newer version?", j.Seq, j.Kind)
	}
	if len(j.Data) > 0 {
		if read == nil {
			return fmt.Errorf("inquiry: event %d: kind %s carries no data, found %s", j.Seq, j.Kind, j.Data)
		}
		d, err := read(j.Data)
		if err != nil {
			return fmt.Errorf("inquiry: event %d: data of %s: %w", j.Seq, j.Kind, err)
		}
		out.Data = d
	}
	*e = out
	return nil
}

// upcasters turn an event of format N into one of format N+1, keyed by N.
// There is none yet: this is format 1.
var upcasters = map[int]func(*eventJSON) error{}

func upcast(j *eventJSON) error {
	for j.Format < Format {
		up, ok := upcasters[j.Format]
		if !ok {
			return fmt.Errorf("inquiry: event %d: no way from format %d to %d", j.Seq, j.Format, j.Format+1)
		}
		if err := up(j); err != nil {
			return fmt.Errorf("inquiry: event %d: from format %d: %w", j.Seq, j.Format, err)
		}
		j.Format++
	}
	return nil
}

// Input returns the input that the event's step began with, as the journal
// keeps it. ok is false unless the event is the first of its step.
func (e Event) Input() (in Input, ok bool) {
	if e.Do == nil {
		return Input{}, false
	}
	return Input{ID: e.Cause, At: e.At, By: e.Actor, Do: e.Do}, true
}
