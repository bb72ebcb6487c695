// Package desk is a help desk at work, for proofs that disturb it: a policy,
// people, messages that are always the same for a number, and what must be so
// afterwards, whatever happened.
package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/routing/verify"
	"github.com/answerable-go/answerable/sla"
)

// Pool is the desk's.
const Pool = "support"

// Policy has what is due within seconds, so that deadlines pass while nobody is
// there, and work of two kinds: assigned and offered.
func Policy() routing.Policy {
	return routing.Policy{
		Version: "v1", Sink: "head", Presence: routing.Presence{LapseAfter: -1},
		Default: routing.Settings{
			Assignment: inquiry.Directly, Skills: []inquiry.SkillRequirement{{Skill: "support", Min: 1}},
			Targets: []sla.Target{
				sla.Within(sla.FirstResponse, 300*time.Millisecond, ""),
				sla.Within(sla.Resolve, 2*time.Second, ""),
			},
			ReopenFor: sla.Duration(500 * time.Millisecond),
		},
		Rules: []routing.Rule{{Name: "chat", Match: routing.Match{Channels: []string{"chat"}}, Settings: routing.Settings{
			Assignment: inquiry.ByOffer, OfferFor: sla.Duration(200 * time.Millisecond), ExpireFor: sla.Duration(100 * time.Millisecond),
		}}},
	}
}

// Staff are the desk's people.
func Staff() adapters.Owners {
	support := []inquiry.Skill{{Name: "support", Level: 3}}
	return adapters.Owners{
		{ID: "bot-1", Capacity: 200, Skills: support, Bot: true},
		{ID: "bot-2", Capacity: 150, Skills: support, Bot: true},
		{ID: "head"},
	}
}

// Message is always the same for a caller's number. Every fourth goes on with
// the conversation of the one before, every third conversation is a chat.
func Message(caller string, n int) inquiry.Message {
	thread := n
	if n%4 == 3 {
		thread = n - 1
	}
	channel := "email"
	if thread%3 == 0 {
		channel = "chat"
	}
	return inquiry.Message{
		External: caller + "/" + strconv.Itoa(n), Channel: channel, Account: "help@example.com",
		Conversation: caller + "-thread-" + strconv.Itoa(thread), Author: inquiry.Author{External: caller + "-author-" + strconv.Itoa(thread)},
		Text: "Please help me with number " + strconv.Itoa(thread) + ".",
	}
}

// Desk is an Engine at work on a store.
type Desk struct {
	*dispatch.Engine
	// Patience is how long Call waits for one answer; 0: for ever.
	Patience time.Duration
	// Pace is how long Call waits at most from one message to the next; 0: 4 ms.
	Pace  time.Duration
	store adapters.Store
}

// Open makes a desk that is not yet at work. What cfg leaves open is filled in.
func Open(store adapters.Store, cfg dispatch.Config) (*Desk, error) {
	d := &Desk{store: store}
	cfg.Pool, cfg.Directory, cfg.Notifier = Pool, Staff(), adapters.NotifierFunc(d.work)
	if cfg.Node == "" {
		cfg.Node = "node"
	}
	if cfg.PollEvery == 0 {
		cfg.PollEvery = 10 * time.Millisecond
	}
	var err error
	d.Engine, err = dispatch.New(store, Policy(), cfg)
	return d, err
}

// Start has the Engine run until stop is called, which returns how it ended.
func (d *Desk) Start(ctx context.Context) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	<-d.Ready()
	return sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
}

// work is what the people do when they are told: they take up most offers, and
// resolve most of what is theirs.
func (d *Desk) work(ctx context.Context, e inquiry.Effect) error {
	dice := int(e.Inquiry[15])
	switch e.Topic {
	case inquiry.TellOffer:
		if dice%8 == 0 {
			return nil // the offer expires
		}
		if err := d.act(ctx, inquiry.Accept{Inquiry: e.Inquiry, Owner: e.Owner}); err != nil {
			return err
		}
	case inquiry.TellAssigned:
	default:
		return nil
	}
	if dice%16 > 2 {
		return d.act(ctx, inquiry.Resolve{Inquiry: e.Inquiry, Owner: e.Owner})
	}
	return nil
}

// act does something that may have become pointless meanwhile.
func (d *Desk) act(ctx context.Context, cmd inquiry.Command) error {
	err := d.Do(ctx, "", cmd)
	if refused := (*inquiry.RefusedError)(nil); errors.As(err, &refused) || inquiry.IsPending(err) {
		return nil
	}
	return err
}

// Acknowledged is called with the external id of each message that was accepted,
// and its inquiry where that is told, once the sender knows.
type Acknowledged func(external string, in inquiry.ID)

