package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

// notUTF8 is text as platforms send it, of which JSON keeps only that something
// stood there.
const notUTF8 = "a\xff\xfeb"

// texts calls each with every text field of a struct, by its path.
func texts(v reflect.Value, path string, each func(path string, field reflect.Value)) {
	for i := range v.NumField() {
		f, name := v.Field(i), path+v.Type().Field(i).Name
		switch {
		case f.Kind() == reflect.String:
			each(name, f)
		case f.Type() == reflect.TypeFor[time.Time]():
		case f.Kind() == reflect.Struct:
			texts(f, name+".", each)
		case f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.String:
			f.Set(reflect.MakeSlice(f.Type(), 1, 1))
			each(name, f.Index(0))
		case f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.Struct:
			f.Set(reflect.MakeSlice(f.Type(), 1, 1))
			texts(f.Index(0), name+".", each)
		}
	}
}

func TestTextThatIsNotUTF8(t *testing.T) {
	t.Parallel()
	// restarted has what was decided recovered, and the store held against every rule.
	restarted := func(h *house) {
		h.pass(time.Second)
		h.sound()
		h.start()
		h.sound()
		h.submit("lou")
	}
	var fields []string
	texts(reflect.ValueOf(&inquiry.Message{}).Elem(), "", func(path string, _ reflect.Value) { fields = append(fields, path) })
	require.Contains(t, fields, "Account")
	require.Contains(t, fields, "Author.Identities.External")
	for _, field := range fields {
		if field == "Pool" || field == "Direction" { // what they can be is known
			continue
		}
		t.Run("H3 a message is decided as the journal keeps it, whatever its "+field, func(t *testing.T) {
			t.Parallel()
			inHouse(t, nil, func(h *house) {
				h.online("anna")
				m := h.message("kim")
				texts(reflect.ValueOf(&m).Elem(), "", func(path string, f reflect.Value) {
					if path == field {
						f.SetString(notUTF8)
					}
				})
				_, err := h.Submit(h.ctx, m)
				require.NoError(t, err)
				restarted(h)
			})
		})
	}
	t.Run("H3 so are the facts of a screener and a scorer", func(t *testing.T) {
		t.Parallel()
		inHouse(t, func(h *house) {
			h.cfg.Screeners = []adapters.Screener{adapters.ScreenerFunc(func(_ context.Context, _ inquiry.Message, f inquiry.Facts) (inquiry.Facts, error) {
				f.Kind, f.Language = notUTF8, notUTF8
				f.AddLabels(notUTF8)
				f.AddAudiences(notUTF8)
				return f, nil
			})}
			h.cfg.Scorer = adapters.ScorerFunc(func(context.Context, inquiry.Message, inquiry.Facts) ([]inquiry.Bonus, error) {
				return []inquiry.Bonus{{Owner: notUTF8, Bonus: 5}}, nil
			})
		}, func(h *house) {
			h.submit("kim")
			restarted(h)
		})
	})
	t.Run("H3 so are commands, their actors and what they say", func(t *testing.T) {
		t.Parallel()
		out := &platform{}
		inHouse(t, func(h *house) { h.cfg.Sources = []dispatch.Source{{Name: "api", Replier: out}} }, func(h *house) {
			id := h.assigned("kim")
			reply, err := h.SendReply(h.ctx, notUTF8, inquiry.Reply{Inquiry: id, Owner: "anna", Text: notUTF8, Seen: 1})
			require.NoError(t, err)
			h.pass(time.Second)
			require.Equal(t, "a\uFFFDb", out.sent[0].Text)
			ms, err := h.Messages(h.ctx, id)
			require.NoError(t, err)
			require.Equal(t, reply, ms[1].Reply)
			require.Equal(t, inquiry.Sum(ms[1].Salt, "", ms[1].Text), ms[1].Digest, "the text that is kept can be proved")
			require.NoError(t, h.DoAs(h.ctx, notUTF8, "", inquiry.Prioritise{Inquiry: id, Priority: 2, Reason: notUTF8}))
			h.must(inquiry.Classify{Inquiry: id, Owner: "head", Correction: inquiry.Correction{Kind: notUTF8, Labels: []string{notUTF8}, Language: notUTF8}, Reason: notUTF8})
			h.must(inquiry.Resolve{Inquiry: id, Owner: "head", Note: notUTF8})
			restarted(h)
		})
	})
	t.Run("H3 an owner whose id is none is refused, and nobody becomes somebody else", func(t *testing.T) {
		t.Parallel()
		inHouse(t, nil, func(h *house) {
			err := h.Do(h.ctx, "", inquiry.Roster{Set: []inquiry.Owner{{ID: "\xff", Capacity: 1}, {ID: "\xfe", Capacity: 1}}})
			require.ErrorContains(t, err, "is not UTF-8")
			h.must(inquiry.Roster{Set: []inquiry.Owner{{ID: "cleo", Name: notUTF8, Capacity: 100, Skills: []inquiry.Skill{{Name: notUTF8, Level: 1}}}}})
			h.start()
			h.sound()
		})
	})
}

