package verify_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/verify"
)

// TestReturns holds a journal in which more goes back from owners than a step takes:
// from ben, who loses a skill, and from anna, who signs off, and whose shift ends.
func TestReturns(t *testing.T) {
	t.Parallel()
	found := func(events []inquiry.Event) map[verify.Rule][]string {
		v, rules := verify.New("pool"), map[verify.Rule][]string{}
		for i := range events {
			v.Event(&events[i])
		}
		for _, f := range v.Report().Findings {
			rules[f.Rule] = append(rules[f.Rule], f.Found)
		}
		return rules
	}
	require.Empty(t, found(frozenEvents(t, "journal-format-1-returns")))
	// returning is the event of that kind for a reason.
	returning := func(events []inquiry.Event, reason string) *inquiry.Event {
		i := slices.IndexFunc(events, func(e inquiry.Event) bool {
			return e.Kind == inquiry.WorkReturning && e.Data == inquiry.Ending{Reason: reason}
		})
		return &events[i]
	}
	// another has in an event's place another of the same step.
	another := func(was *inquiry.Event, e inquiry.Event) {
		e.Format, e.Pool, e.Seq, e.At, e.RecordedAt, e.Cause, e.Actor = was.Format, was.Pool, was.Seq, was.At, was.RecordedAt, was.Cause, was.Actor
		*was = e
	}
	for reason, says := range map[string]string{
		"signed_off": "they did not sign off", "shift_over": "their shift did not end", "unqualified": "the roster did not change",
	} {
		t.Run("A7 it is found where more is to go back without a cause: "+reason, func(t *testing.T) {
			t.Parallel()
			events := frozenEvents(t, "journal-format-1-returns")
			last := events[len(events)-1]
			events = append(events, inquiry.Event{
				Format: last.Format, Pool: last.Pool, Seq: last.Seq + 1, At: last.At, RecordedAt: last.RecordedAt,
				Kind: inquiry.WorkReturning, Owner: "ben", Data: inquiry.Ending{Reason: reason},
			})
			require.Contains(t, found(events)[verify.Presence], "more is to go back from them, "+reason+", and "+says)
		})
	}
	for name, c := range map[string]struct {
		rule   verify.Rule
		says   string
		mutate func(events []inquiry.Event)
	}{
		"somebody gives back who was never there": {verify.Roster, "more is to go back from somebody who is not on the roster", func(events []inquiry.Event) {
			returning(events, "signed_off").Owner = "nobody"
		}},
		"what goes back does so for no reason": {verify.Presence, "more is to go back from them, and it carries inquiry.Ending, \"tired\"", func(events []inquiry.Event) {
			returning(events, "signed_off").Data = inquiry.Ending{Reason: "tired"}
		}},
		"nothing is there to go back": {verify.Presence, "they have nothing of that", func(events []inquiry.Event) {
			returning(events, "unqualified").Owner = "anna"
		}},
		"who signed off keeps what they have": {verify.Presence, "they signed off and still have it", func(events []inquiry.Event) {
			another(returning(events, "signed_off"), inquiry.Event{Kind: inquiry.PresenceChanged, Owner: "anna", Data: inquiry.PresenceChange{Presence: inquiry.Offline, Reason: "signed_off"}})
		}},
		"whose shift is over keeps what they have": {verify.Shift, "their shift is over", func(events []inquiry.Event) {
			e := returning(events, "shift_over")
			another(e, inquiry.Event{Kind: inquiry.ShiftEnded, Owner: "anna"})
			for i := int(e.Seq); i < len(events); i++ { // what goes back later does so by an input
				events[i].Cause, events[i].Actor = inquiry.DeriveID("later"), "anna"
			}
		}},
		"an offer stays before who cannot have it": {verify.Offer, "who cannot have it any more", func(events []inquiry.Event) {
			another(returning(events, "unqualified"), inquiry.Event{Kind: inquiry.PresenceChanged, Owner: "ben", Data: inquiry.PresenceChange{Presence: inquiry.Online, Reason: "active"}})
		}},
		"what is about to go back is accepted": {verify.Offer, "was about to be taken back from them", func(events []inquiry.Event) {
			i := slices.IndexFunc(events, func(e inquiry.Event) bool {
				return e.Kind == inquiry.OfferRevoked && e.Cause.IsZero() && e.Owner == "ben"
			})
			events[i].Kind, events[i].Data = inquiry.Accepted, nil
		}},
		"what is about to go back stays, and matching goes on": {verify.Presence, "it is about to go back from them, shift_over, and matching went on before that", func(events []inquiry.Event) {
			i := len(events) - 1
			for events[i].Kind != inquiry.OfferRevoked { // the last of what goes back
				i--
			}
			events[i].Kind, events[i].Data = inquiry.Undelivered, nil
		}},
	} {
		t.Run("A7 it is found where "+name, func(t *testing.T) {
			t.Parallel()
			events := frozenEvents(t, "journal-format-1-returns")
			c.mutate(events)
			rules := found(events)
			require.Condition(t, func() bool {
				return slices.ContainsFunc(rules[c.rule], func(f string) bool { return strings.Contains(f, c.says) })
			}, "%v", rules)
		})
	}
}