// Call submits a caller's messages from a number on, until ctx ends, trying each
// again until it is accepted, and returns the number of the first that was not.
// refused is told of each attempt that was not accepted.
func (d *Desk) Call(ctx context.Context, caller string, n int, accepted Acknowledged, refused func(error)) int {
	for ctx.Err() == nil {
		receipt, err := d.submit(ctx, Message(caller, n))
		if err == nil || inquiry.IsPending(err) {
			accepted(Message(caller, n).External, receipt.Inquiry)
			n++
		} else if ctx.Err() == nil {
			refused(err)
		}
		pause(ctx, time.Duration(rand.Int64N(int64(cmp.Or(d.Pace, 4*time.Millisecond)))))
	}
	return n
}

func (d *Desk) submit(ctx context.Context, m inquiry.Message) (dispatch.Receipt, error) {
	if d.Patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d.Patience)
		defer cancel()
	}
	return d.Submit(ctx, m)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// Holds says what of a store is not as it has to be: of what was acknowledged,
// everything is there exactly once, in the inquiry that was promised; nothing at
// all is there twice; nothing is damaged; and every rule of package verify holds,
// a replay of the journal included.
func Holds(ctx context.Context, store adapters.Store, acknowledged map[string]inquiry.ID) error {
	var errs []error
	if lost, err := Lost(ctx, store, acknowledged); err != nil {
		errs = append(errs, err)
	} else if len(lost) > 0 {
		errs = append(errs, fmt.Errorf("of %d messages that were acknowledged %d are not as they were: %s", len(acknowledged), len(lost), strings.Join(lost, "; ")))
	}
	if checker, ok := store.(adapters.Checker); ok {
		_, err := checker.Check(ctx, Pool, func(damage *adapters.DamageError) { errs = append(errs, damage) })
		errs = append(errs, err)
	}
	report, err := verify.Store(ctx, store, Pool, verify.Options{Replay: true})
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	for _, f := range report.Findings {
		errs = append(errs, fmt.Errorf("verify: %v", f))
	}
	return errors.Join(errs...)
}

// Lost names what was acknowledged and is missing, there twice, or elsewhere,
// and whatever else is there twice.
func Lost(ctx context.Context, store adapters.Store, acknowledged map[string]inquiry.ID) ([]string, error) {
	kept, err := keptBy(ctx, store)
	if err != nil {
		return nil, err
	}
	pending, err := store.Pending(ctx, Pool, 1<<20)
	if err != nil {
		return nil, err
	}
	inbox := map[string]int{}
	for _, in := range pending {
		if r, ok := in.Do.(inquiry.Receive); ok {
			inbox[r.Message.External]++
		}
	}
	var lost []string
	for external, in := range acknowledged {
		switch places := kept[external]; {
		case len(places) == 0 && inbox[external] != 1:
			lost = append(lost, fmt.Sprintf("%s is in %d inputs and in no inquiry", external, inbox[external]))
		case len(places) == 1 && !in.IsZero() && places[0] != in:
			lost = append(lost, fmt.Sprintf("%s is in %s, %s was promised", external, places[0], in))
		}
	}
	for external, places := range kept {
		if len(places) > 1 {
			lost = append(lost, fmt.Sprintf("%s is there %d times", external, len(places)))
		}
	}
	return lost, nil
}

// keptBy is where each message is, by its external id.
func keptBy(ctx context.Context, store adapters.Store) (map[string][]inquiry.ID, error) {
	kept := map[string][]inquiry.ID{}
	for after := (inquiry.ID{}); ; {
		found, err := store.Find(ctx, inquiry.Query{Pool: Pool, After: after})
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return kept, nil
		}
		for i := range found {
			messages, err := store.Messages(ctx, Pool, found[i].ID)
			if err != nil {
				return nil, err
			}
			for _, m := range messages {
				kept[m.External] = append(kept[m.External], m.Inquiry)
			}
		}
		after = found[len(found)-1].ID
	}
}

// GoesOn shows that a store is fit to work on: an Engine is started, takes a
// message in and has nothing in its inbox in the end. name is new each time.
func GoesOn(ctx context.Context, store adapters.Store, name string) (external string, in inquiry.ID, err error) {
	d, err := Open(store, dispatch.Config{})
	if err != nil {
		return "", in, err
	}
	stop := d.Start(ctx)
	defer func() { err = errors.Join(err, stop()) }()
	m := Message(name, 0)
	receipt, err := d.Submit(ctx, m)
	if err != nil {
		return "", in, err
	}
	for ctx.Err() == nil {
		pending, err := store.Pending(ctx, Pool, 1)
		if err != nil {
			return "", in, err
		}
		if len(pending) == 0 {
			return m.External, receipt.Inquiry, nil
		}
		pause(ctx, 5*time.Millisecond)
	}
	return "", in, fmt.Errorf("inputs were left lying in the inbox: %w", context.Cause(ctx))
}
