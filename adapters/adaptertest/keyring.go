package adaptertest

import (
	"bytes"
	"context"
	"sync"
	"testing"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// KeyringHarness is how [TestKeyring] comes by keyrings.
type KeyringHarness struct {
	// Open gives a new keyring without keys. Required.
	Open func(t *testing.T) adapters.Keyring
	// Again opens the keys of a keyring once more, as another process would, while
	// the first one stays in use. Nil means that the keyring does not outlive its
	// process; what it keeps is then not tested.
	Again func(t *testing.T, k adapters.Keyring) adapters.Keyring
	// Timeout is how long one case may take; 0 means [DefaultTimeout]. A tenth
	// of it is what counts as prompt.
	Timeout time.Duration
}

// TestKeyring holds an [adapters.Keyring] against its contract: one subtest a rule.
func TestKeyring(t *testing.T, h KeyringHarness) {
	if h.Open == nil {
		t.Fatal("adaptertest: KeyringHarness.Open is nil: give a function that opens a keyring without keys")
	}
	for _, c := range keyringCases() {
		t.Run(c.name, func(t *testing.T) {
			if c.durable && h.Again == nil {
				t.Skip("the harness has no Again")
			}
			runKeyringCase(t, t, h, c)
		})
	}
}

type keyringCase struct {
	name    string
	run     func(k *ring)
	durable bool // needs Again
}

func keyringCases() []keyringCase {
	return []keyringCase{
		{name: "H6 a key has the size that is wanted, and stays as it was made", run: keyStays},
		{name: "H6 no two persons have the same key", run: keysDiffer},
		{name: "H6 nothing is known of a person whose key nobody asked for", run: keyUnknown},
		{name: "H6 a forgotten key is not given again, and the next one is another", run: keyForgotten},
		{name: "H6 forgetting whom nobody knows, or nobody at all, is fine", run: keyForgetsNobody},
		{name: "H6 forgetting one person leaves the others' keys", run: keyOthersStay},
		{name: "H6 what a caller does to a key does not change it", run: keyAliased},
		{name: "H6 whoever asks at the same time is given the same key", run: keyTogether},
		{name: "H6 keys may be asked for while they are forgotten", run: keyForgottenTogether},
		{name: "H6 with a context that has ended nothing is given and nothing is forgotten", run: keyEnded},
		{name: "H7 pools do not share keys", run: keyPools},
		{name: "H6 another process finds the same keys, and finds forgotten ones forgotten", run: keyAgain, durable: true},
		{name: "H6 processes that ask at the same time are given the same key", run: keyProcesses, durable: true},
	}
}

// ring is a case at work on a keyring.
type ring struct {
	*trial
	k     adapters.Keyring
	again func() adapters.Keyring
}

func runKeyringCase(t *testing.T, r reporter, h KeyringHarness, c keyringCase) {
	r.Helper()
	try(r, h.Timeout, func(tr *trial) {
		k := h.Open(t)
		c.run(&ring{trial: tr, k: k, again: func() adapters.Keyring { return h.Again(t, k) }})
	})
}

func who(n int) inquiry.ID { return id("person", n) }

func (r *ring) key(k adapters.Keyring, pool string, person inquiry.ID) []byte {
	key, err := k.Key(r.ctx, pool, person)
	r.ok(err, "Key of %s in pool %q", person, pool)
	return key
}

func (r *ring) known(k adapters.Keyring, person inquiry.ID, want []byte, when string) {
	key, err := k.Known(r.ctx, pool, person)
	r.ok(err, "Known %s", when)
	r.equal(key, want, "Known %s", when)
}

// unknown demands that there is no key.
func (r *ring) unknown(k adapters.Keyring, pool string, person inquiry.ID, when string, args ...any) {
	key, err := k.Known(r.ctx, pool, person)
	r.is(err, adapters.ErrForgotten, "Known "+when, args...)
	if len(key) > 0 {
		r.Errorf("Known "+when+": it gives a key of %d bytes, want none", append(args, len(key))...)
	}
}

// equal says of keys that differ no more than that.
func (r *ring) equal(got, want []byte, what string, args ...any) {
	if !bytes.Equal(got, want) {
		r.Errorf(what+": it is another key", args...)
	}
}

func (r *ring) forget(k adapters.Keyring, pool string, persons ...inquiry.ID) {
	r.ok(k.Forget(r.ctx, pool, persons...), "Forget %d persons", len(persons))
}

func keyStays(r *ring) {
	key := r.key(r.k, pool, who(1))
	if len(key) != adapters.KeySize {
		r.Fatalf("Key: it has %d bytes, want %d", len(key), adapters.KeySize)
	}
	if bytes.Equal(key, make([]byte, len(key))) {
		r.Errorf("Key: all its bytes are 0")
	}
	for range 3 {
		r.equal(r.key(r.k, pool, who(1)), key, "Key asked for again")
		r.known(r.k, who(1), key, "after Key")
	}
}

func keysDiffer(r *ring) {
	seen := map[string]inquiry.ID{}
	for i := range 50 {
		key := string(r.key(r.k, pool, who(i)))
		if other, ok := seen[key]; ok {
			r.Errorf("%s has the same key as %s", who(i), other)
		}
		seen[key] = who(i)
	}
	r.key(r.k, pool, inquiry.ID{}) // an id like any other
}

func keyUnknown(r *ring) {
	r.unknown(r.k, pool, who(1), "in a keyring without keys")
	r.key(r.k, pool, who(1))
	r.unknown(r.k, pool, who(2), "of another person")
	r.unknown(r.k, pool, who(2), "asked for again: asking makes none")
}

func keyForgotten(r *ring) {
	seen := map[string]bool{}
	for round := range 3 {
		key := r.key(r.k, pool, who(1))
		if seen[string(key)] {
			r.Errorf("round %d: a key that was forgotten is given again", round)
		}
		seen[string(key)] = true
		r.forget(r.k, pool, who(1))
		r.unknown(r.k, pool, who(1), "after Forget, round %d", round)
	}
}

func keyForgetsNobody(r *ring) {
	r.forget(r.k, pool)
	r.forget(r.k, pool, who(1))
	key := r.key(r.k, pool, who(1))
	r.forget(r.k, pool)
	r.known(r.k, who(1), key, "after forgetting nobody")
	r.forget(r.k, pool, who(2), who(1), who(1))
	r.unknown(r.k, pool, who(1), "forgotten beside one whom nobody knows")
}

func keyOthersStay(r *ring) {
	keys := make([][]byte, 6)
	for i := range keys {
		keys[i] = r.key(r.k, pool, who(i))
	}
	r.forget(r.k, pool, who(1), who(3))
	for i, key := range keys {
		if i == 1 || i == 3 {
			r.unknown(r.k, pool, who(i), "of person %d, forgotten", i)
		} else {
			r.known(r.k, who(i), key, "of one who was not forgotten")
		}
	}
}

func keyAliased(r *ring) {
	key := r.key(r.k, pool, who(1))
	want := bytes.Clone(key)
	clear(key)
	known, err := r.k.Known(r.ctx, pool, who(1))
	r.ok(err, "Known")
	r.equal(known, want, "Known after the caller blanked what Key gave")
	clear(known)
	r.equal(r.key(r.k, pool, who(1)), want, "Key after the caller blanked what Known gave")
}

// agreed asks for new keys from many goroutines, of several keyrings in turn.
func (r *ring) agreed(rings ...adapters.Keyring) {
	for round := range 20 {
		var mu sync.Mutex
		seen := map[string]int{}
		r.all(8, func(i int) {
			key, err := rings[i%len(rings)].Key(r.ctx, pool, who(round))
			if err != nil {
				r.Errorf("round %d: Key: %v", round, err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			seen[string(key)]++
		})
		if len(seen) != 1 {
			r.Fatalf("round %d: those who asked at the same time were given %d different keys", round, len(seen))
		}
	}
}

func keyTogether(r *ring) { r.agreed(r.k) }

func keyProcesses(r *ring) { r.agreed(r.k, r.again(), r.again()) }

func keyForgottenTogether(r *ring) {
	for round := range 10 {
		r.all(8, func(i int) {
			for range 5 {
				if i%4 == 0 {
					if err := r.k.Forget(r.ctx, pool, who(1)); err != nil {
						r.Errorf("round %d: Forget: %v", round, err)
					}
					continue
				}
				if key, err := r.k.Key(r.ctx, pool, who(1)); err != nil || len(key) != adapters.KeySize || bytes.Equal(key, make([]byte, len(key))) {
					r.Errorf("round %d: Key gives %d bytes while others forget it, error %v", round, len(key), err)
				}
			}
		})
		key := r.key(r.k, pool, who(1))
		r.known(r.k, who(1), key, "when all is quiet")
		r.forget(r.k, pool, who(1))
		r.unknown(r.k, pool, who(1), "when all is quiet and it is forgotten")
	}
}

func keyEnded(r *ring) {
	key := r.key(r.k, pool, who(1))
	ended, cancel := context.WithCancel(r.ctx)
	cancel()
	r.soon("calls with a context that has ended", func() {
		_, err := r.k.Key(ended, pool, who(1))
		r.is(err, context.Canceled, "Key")
		_, err = r.k.Known(ended, pool, who(1))
		r.is(err, context.Canceled, "Known")
		r.is(r.k.Forget(ended, pool, who(1)), context.Canceled, "Forget")
	})
	r.known(r.k, who(1), key, "after a Forget that failed at once")
}

func keyPools(r *ring) {
	a, b := r.key(r.k, pool, who(1)), r.key(r.k, "press", who(1))
	if bytes.Equal(a, b) {
		r.Errorf("the same person has the same key in two pools")
	}
	r.unknown(r.k, "", who(1), "in a third pool, whose name is empty")
	r.unknown(r.k, "../press", who(1), "in a pool with a name like a path")
	r.forget(r.k, "press", who(1))
	r.known(r.k, who(1), a, "after Forget in another pool")
	r.unknown(r.k, "press", who(1), "after Forget")
}

func keyAgain(r *ring) {
	stays, goes := r.key(r.k, pool, who(1)), who(2)
	r.key(r.k, pool, goes)
	other := r.again()
	r.known(other, who(1), stays, "in another process")
	r.forget(r.k, pool, goes)
	r.unknown(other, pool, goes, "in another process, after Forget here")
	r.unknown(r.again(), pool, goes, "in a third process, after Forget")
	r.forget(other, pool, who(1))
	r.unknown(r.k, pool, who(1), "after Forget in another process")
	if bytes.Equal(r.key(r.k, pool, who(1)), stays) {
		r.Errorf("a key that another process has forgotten is given again")
	}
}