func TestNamesThatNoStoreCouldFind(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ü", inquiry.MaxName)
	t.Run("A1 a label of a screener is cut off, and the message accepted", func(t *testing.T) {
		t.Parallel()
		inHouse(t, func(h *house) {
			h.cfg.Screeners = []adapters.Screener{adapters.ScreenerFunc(func(_ context.Context, _ inquiry.Message, f inquiry.Facts) (inquiry.Facts, error) {
				f.AddLabels("refund", long, long+"more")
				return f, nil
			})}
		}, func(h *house) {
			id := h.submit("kim")
			require.Equal(t, []string{"refund", strings.Repeat("ü", inquiry.MaxName/2)}, h.row(id).Details.Labels)
		})
	})
	t.Run("A1 a source's channel and account are cut off, whoever else names such is refused", func(t *testing.T) {
		t.Parallel()
		p := &platform{}
		inHouse(t, func(h *house) { h.cfg.Sources = []dispatch.Source{{Name: "mail", Source: p}} }, func(h *house) {
			m := h.message("kim")
			m.Channel, m.Account = long, long
			_, err := h.Submit(h.ctx, m)
			require.ErrorIs(t, err, inquiry.Invalid)
			require.ErrorContains(t, err, "message: Account has 1000 bytes: want at most 500")
			p.posts(m)
			h.pass(time.Second)
			all, err := h.Find(h.ctx, inquiry.Query{})
			require.NoError(t, err)
			require.Len(t, all, 1)
			require.Len(t, all[0].Account, inquiry.MaxName)
			require.Len(t, all[0].Channel, inquiry.MaxName)
		})
	})
	t.Run("A1 what is no UTF-8 counts as the journal keeps it, and stops no source", func(t *testing.T) {
		t.Parallel()
		p := &platform{}
		broken := strings.Repeat("\x80", inquiry.MaxName)
		inHouse(t, func(h *house) {
			h.cfg.Sources = []dispatch.Source{{Name: "mail", Source: p}}
			h.cfg.Screeners = []adapters.Screener{adapters.ScreenerFunc(func(_ context.Context, _ inquiry.Message, f inquiry.Facts) (inquiry.Facts, error) {
				f.AddLabels(broken)
				return f, nil
			})}
		}, func(h *house) {
			m := h.message("kim")
			m.Channel = broken
			_, err := h.Submit(h.ctx, m)
			require.ErrorContains(t, err, "message: Channel has 1500 bytes: want at most 500")
			m.Channel += broken
			p.posts(m)
			h.pass(time.Second)
			all, err := h.Find(h.ctx, inquiry.Query{})
			require.NoError(t, err)
			require.Len(t, all, 1)
			require.NotEmpty(t, all[0].Channel)
			require.LessOrEqual(t, len(all[0].Channel), inquiry.MaxName)
			require.LessOrEqual(t, len(all[0].Details.Labels[0]), inquiry.MaxName)
			err = h.Do(h.ctx, "", inquiry.Classify{Inquiry: all[0].ID, Owner: "head", Correction: inquiry.Correction{Labels: []string{broken}}})
			require.ErrorContains(t, err, "1500 bytes: want at most 500")
		})
	})
	t.Run("H1 commands, rosters, policies and the Config are refused", func(t *testing.T) {
		t.Parallel()
		inHouse(t, nil, func(h *house) {
			id := h.submit("kim")
			for _, c := range []inquiry.Command{
				inquiry.Classify{Inquiry: id, Owner: "head", Correction: inquiry.Correction{Labels: []string{long}}},
				inquiry.Split{Inquiry: id, Owner: "head", Correction: inquiry.Correction{Labels: []string{long}}},
				inquiry.Roster{Set: []inquiry.Owner{{ID: inquiry.OwnerID(long)}}},
				inquiry.Roster{Set: []inquiry.Owner{{ID: "cleo", Departments: []string{long}}}},
			} {
				err := h.Do(h.ctx, "", c)
				require.ErrorIs(t, err, inquiry.Invalid)
				require.ErrorContains(t, err, "1000 bytes: want at most 500")
			}
			p := smallPolicy()
			p.Departments = []routing.Department{{Name: long}}
			require.ErrorContains(t, h.Adopt(h.ctx, p), "departments[0]: has a name of 1000 bytes: want at most 500")
			p = smallPolicy()
			p.Sink = inquiry.OwnerID(long)
			require.ErrorContains(t, h.Adopt(h.ctx, p), "sink: has 1000 bytes: want at most 500")
			_, err := dispatch.New(h.store, smallPolicy(), dispatch.Config{Pool: long, Sources: []dispatch.Source{{Name: long, Source: &platform{}}}})
			require.ErrorContains(t, err, "Pool has 1000 bytes")
			require.ErrorContains(t, err, "Sources[0]: the name has 1000 bytes")
		})
	})
}

