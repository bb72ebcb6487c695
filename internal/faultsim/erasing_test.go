package faultsim

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/seal"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/virtual"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// isErasing says in which seeds texts are sealed and people are erased: four in
// thirty-two, of which one is curious, one unusual, one both, and two have several pools.
func isErasing(seed uint64) bool {
	switch seed % 32 {
	case 4, 6, 7, 28:
		return true
	}
	return false
}

// canary is in everything that is personal: no store may have it in plain, nor any log.
const canary = "pineapple"

var pseudonyms = []byte("a key of the house")

// whose is whose key it is.
type whose struct {
	pool   string
	person inquiry.ID
}

// vault is the far end of every node's keyring, one for all pools. A key is durable once
// it is made, and gone once it is forgotten.
type vault struct {
	made  map[whose]int // so many keys they have had
	there map[whose]bool
}

func newVault() *vault { return &vault{made: map[whose]int{}, there: map[whose]bool{}} }

func (v *vault) key(w whose) []byte {
	if !v.there[w] {
		v.made[w]++
		v.there[w] = true
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %d", w.pool, w.person, v.made[w]))
	return sum[:]
}

func (v *vault) known(w whose) ([]byte, error) {
	if !v.there[w] {
		return nil, adapters.ErrForgotten
	}
	return v.key(w), nil
}

// keyring is the vault as a node sees it.
type keyring struct{ *conn }

var _ adapters.Keyring = keyring{}

func (k keyring) whose(pool string, person inquiry.ID) whose {
	store(k).asks(pool)
	if k.sim.plant == keysShared {
		person = inquiry.ID{}
	}
	return whose{pool, person}
}

func (k keyring) Key(ctx context.Context, pool string, person inquiry.ID) (key []byte, err error) {
	w := k.whose(pool, person)
	var made []byte
	if err := k.call(ctx, leads, "key "+short(person), func() error {
		made = k.sim.server.vault.key(w)
		return nil
	}); err != nil {
		return nil, err
	}
	return made, nil
}

func (k keyring) Known(ctx context.Context, pool string, person inquiry.ID) ([]byte, error) {
	w := k.whose(pool, person)
	return answered(store(k), ctx, "known "+short(person), func(v *server) ([]byte, error) { return v.vault.known(w) })
}

func (k keyring) Forget(ctx context.Context, pool string, persons ...inquiry.ID) error {
	list := make([]whose, 0, len(persons))
	for _, p := range persons {
		list = append(list, k.whose(pool, p))
	}
	what := fmt.Sprintf("forget %d", len(list))
	if len(list) > 0 {
		what += " " + short(list[0].person)
	}
	return k.call(ctx, leads, what, func() error {
		k.sim.erasing.forgets(k.conn, list)
		return nil
	})
}

// near is the vault from where it is.
type near struct{ *vault }

func (n near) Key(_ context.Context, pool string, person inquiry.ID) ([]byte, error) {
	return n.key(whose{pool, person}), nil
}

func (n near) Known(_ context.Context, pool string, person inquiry.ID) ([]byte, error) {
	return n.known(whose{pool, person})
}

func (n near) Forget(context.Context, string, ...inquiry.ID) error { return errors.ErrUnsupported }

// erasing remembers who was erased, and what of theirs was there.
type erasing struct {
	sim  *sim
	keep time.Duration   // for how long nodes keep keys
	desk adapters.Eraser // of the host's, that no Engine has

	stored    map[inquiry.ID]bool      // inputs that were in the inbox under keys of their own
	handed    map[letter]time.Time     // when it was first on its way
	forgotten map[inquiry.ID]time.Time // when their key was destroyed last
	erased    map[letter]time.Time     // what is to be unreadable for good
	blank     map[inquiry.ID]bool      // of which inquiries the details are, too
}

// letter is a revision of a message.
type letter struct {
	id       inquiry.ID
	revision int
}

func newErasing(s *sim) *erasing {
	c := s.chance.Split("erasing")
	desk, err := seal.New(s.server.kept, keyring{newConn(s, "desk")}, seal.Config{})
	if err != nil {
		s.wrong("seal: %v", err)
	}
	return &erasing{
		desk: desk,
		sim:  s, keep: []time.Duration{-1, 5 * time.Second, time.Minute}[c.IntN(3)],
		stored: map[inquiry.ID]bool{}, handed: map[letter]time.Time{}, forgotten: map[inquiry.ID]time.Time{}, erased: map[letter]time.Time{}, blank: map[inquiry.ID]bool{},
	}
}

// sealed is a node's store.
func (s *sim) sealed(inner adapters.Store, c *conn) adapters.Store {
	if !isErasing(s.seed) {
		return inner
	}
	sealed, err := seal.New(inner, keyring{c}, seal.Config{KeepKeys: s.erasing.keep})
	if err != nil {
		s.wrong("seal: %v", err)
	}
	switch s.plant {
	case inboxPlain:
		return plainInbox{sealed, inner}
	case nobodysKey:
		return nobodys{sealed}
	}
	return sealed
}

// nobodys is what a planted bug seals under the wrong keys.
type nobodys struct{ *seal.Store }

func (n nobodys) Append(ctx context.Context, c adapters.Commit) error {
	c.Messages = slices.Clone(c.Messages)
	for i := range c.Messages {
		c.Messages[i].Author.Person = inquiry.ID{}
	}
	return n.Store.Append(ctx, c)
}

// plainInbox is what a planted bug does not seal.
type plainInbox struct {
	*seal.Store
	inner adapters.Inbox
}

func (p plainInbox) Put(ctx context.Context, pool string, inputs ...inquiry.Input) error {
	return p.inner.Put(ctx, pool, inputs...)
}

// view is the store as one who has the keys reads it, without any faults.
func (s *sim) view() adapters.Store {
	if !isErasing(s.seed) {
		return s.server.kept
	}
	sealed, err := seal.New(s.server.kept, near{s.server.vault}, seal.Config{KeepKeys: -1})
	if err != nil {
		s.wrong("seal: %v", err)
	}
	return sealed
}

// transaction is the inbox within a transaction of the host's.
func (s *sim) transaction() adapters.Inbox {
	direct := inTransaction{s.server}
	if sealed, ok := s.view().(*seal.Store); ok {
		return sealed.Inbox(direct)
	}
	return direct
}

type inTransaction struct{ *server }

func (t inTransaction) Put(_ context.Context, _ string, inputs ...inquiry.Input) error {
	return t.put(inputs)
}

// personal is a word of somebody's.
func (s *sim) personal(word string) string {
	if isErasing(s.seed) {
		return word + " " + canary
	}
	return word
}

// person is the first pseudonym of whoever wrote a message.
func (s *sim) person(m *inquiry.Message) inquiry.ID {
	if ids := m.Author.Persons(pseudonyms, s.pool, m.Channel); len(ids) > 0 {
		return ids[0]
	}
	return inquiry.ID{}
}

func (s *sim) letter(m *inquiry.Message) letter {
	return letter{inquiry.MessageID(s.pool, m.Source, m.External), m.Revision}
}

// hands notes that somebody is about to hand a message in.
func (x *erasing) hands(m *inquiry.Message) {
	if l := x.sim.letter(m); x.handed[l].IsZero() {
		x.handed[l] = x.sim.pace.Now()
	}
}

// forgets destroys keys. What is there of these persons is to be unreadable from now on.
func (x *erasing) forgets(c *conn, list []whose) {
	s, now := x.sim, x.sim.pace.Now()
	x.plain("as a key is forgotten", false)
	for _, w := range list {
		if s.plant != keyKept {
			delete(s.server.vault.there, w)
		}
		x.forgotten[w.person] = now
	}
	theirs := map[inquiry.ID]bool{}
	for _, m := range s.world.written {
		if p := s.person(m); !p.IsZero() && slices.Contains(list, whose{s.pool, p}) {
			theirs[s.letter(m).id] = true
		}
	}
	for _, q := range x.all() {
		for _, m := range x.messages(s.server.kept, q.ID) {
			if theirs[m.ID] || slices.Contains(list, whose{s.pool, q.ID}) && m.Author.Person.IsZero() {
				x.erased[letter{m.ID, m.Revision}] = now
			}
		}
		if !q.Details.Author.Person.IsZero() && slices.Contains(list, whose{s.pool, q.Details.Author.Person}) {
			x.blank[q.ID] = true
		}
	}
	s.audit.note(c, "forget", "%d", len(list))
}

// all are all inquiries that the store has, as it has them.
func (x *erasing) all() []inquiry.Inquiry {
	all, err := x.sim.server.kept.Find(context.Background(), inquiry.Query{Pool: x.sim.pool, Limit: 1 << 20})
	if err != nil {
		x.sim.wrong("find: %v", err)
	}
	return all
}

func (x *erasing) messages(of adapters.Store, id inquiry.ID) []inquiry.Message {
	ms, err := of.Messages(context.Background(), x.sim.pool, id)
	if err != nil {
		x.sim.wrong("messages: %v", err)
	}
	return ms
}

// plain looks for words that are not sealed: in the inbox, or in all that there is.
func (x *erasing) plain(when string, everywhere bool) {
	s, ctx := x.sim, context.Background()
	look := func(what string, v any) {
		text, err := json.Marshal(v)
		if err != nil {
			s.wrong("%s cannot be written: %v", what, err)
		}
		if at := strings.Index(string(text), canary); at >= 0 {
			s.wrong("H6 %s has words in plain %s: %s", what, when, text[max(0, at-200):min(len(text), at+50)])
		}
	}
	in, err := s.server.kept.Pending(ctx, s.pool, 1<<20)
	if err != nil {
		s.wrong("inbox: %v", err)
	}
	for i := range in {
		if r, ok := in[i].Do.(inquiry.Receive); ok && r.Message.Direction == inquiry.FromUs {
			r.Speaker = "" // an owner's id, as far as a source tells
			in[i].Do = r
		}
		look("the inbox", in[i])
	}
	if !everywhere {
		return
	}
	rec, err := s.server.kept.Recover(ctx, s.pool)
	if err != nil {
		s.wrong("recovery: %v", err)
	}
	for _, m := range rec.Marks {
		look("mark "+m.Key, string(m.Value))
	}
	rec.Marks = nil
	look("the recovery", rec)
	for _, e := range s.audit.caused {
		look("an effect", s.audit.effects[e])
	}
	for e, err := range s.server.kept.Journal(ctx, s.pool, 0) {
		if err != nil {
			s.wrong("journal: %v", err)
			return
		}
		look("the journal", &e)
	}
	for _, q := range x.all() {
		look("an inquiry", &q)
		for _, m := range x.messages(s.server.kept, q.ID) {
			look("a message", &m)
		}
	}
}

// mayBe reports whether a message may be unreadable: whose it is was erased since this
// revision was on its way.
func (x *erasing) mayBe(m *inquiry.Message, of inquiry.ID) bool {
	var under inquiry.ID
	if list := sealedUnder(inquiry.Receive{Message: *m}); len(list) > 0 {
		under = list[0]
	}
	at, ok := x.forgotten[under]
	_, input := x.sim.audit.inputs[under]
	return ok && !at.Before(x.handed[letter{m.ID, m.Revision}]) && !input && (of.IsZero() || of == under)
}

// end looks whether what was erased is so for good.
func (x *erasing) end() {
	s, view := x.sim, x.sim.view()
	x.plain("in the end", true)
	for _, q := range x.all() {
		for _, m := range x.messages(view, q.ID) {
			x.unread(&m, "in the end")
		}
	}
	found, err := view.Find(context.Background(), inquiry.Query{Pool: s.pool, Limit: 1 << 20})
	if err != nil {
		s.wrong("find: %v", err)
	}
	for i := range found {
		if d := &found[i].Details; x.blank[d.ID] && (d.Subject != "" || d.Author.External != "" || d.Author.Name != "") {
			s.wrong("H6 who opened inquiry %s was erased, and is known: %q, %q", d.ID, d.Author.External, d.Subject)
		}
	}
	x.keysOfInputs()
	s.counts["erased messages"] += len(x.erased)
}

// puts notes which inputs are in the inbox under keys of their own. What has an outcome
// already is not put there again, and what is there is not replaced.
func (x *erasing) puts() {
	waiting, err := x.sim.server.kept.Pending(context.Background(), x.sim.pool, 1<<20)
	if err != nil {
		x.sim.wrong("inbox: %v", err)
	}
	for i := range waiting {
		if slices.Contains(sealedUnder(waiting[i].Do), waiting[i].ID) {
			x.stored[waiting[i].ID] = true
		}
	}
}

// sealedUnder are the persons, or what stands for them, under whose keys the parts of a
// command are sealed.
func sealedUnder(cmd inquiry.Command) (persons []inquiry.ID) {
	of := func(blob []byte) {
		var p inquiry.ID
		if len(blob) > len(p) {
			copy(p[:], blob[1:])
			persons = append(persons, p)
		}
	}
	switch c := cmd.(type) {
	case inquiry.Receive:
		of(c.Message.Sealed)
	case inquiry.Split:
		for i := range c.Moved {
			of(c.Moved[i].Sealed)
		}
	case inquiry.Reply:
		of(c.Sealed)
	case inquiry.Sending:
		of(c.Sealed)
	}
	return persons
}

// keysOfInputs looks for keys that inputs had of their own and that are left although
// they are done. One is to be marked, so that the next commit has it forgotten, or was
// made anew for an input that was put again, and opens nothing.
func (x *erasing) keysOfInputs() {
	s := x.sim
	rec, err := s.server.kept.Recover(context.Background(), s.pool)
	if err != nil {
		s.wrong("recovery: %v", err)
		return
	}
	for id := range x.stored {
		w := whose{s.pool, id}
		switch marked := slices.ContainsFunc(rec.Marks, func(m inquiry.Mark) bool { return strings.HasSuffix(m.Key, "/"+id.String()) }); {
		case !s.server.vault.there[w]:
		case marked:
			s.count("key of an input that is to be forgotten")
		case s.server.vault.made[w] > 1:
			s.count("key of an input that was put again")
		default:
			s.wrong("H6 the key of input %s is left, though it is done, and nothing says that it is to be forgotten", id)
		}
	}
}

// unread holds a message that was read against what was erased.
func (x *erasing) unread(m *inquiry.Message, when string) {
	at, ok := x.erased[letter{m.ID, m.Revision}]
	if ok && !x.sim.audit.gone[m.ID] && (m.Text != "" || m.Author.External != "" || m.External != "") {
		x.sim.wrong("H6 message %s, revision %d, was erased at %s, and is read %s: %q of %q", m.ID, m.Revision, at.Sub(x.sim.start), when, m.Text, m.Author.External)
	}
}

// posts holds a reply that goes out against what was erased: it has an address and words.
func (x *erasing) posts(out *inquiry.Outbound) {
	if !strings.Contains(out.Text, canary) || !strings.Contains(out.To.External, canary) && out.To.External != "" {
		x.sim.wrong("H6 reply %s to %q was posted as %q", out.Reply, out.To.External, out.Text)
	}
}

// clerk erases whoever asks for it.
type clerk struct {
	*world
	chance *virtual.Stream
	people []*customer
}

// erases has somebody erased, on one of the channels that they write on or on both, or an
// inquiry of which nobody knows whose it is. What was there of them is then read by the
// node that did it, and later by any.
func (k *clerk) erases(name string) {
	s, x, c := k.sim, k.sim.erasing, k.chance
	who := k.people[c.IntN(len(k.people))]
	author := inquiry.Author{Identities: []inquiry.Identity{{Channel: "mail", External: who.name}, {Channel: "chat", External: who.name}}}
	if c.Chance(0.3) {
		author.Identities = author.Identities[c.IntN(2):][:1]
	}
	persons := author.Persons(pseudonyms, s.pool, "")
	var nobodys inquiry.ID
	if all := x.all(); len(all) > 0 && c.Chance(0.2) {
		if q := all[c.IntN(len(all))]; q.Details.Author.Person.IsZero() {
			nobodys, persons = q.ID, []inquiry.ID{q.ID}
		}
	}
	var read []inquiry.ID // where to look
	for _, q := range x.all() {
		if q.ID == nobodys || slices.ContainsFunc(persons, func(p inquiry.ID) bool { return slices.Contains(q.Persons, p) }) {
			read = append(read, q.ID)
		}
	}
	before := map[inquiry.ID]int{}
	for _, p := range persons {
		before[p] = s.server.vault.made[whose{s.pool, p}]
	}
	var seen []inquiry.Message
	k.want(name, name, func(ctx context.Context, e *dispatch.Engine, _ string) error {
		if !nobodys.IsZero() {
			return x.desk.Erase(ctx, s.pool, nobodys)
		}
		if err := e.Erase(ctx, "", author); err != nil || len(read) == 0 {
			return err
		}
		ms, err := e.Messages(ctx, read[0])
		if err == nil {
			seen = ms
		}
		return nil
	}, func(err error) {
		s.count("erasure")
		s.say("clerk", "erases %s, %d identities: %v", who.name, len(persons), err)
		if err != nil {
			s.wrong("%s could not be erased: %v", who.name, err)
		}
		for _, p := range persons {
			if w := (whose{s.pool, p}); s.plant != keyKept && s.server.vault.there[w] && s.server.vault.made[w] == before[p] {
				s.wrong("H6 %s was erased, and their key is there", who.name)
			}
		}
		for i := range seen {
			x.unread(&seen[i], "where it was erased")
		}
		if len(read) > 0 {
			k.looks(name, read[c.IntN(len(read))])
		}
	})
}

// looks has any node read it once no node may remember the key any more.
func (k *clerk) looks(name string, id inquiry.ID) {
	s, x := k.sim, k.sim.erasing
	s.pace.After(max(0, x.keep)+seconds(k.chance, 1, 20), name+" looks", func() {
		erased := map[letter]bool{} // since others may be erased meanwhile
		for l, at := range x.erased {
			erased[l] = s.pace.Now().Sub(at) > max(0, x.keep)
		}
		var seen []inquiry.Message
		n := s.nodes[k.chance.IntN(len(s.nodes))]
		n.ask(name+" asks", 20*time.Second, func(ctx context.Context, e *dispatch.Engine) error {
			ms, err := e.Messages(ctx, id)
			if err == nil {
				seen = ms
			}
			return err
		}, func(err error) {
			if err == nil {
				s.count("erased messages asked for")
			}
			for i := range seen {
				if m := &seen[i]; erased[letter{m.ID, m.Revision}] {
					x.unread(m, "by "+n.name)
				}
			}
		})
	})
}

// signs has a message say whose it is, mostly.
func (c *customer) signs(m *inquiry.Message) {
	draws := c.sim.calls.Split("signs " + m.External)
	if draws.Chance(0.1) {
		m.Author = inquiry.Author{}
		return
	}
	m.Author.Name, m.Author.Handle = "Kim "+canary, "@"+c.name
}

// stable is a batch without what is drawn from the system's randomness: of what is sealed
// it has under which key that is.
func (a *audit) stable(b inquiry.Batch) inquiry.Batch {
	const header = 1 + len(inquiry.ID{}) + 8
	b.Messages, b.Details = slices.Clone(b.Messages), slices.Clone(b.Details)
	for i := range b.Messages {
		b.Messages[i].Sealed = b.Messages[i].Sealed[:min(header, len(b.Messages[i].Sealed))]
	}
	for i := range b.Details {
		b.Details[i].Sealed = b.Details[i].Sealed[:min(header, len(b.Details[i].Sealed))]
	}
	return b
}
