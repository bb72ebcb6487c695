package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/sqlite"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

// TestKilledProcess is the process that is killed: it works until then.
func TestKilledProcess(t *testing.T) {
	path := os.Getenv(killFile)
	if path == "" {
		t.Skip("TestKill runs this in a process of its own")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	v := &victim{acks: os.NewFile(3, "acks"), marks: os.NewFile(4, "marks")}
	s, err := sqlite.Open(ctx, path, sqlite.Config{})
	require.NoError(t, err)
	v.store = s
	pending, err := s.Pending(ctx, killPool, 1<<20)
	require.NoError(t, err)
	for _, in := range pending {
		if r, ok := in.Do.(inquiry.Receive); ok && strings.HasPrefix(r.Message.External, killPlatform+"/") {
			v.left++
		}
	}
	policy := killPolicy()
	v.Engine, err = dispatch.New(watched{s, v}, policy, dispatch.Config{
		Pool: killPool, Node: "node", Directory: killStaff(), Notifier: adapters.NotifierFunc(v.work), PollEvery: 5 * time.Millisecond,
		Sources: []dispatch.Source{{Name: killPlatform, Source: adapters.SourceFunc(v.receive)}},
	})
	require.NoError(t, err)
	var wg sync.WaitGroup
	wg.Go(func() { v.fail(v.Run(ctx)) })
	<-v.Ready()
	v.mark(markReady)
	wg.Go(func() { v.present(ctx) })
	for i, next := range strings.Fields(os.Getenv(killNext)) {
		n, err := strconv.Atoi(next)
		require.NoError(t, err)
		wg.Go(func() { v.call(ctx, i, n) })
	}
	wg.Wait()
	t.Fatal("nobody killed this process")
}

// victim is the process that is killed.
type victim struct {
	*dispatch.Engine
	store       *sqlite.Store
	acks, marks *os.File
	// left is how many of the source's messages a process before this one had put
	// into the inbox, because its leadership was interrupted: they were acknowledged,
	// the cursor moves when they are carried out, and until then they come again.
	left int
}

// fail ends the process, which the other one takes as a failure.
func (v *victim) fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// say is one write, thus whole or not there.
func (v *victim) say(format string, args ...any) {
	_, err := fmt.Fprintf(v.acks, format+"\n", args...)
	v.fail(err)
}

func (v *victim) mark(what byte) {
	_, err := v.marks.Write([]byte{what})
	v.fail(err)
}

// watched is a store that reports its commits.
type watched struct {
	*sqlite.Store
	v *victim
}

func (w watched) Append(ctx context.Context, c adapters.Commit) error {
	w.v.mark(markAppend)
	err := w.Store.Append(ctx, c)
	w.v.mark(markReturn)
	return err
}

// receive is a platform with numbered messages.
func (v *victim) receive(ctx context.Context, after string, deliver adapters.Deliver) error {
	n := 0
	if after != "" {
		var err error
		if n, err = strconv.Atoi(after); err != nil {
			return err
		}
	}
	v.say("resumed %d %d", n, v.left)
	for {
		n++
		if err := deliver(ctx, killMessage(killPlatform, n), strconv.Itoa(n)); err != nil {
			return err
		}
		v.say("received %d", n)
		if err := v.WaitUntil(ctx, v.Now().Add(time.Millisecond)); err != nil {
			return err
		}
	}
}

// call submits numbered messages, from the first that was not acknowledged. The
// last caller is a host that puts them into the inbox in transactions of its
// own.
func (v *victim) call(ctx context.Context, caller, n int) {
	for ; ctx.Err() == nil; n++ {
		m := killMessage(callerName(caller), n)
		if caller == killCallers {
			v.fail(v.putInTx(ctx, m))
			v.say("accepted %d %d", caller, n)
			time.Sleep(5 * time.Millisecond)
			continue
		}
		receipt, err := v.Submit(ctx, m)
		if inquiry.IsPending(err) { // the next attempt gets the outcome
			n--
			continue
		}
		v.fail(err)
		v.say("accepted %d %d %s", caller, n, receipt.Inquiry)
		time.Sleep(time.Duration(rand.IntN(int(4 * time.Millisecond))))
	}
}

func (v *victim) putInTx(ctx context.Context, m inquiry.Message) error {
	in, err := v.Prepare(ctx, m)
	if err != nil {
		return err
	}
	tx, err := v.store.DB().BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := v.store.InTx(tx).Put(ctx, killPool, in); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// present signs the people on and takes up half of what the last process left.
func (v *victim) present(ctx context.Context) {
	v.fail(v.Do(ctx, "", inquiry.SetPresence{Owner: "dora", Presence: inquiry.Online}))
	for _, o := range killStaff() {
		list, err := v.Worklist(ctx, o.ID)
		v.fail(err)
		for i, x := range list {
			if i%2 == 0 && x.Owner == o.ID {
				v.act(ctx, inquiry.Resolve{Inquiry: x.ID, Owner: o.ID})
			}
		}
	}
}

// work is what owners do when they are told: take up most offers, and resolve
// most of what is theirs.
func (v *victim) work(ctx context.Context, e inquiry.Effect) error {
	dice := int(e.Inquiry[15])
	switch e.Topic {
	case inquiry.TellOffer:
		if dice%8 == 0 {
			return nil // the offer expires
		}
		v.act(ctx, inquiry.Accept{Inquiry: e.Inquiry, Owner: e.Owner})
	case inquiry.TellAssigned:
	default:
		return nil
	}
	if dice%16 > 2 {
		v.act(ctx, inquiry.Resolve{Inquiry: e.Inquiry, Owner: e.Owner})
	}
	return nil
}

// act does something that may have become pointless meanwhile.
func (v *victim) act(ctx context.Context, cmd inquiry.Command) {
	err := v.Do(ctx, "", cmd)
	if refused := (*inquiry.RefusedError)(nil); errors.As(err, &refused) || inquiry.IsPending(err) || ctx.Err() != nil {
		return
	}
	v.fail(err)
}

// killMessage is always the same for a number. Every fourth goes on with the
// conversation of the one before.
func killMessage(from string, n int) inquiry.Message {
	thread := n
	if n%4 == 3 {
		thread = n - 1
	}
	channel := "email"
	if thread%3 == 0 {
		channel = "chat"
	}
	return inquiry.Message{
		External: external(from, n), Channel: channel, Account: "help@example.com",
		Conversation: from + "-thread-" + strconv.Itoa(thread), Author: inquiry.Author{External: from + "-author-" + strconv.Itoa(thread)},
		Text: "Please help me with number " + strconv.Itoa(thread) + ".",
	}
}

func killPolicy() routing.Policy {
	return routing.Policy{
		Version: "v1", Sink: "head", Presence: routing.Presence{LapseAfter: -1},
		Default: routing.Settings{
			Assignment: inquiry.Directly, Skills: []inquiry.SkillRequirement{{Skill: "support", Min: 1}},
			Targets: []sla.Target{
				sla.Within(sla.Acknowledge, 100*time.Millisecond, ""),
				sla.Within(sla.FirstResponse, 200*time.Millisecond, ""),
				sla.Within(sla.Resolve, 400*time.Millisecond, ""),
			},
			ReopenFor: sla.Duration(500 * time.Millisecond),
		},
		Rules: []routing.Rule{{Name: "chat", Match: routing.Match{Channels: []string{"chat"}}, Settings: routing.Settings{
			Assignment: inquiry.ByOffer, OfferFor: sla.Duration(100 * time.Millisecond), ExpireFor: sla.Duration(50 * time.Millisecond),
		}}},
	}
}

func killStaff() adapters.Owners {
	support := []inquiry.Skill{{Name: "support", Level: 3}}
	return adapters.Owners{
		{ID: "bot-1", Capacity: 200, Skills: support, Bot: true},
		{ID: "bot-2", Capacity: 150, Skills: support, Bot: true},
		{ID: "dora", Capacity: 80, Skills: support},
		{ID: "head"},
	}
}