// What the Engine tells of itself is refused by nobody for its length: it would be told
// again for ever.
func TestLongTextsThatNobodyCanShorten(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", dispatch.MaxText)
	t.Run("F7 the longest reply leaves with its author's sign-off", func(t *testing.T) {
		t.Parallel()
		p := &platform{}
		inHouse(t, func(h *house) {
			h.cfg.Sources = []dispatch.Source{{Name: "mail", Source: p}}
			h.policy.Accounts = []routing.Account{{Name: "help@example.com", SignOff: "^{initials} of Acme"}}
			h.cfg.Directory = adapters.Owners{{ID: "anna", Capacity: 100, Initials: "AB", Skills: smallStaff()[0].Skills}, {ID: "head", Capacity: 100}}
		}, func(h *house) {
			id := h.posted(p)
			h.must(inquiry.Reply{Inquiry: id, Owner: "anna", Text: long, Seen: 1})
			h.pass(time.Second)
			require.Equal(t, 1, p.posted())
			require.Equal(t, long+" ^AB of Acme", p.sent[0].Text)
			require.Contains(t, h.kinds(id), inquiry.ReplySent)
		})
	})
	for says, kind := range map[error]inquiry.EventKind{adapters.ErrNotSent: inquiry.ReplyFailed, errBroken: inquiry.ReplyUnknown} {
		t.Run("F7 an error as long as a page is told like any other: "+string(kind), func(t *testing.T) {
			t.Parallel()
			p := &platform{outcome: func(inquiry.Outbound) (string, error) { return "", fmt.Errorf("%w: %s%s", says, long, long) }}
			inHouse(t, func(h *house) { h.cfg.Sources = []dispatch.Source{{Name: "api", Replier: p}} }, func(h *house) {
				id := h.assigned("kim")
				h.must(inquiry.Reply{Inquiry: id, Owner: "anna", Text: "Yes.", Seen: 1})
				h.pass(time.Minute)
				require.Contains(t, h.kinds(id), kind)
				require.Equal(t, 1, p.posted())
				h.sound()
			})
		})
	}
	t.Run("H5 so is that of a notifier, which is then asked no more", func(t *testing.T) {
		t.Parallel()
		inHouse(t, func(h *house) {
			h.policy.Default.OfferFor = sla.Duration(time.Hour)
			h.told.fail = func(e inquiry.Effect) error {
				if e.Owner == "anna" {
					return errors.New(long + long)
				}
				return nil
			}
		}, func(h *house) {
			h.online("anna")
			id := h.submit("kim")
			h.pass(5 * time.Minute)
			require.Contains(t, h.kinds(id), inquiry.Undelivered)
			h.sound()
		})
	})
}

func TestTimesThatNoStoreCouldHold(t *testing.T) {
	inHouse(t, nil, func(h *house) {
		for _, at := range []time.Time{
			{},
			time.Date(0, 12, 31, 23, 0, 0, 0, time.UTC), time.Date(1, 1, 1, 0, 0, 0, 0, time.FixedZone("", 3600)),
			time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 0, 0, 0, time.FixedZone("", -7200)),
		} {
			m := h.message("kim")
			m.At = at
			in, err := h.Prepare(h.ctx, m)
			require.NoError(t, err)
			require.Equal(t, h.Now(), in.Do.(inquiry.Receive).Message.At, "%s is that of its coming in", at)
		}
	})
}
