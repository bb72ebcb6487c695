package inquiry

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/answerable-go/answerable/sla"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 123456789, time.UTC)

// filler sets every field of a value to something that is not zero. Fields
// tagged as personal, and all below them, get a canary.
type filler struct {
	n      int
	canary string
}

func (f *filler) fill(v reflect.Value, personal bool) {
	f.n++
	switch p := v.Addr().Interface().(type) {
	case *time.Time:
		*p = noon.Add(time.Duration(f.n) * time.Minute)
		return
	case *ID:
		*p = DeriveID("fixture", fmt.Sprint(f.n))
		return
	case *json.RawMessage:
		*p = json.RawMessage(fmt.Sprintf(`{"n":%d}`, f.n))
		return
	case *[]byte:
		*p = []byte("bytes")
		if personal {
			*p = []byte(f.canary)
		}
		return
	case *sla.Hours:
		*p = sla.Hours{Day: time.Monday, Open: 9 * 3600, Close: 17 * 3600}
		return
	case *sla.Range:
		*p = sla.Range{Open: 9 * 3600, Close: 12 * 3600}
		return
	case *sla.Date:
		*p = sla.Date{Year: 2026, Month: time.December, Day: 24}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i), personal || v.Type().Field(i).Tag.Get("privacy") == "personal")
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		f.fill(v.Index(0), personal)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), personal)
	case reflect.String:
		v.SetString(fmt.Sprintf("s%d", f.n))
		if personal {
			v.SetString(f.canary)
		}
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(f.n%5 + 1))
	case reflect.Uint64, reflect.Uint32:
		v.SetUint(uint64(f.n%5 + 1))
	default:
		panic("inquiry: the tests fill no " + v.Type().String())
	}
}

// filled is a value of an example's type with every field set.
func filled[T any](example T, canary string) T {
	v := reflect.New(reflect.TypeOf(example))
	(&filler{canary: canary}).fill(v.Elem(), false)
	return v.Elem().Interface().(T)
}

func allKinds() []EventKind { return slices.Sorted(maps.Keys(catalogue)) }

func allCommands() []Command {
	out := make([]Command, 0, len(commands))
	for _, name := range slices.Sorted(maps.Keys(commands)) {
		c, err := commands[name]([]byte("{}"))
		if err != nil {
			panic(err)
		}
		out = append(out, c)
	}
	return out
}

// dataFor is the kind's data with every field set, nil where it has none.
func dataFor(kind EventKind) Data {
	read := catalogue[kind]
	if read == nil {
		return nil
	}
	d, err := read([]byte("{}"))
	if err != nil {
		panic(err)
	}
	return filled(d, "")
}

// eventOf is a whole event of a kind.
func eventOf(kind EventKind) Event {
	return Event{
		Format: Format, Pool: "pool", Seq: 7, At: noon, RecordedAt: noon.Add(time.Second), Kind: kind,
		Inquiry: DeriveID("inquiry"), Version: 3, Duty: Resolving, Owner: "anna", Actor: "tester", Cause: DeriveID("input"),
		Data: dataFor(kind), Decision: json.RawMessage(`{"chosen":"anna"}`),
	}
}

var (
	known     = DeriveID("reply") // a reply that the rows have
	allStates = []State{"", StateReceived, StateScreenedOut, StateQueued, StateOffered, StateAssigned, StatePending, StateMerged, StateResolved, StateClosed}
)

// rowIn is an inquiry in a state, with what that state implies.
func rowIn(state State) Row {
	if state == "" {
		return Row{}
	}
	target := sla.Target{Kind: sla.Resolve, Within: sla.Duration(time.Hour)}
	clock, err := sla.Start(target, nil, noon)
	if err != nil {
		panic(err)
	}
	r := Row{
		Pool: "pool", ID: DeriveID("inquiry"), Version: 2, State: state, Channel: "email", Account: "help@acme",
		Persons: []ID{DeriveID("ada")}, OpenedAt: noon, ChangedAt: noon, Inbound: 1, LastAt: noon, AskedAt: noon, Unanswered: true,
		Plan: DeriveID("plan"), Home: "support", Department: "support", Clocks: []sla.Clock{clock}, Due: clock.Due,
	}
	switch state {
	case StateOffered:
		r.Offers = []Offer{{Owner: "anna", At: noon, Expires: noon.Add(time.Minute), Cost: 10}}
	case StateAssigned, StatePending:
		r.Owner, r.LastOwner, r.AssignedAt, r.Cost = "anna", "anna", noon, 10
	case StateResolved:
		r.CloseAt = noon.Add(time.Hour)
	}
	if state == StatePending {
		r.AwaitUntil = noon.Add(time.Hour)
	}
	return r
}

// suiting is an event of a kind that a row allows, but for its state.
func suiting(r *Row, kind EventKind) Event {
	e := eventOf(kind)
	e.Version = r.Version + 1
	joined(r, &e)
	switch kind {
	case Opened, MessageAdded, MessageEdited, ReplyObserved:
		e.Do = Journaled(filled(Receive{}, ""))
	case WrapUpEnded:
		if r.State != "" {
			r.WrapUps = []WrapUp{{Owner: "anna", Until: noon, Cost: 10}, {Owner: "eve", Until: noon, Cost: 10}}
		}
	case Escalated:
		e.Data = Escalation{Level: r.Level + 1, To: sla.Sink, Reason: "breached", Next: noon}
	case ReplyContested:
		e.Data = Contestation{Reply: known, Arbiter: "lea", Reason: "wrong"}
	case ContestDecided:
		e.Data = Ruling{Reply: known, Send: true}
	case ReplyDrafted, ReplyApproved, ReplySending, ReplySent, ReplyFailed, ReplyUnknown:
		e.Data = ReplyChange{Reply: known}
		before := map[EventKind]ReplyState{ReplySending: ReplyIsApproved, ReplySent: ReplyIsSending, ReplyFailed: ReplyIsSending, ReplyUnknown: ReplyIsSending}
		if s := before[kind]; s != "" && r.State != "" {
			r.Replies = []ReplyInfo{{ID: known, Owner: "anna", State: s, At: noon}}
		}
	}
	if kind == ReplyContested || kind == ContestDecided {
		r.Replies = []ReplyInfo{{ID: known, Owner: "anna", State: ReplyIsDraft, At: noon}}
		if kind == ContestDecided {
			r.Replies[0].Contest = &Objection{By: "ben", Arbiter: "lea"}
		}
	}
	return e
}
