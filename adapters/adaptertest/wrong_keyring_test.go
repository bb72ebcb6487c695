package adaptertest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"sync"
	"testing"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// drawer is where keys lie, and the keyring over it. What is set makes it wrong.
type drawer struct {
	mu   *sync.Mutex
	keys map[string][]byte

	short, oneKey, redraws, derives, makesOnKnown, neverForgets, forgetsAll, refusesUnknown bool
	aliases, races, ignoresContext, sharesPools, remembers, zeroes                          bool
	own                                                                                     map[string][]byte
}

func (d *drawer) name(pool string, person inquiry.ID) string {
	switch {
	case d.oneKey:
		return "one"
	case d.sharesPools:
		return person.String()
	}
	return pool + "/" + person.String()
}

func (d *drawer) Key(ctx context.Context, pool string, person inquiry.ID) ([]byte, error) {
	if err := ctx.Err(); err != nil && !d.ignoresContext {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	name := d.name(pool, person)
	if key := d.own[name]; key != nil {
		return key, nil
	}
	key := d.keys[name]
	if key == nil || d.redraws {
		if d.races {
			d.mu.Unlock()
			time.Sleep(time.Millisecond)
			d.mu.Lock()
		}
		sum := sha256.Sum256([]byte(name + inquiry.NewID().String()))
		switch {
		case d.derives:
			sum = sha256.Sum256([]byte(name))
		case d.zeroes:
			sum = [32]byte{}
		}
		key = sum[:]
		if d.short {
			key = key[:16]
		}
		d.keys[name] = key
	}
	if d.remembers {
		d.own[name] = bytes.Clone(key)
	}
	if d.aliases {
		return key, nil
	}
	return bytes.Clone(key), nil
}

func (d *drawer) Known(ctx context.Context, pool string, person inquiry.ID) ([]byte, error) {
	if d.makesOnKnown {
		return d.Key(ctx, pool, person)
	}
	if err := ctx.Err(); err != nil && !d.ignoresContext {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	key := d.own[d.name(pool, person)]
	if key == nil {
		key = d.keys[d.name(pool, person)]
	}
	if key == nil {
		return nil, adapters.ErrForgotten
	}
	return bytes.Clone(key), nil
}

func (d *drawer) Forget(ctx context.Context, pool string, persons ...inquiry.ID) error {
	if err := ctx.Err(); err != nil && !d.ignoresContext {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.neverForgets {
		return nil
	}
	if d.forgetsAll {
		clear(d.keys)
	}
	for _, p := range persons {
		name := d.name(pool, p)
		if d.refusesUnknown && d.keys[name] == nil {
			return adapters.ErrForgotten
		}
		delete(d.keys, name)
		delete(d.own, name)
	}
	return nil
}

func drawerHarness(set func(*drawer)) KeyringHarness {
	build := func(mu *sync.Mutex, keys map[string][]byte) *drawer {
		d := &drawer{mu: mu, keys: keys, own: map[string][]byte{}}
		if set != nil {
			set(d)
		}
		return d
	}
	return KeyringHarness{
		Open: func(*testing.T) adapters.Keyring { return build(&sync.Mutex{}, map[string][]byte{}) },
		Again: func(_ *testing.T, k adapters.Keyring) adapters.Keyring {
			d := k.(*drawer)
			return build(d.mu, d.keys)
		},
		Timeout: trialTimeout,
	}
}

func TestRightKeyrings(t *testing.T) {
	t.Parallel()
	TestKeyring(t, drawerHarness(nil))
}

func TestWrongKeyrings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		set func(*drawer)
		by  []string
	}{
		"one with short keys":                {func(d *drawer) { d.short = true }, []string{"the size that is wanted"}},
		"one whose keys are all zero":        {func(d *drawer) { d.zeroes = true }, []string{"the size that is wanted"}},
		"one with one key for all":           {func(d *drawer) { d.oneKey = true }, []string{"no two persons"}},
		"one that draws each time":           {func(d *drawer) { d.redraws = true }, []string{"stays as it was made"}},
		"one that derives keys":              {func(d *drawer) { d.derives = true }, []string{"the next one is another"}},
		"one that makes keys on Known":       {func(d *drawer) { d.makesOnKnown = true }, []string{"nobody asked for"}},
		"one that never forgets":             {func(d *drawer) { d.neverForgets = true }, []string{"not given again"}},
		"one that forgets everybody":         {func(d *drawer) { d.forgetsAll = true }, []string{"leaves the others"}},
		"one that will not forget strangers": {func(d *drawer) { d.refusesUnknown = true }, []string{"whom nobody knows"}},
		"one that gives out its own bytes":   {func(d *drawer) { d.aliases = true }, []string{"what a caller does"}},
		"one that races":                     {func(d *drawer) { d.races = true }, []string{"whoever asks at the same time"}},
		"one that ignores the context":       {func(d *drawer) { d.ignoresContext = true }, []string{"context that has ended"}},
		"one whose pools share keys":         {func(d *drawer) { d.sharesPools = true }, []string{"pools do not share"}},
		"one that remembers for itself":      {func(d *drawer) { d.remembers = true }, []string{"another process finds"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cases := keyringCases()
			names := make([]string, len(cases))
			for i, k := range cases {
				names[i] = k.name
			}
			caught(t, names, c.by, func(r reporter, i int) { runKeyringCase(t, r, drawerHarness(c.set), cases[i]) })
		})
	}
}
