package inquiry

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/sla"
)

var update = flag.Bool("update", false, "rewrite the table of transitions; never rewrites a frozen journal")

// The state machine as a table: a row for each kind, a column for each state.
func TestTransitionsAreAsTabled(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, kind := range allKinds() {
		fmt.Fprintf(&b, "%-18s", kind)
		for _, s := range allStates {
			mark := "."
			if May(kind, s) {
				mark = "x"
			}
			fmt.Fprintf(&b, " %s", mark)
		}
		b.WriteByte('\n')
	}
	header := "kind               "
	for i, s := range allStates {
		if s == "" {
			s = "none"
		}
		header += fmt.Sprintf("%d=%s ", i, s)
	}
	got := strings.TrimSpace(header) + "\n" + b.String()
	file := filepath.Join("testdata", "transitions.txt")
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// For every pair of state and kind, Apply accepts what the table allows;
// anything else is a TransitionError and changes nothing.
func TestApplyAcceptsWhatTheTableAllows(t *testing.T) {
	t.Parallel()
	for _, state := range allStates {
		for _, kind := range allKinds() {
			row := rowIn(state)
			e := suiting(&row, kind)
			before := marshal(t, row)
			err := Apply(&row, &e)
			if May(kind, state) {
				require.NoError(t, err, "%s in %q", kind, state)
				require.Equal(t, e.Version, row.Version)
				require.Equal(t, e.RecordedAt, row.ChangedAt)
				continue
			}
			var te *TransitionError
			require.ErrorAs(t, err, &te, "%s in %q", kind, state)
			require.Equal(t, state, te.From)
			require.Equal(t, kind, te.Kind)
			require.Equal(t, before, marshal(t, row), "%s in %q changed something", kind, state)
		}
	}
}

func TestApplyRefusesWhatDoesNotFollowAndChangesNothing(t *testing.T) {
	t.Parallel()
	offered := func() Row { return rowIn(StateOffered) }
	ending := Ending{Reason: "busy", ExcludedUntil: noon.Add(time.Hour)}
	for name, test := range map[string]struct {
		row    Row
		change func(*Event)
		kind   EventKind
		want   string
	}{
		"a version left out":      {offered(), func(e *Event) { e.Version++ }, Accepted, "it has version 4, want 3"},
		"an old version":          {offered(), func(e *Event) { e.Version-- }, Accepted, "it has version 2, want 3"},
		"another inquiry's":       {offered(), func(e *Event) { e.Inquiry = DeriveID("other") }, Accepted, "the row is of inquiry"},
		"data of another kind":    {offered(), func(e *Event) { e.Data = Hold{} }, Declined, "data is inquiry.Hold, want inquiry.Ending"},
		"no data":                 {rowIn(StateQueued), func(e *Event) { e.Data = nil }, Offered, "data is <nil>"},
		"no message":              {rowIn(StateAssigned), func(e *Event) { e.Do = nil }, MessageAdded, "it carries <nil>"},
		"no offer to accept":      {offered(), func(e *Event) { e.Owner = "ben" }, Accepted, "no live offer to ben"},
		"no offer to decline":     {offered(), func(e *Event) { e.Owner, e.Data = "ben", ending }, Declined, "no live offer to ben"},
		"another's to release":    {rowIn(StateAssigned), func(e *Event) { e.Owner, e.Data = "ben", ending }, Released, `ben does not own it, "anna" does`},
		"another's wrap-up":       {rowIn(StateQueued), func(e *Event) { e.Owner = "ben" }, WrapUpEnded, "ben does not wrap it up"},
		"a rung climbed before":   {with(rowIn(StateQueued), func(r *Row) { r.Level, r.NextRung, r.Stranded = 2, noon, true }), func(e *Event) { e.Data = Escalation{Level: 2} }, Escalated, "level 2 was climbed already"},
		"a reply nobody approved": {rowIn(StateAssigned), func(e *Event) { e.Data = ReplyChange{Reply: DeriveID("other")} }, ReplySending, `is "" and cannot become "sending"`},
		"a part behind the last":  {rowIn(StateQueued), func(e *Event) { e.Data = Relaxation{Part: MaxSoftParts} }, RequirementRelaxed, "there is no such part"},
		"a part before the first": {rowIn(StateQueued), func(e *Event) { e.Data = Relaxation{Part: -1} }, RequirementRelaxed, "there is no such part"},
		"two offers at once": {
			with(offered(), func(r *Row) { r.Offers = append(r.Offers, Offer{Owner: "ben"}) }),
			func(*Event) {}, Accepted, "1 other offers are live",
		},
	} {
		row := test.row
		e := suiting(&row, test.kind)
		test.change(&e)
		before := marshal(t, row)
		err := Apply(&row, &e)
		var te *TransitionError
		require.ErrorAs(t, err, &te, name)
		require.ErrorContains(t, err, test.want, name)
		require.Equal(t, before, marshal(t, row), name)
	}
}

func unmet(clocks []sla.Clock) time.Time { return (&Row{Clocks: clocks}).earliestUnmet() }

func with[T any](v T, change func(*T)) T {
	change(&v)
	return v
}

// A row's clone shares nothing that Apply writes to, and Apply writes into
// nothing that a copy of the row shares.
func TestRowsDoNotShareWhatApplyWrites(t *testing.T) {
	t.Parallel()
	f := NewFolder()
	for _, state := range allStates {
		for _, kind := range allKinds() {
			row := rowIn(state)
			e := suiting(&row, kind)
			shared, clone, again := row, row.Clone(), *row.Clone()
			before, event := marshal(t, shared), marshal(t, e)
			if f.Apply(&row, &e) == nil {
				require.Equal(t, before, marshal(t, shared), "%s in %q", kind, state)
				require.Equal(t, before, marshal(t, clone), "%s in %q", kind, state)
				require.Equal(t, event, marshal(t, e), "%s in %q", kind, state)
				require.NoError(t, Apply(&again, &e))
				require.Equal(t, again, row, "a Folder folds as Apply does: %s in %q", kind, state)
			}
		}
	}
}

// What an event made, the next one may write into once a Folder has begun: the row
// is the same, and copies from before and the events stay as they are.
func TestAFolderThatHasBegunFoldsAsApplyDoes(t *testing.T) {
	t.Parallel()
	kinds := []EventKind{
		Routed, Queued, ClocksStarted, ClocksRetargeted, ClocksReopened, ClocksPaused, ClocksResumed, ClocksMet, ClocksCancelled, ClockWarned,
		ClockBreached, BreachWithdrawn,
	}
	written := 0
	for _, state := range allStates {
		for _, first := range append([]EventKind{Opened}, kinds...) {
			for _, second := range kinds {
				f, row := NewFolder(), rowIn(state)
				f.Begin()
				plainly, shared := *row.Clone(), row
				untouched := marshal(t, shared)
				for _, kind := range []EventKind{first, second, second} {
					e := suiting(&row, kind)
					before, clocks := marshal(t, e), row.Clocks
					err := f.Apply(&row, &e)
					require.Equal(t, err == nil, Apply(&plainly, &e) == nil)
					require.Equal(t, plainly, row, "%s in %q behind %s", kind, state, first)
					require.Equal(t, before, marshal(t, e), "the event is as it was")
					if d, ok := e.Data.(Clocking); ok && err == nil && len(clocks) > 0 && len(d.Clocks) > 0 && &row.Clocks[0] == &clocks[0] {
						written++
					}
				}
				require.Equal(t, untouched, marshal(t, shared), "%s behind %s in %q", second, first, state)
				f.Begin()
				copied, was := row, marshal(t, row)
				e := suiting(&row, second)
				_ = f.Apply(&row, &e)
				require.Equal(t, was, marshal(t, copied), "%s in %q after a copy was taken", second, state)
			}
		}
	}
	require.Positive(t, written, "nothing was written into")
}

func TestStatesOfAReply(t *testing.T) {
	t.Parallel()
	kinds := map[ReplyState]EventKind{
		ReplyIsDraft: ReplyDrafted, ReplyIsApproved: ReplyApproved, ReplyIsSending: ReplySending,
		ReplyIsSent: ReplySent, ReplyIsFailed: ReplyFailed, ReplyIsUnknown: ReplyUnknown,
	}
	may := map[string]bool{
		" draft": true, " approved": true, "draft draft": true, "draft approved": true, "approved sending": true, "approved failed": true,
		"sending sent": true, "sending failed": true, "sending unknown": true, "unknown sent": true, "unknown failed": true,
	}
	for _, from := range []ReplyState{"", ReplyIsDraft, ReplyIsApproved, ReplyIsSending, ReplyIsUnknown} {
		for to, kind := range kinds {
			row := rowIn(StateAssigned)
			if from != "" {
				row.Replies = []ReplyInfo{{ID: known, Owner: "anna", State: from, Digest: "d", At: noon}}
			}
			e := eventOf(kind)
			e.Data = ReplyChange{Reply: known, Digest: "new"}
			err := Apply(&row, &e)
			require.Equal(t, may[string(from)+" "+string(to)], err == nil, "%q to %q", from, to)
			if to == ReplyIsSent && err == nil {
				require.False(t, row.Unanswered)
				require.True(t, row.Responded)
				require.Empty(t, row.Replies)
			}
		}
	}
}

func TestDueIsTheEarliestUnmetDeadline(t *testing.T) {
	t.Parallel()
	at := func(m int) time.Time { return noon.Add(time.Duration(m) * time.Minute) }
	require.Zero(t, unmet(nil))
	require.Equal(t, at(2), unmet([]sla.Clock{
		{State: sla.Met, Due: at(1)},
		{State: sla.Breached, BreachedAt: at(1), EndedAt: at(1)},
		{State: sla.Paused},
		{State: sla.Running, Due: at(3)},
		{State: sla.Breached, BreachedAt: at(2)},
	}))
	row := rowIn(StateQueued)
	row.Clocks = []sla.Clock{{Kind: sla.Resolve, State: sla.Breached, BreachedAt: at(1)}}
	require.True(t, row.BreachOutstanding())
	row.Level, row.NextRung, row.Reason = 2, at(5), "breached"
	e := eventOf(ClocksMet)
	e.Data = Clocking{Clocks: []sla.Clock{{Kind: sla.Resolve, State: sla.Breached, BreachedAt: at(1), EndedAt: at(2)}}}
	require.NoError(t, Apply(&row, &e))
	require.Zero(t, row.Level, "the ladder's activation is over")
	require.Zero(t, row.NextRung)
	require.Zero(t, row.Due)
}

func TestRowLookups(t *testing.T) {
	t.Parallel()
	row := filled(Row{}, "")
	row.Ask = nil // otherwise whoever is not asked is passed over for ever
	o, ok := row.Offer(row.Offers[0].Owner)
	require.True(t, ok)
	require.Equal(t, row.Offers[0], o)
	_, ok = row.Offer("nobody")
	require.False(t, ok)
	_, ok = row.Clock(sla.Update)
	require.False(t, ok)
	_, ok = row.Reply(ID{})
	require.False(t, ok)
	x := row.Exclusions[0]
	require.Equal(t, x.Until, row.Excluded(x.Owner, x.Until.Add(-1)))
	require.Zero(t, row.Excluded(x.Owner, x.Until))
	require.Zero(t, row.Excluded("nobody", time.Time{}))
	row.Bonuses = []Bonus{{"anna", 5000}, {"ben", -3}}
	require.Equal(t, []int{MaxBonus, 0, 0}, []int{row.Bonus("anna"), row.Bonus("ben"), row.Bonus("eve")})
	row.Ask = &Ask{Not: []OwnerID{"eve"}}
	require.Equal(t, forever, row.Excluded("eve", noon), "who may never have it")
}

func TestStatesSayWhatIsOpenAndOwned(t *testing.T) {
	t.Parallel()
	for _, s := range allStates {
		require.Equal(t, s != "" && s != StateMerged && s != StateResolved && s != StateClosed, s.Open(), s)
		require.Equal(t, s == StateAssigned || s == StatePending, s.Owned(), s)
	}
}

func TestRefusalsAreErrors(t *testing.T) {
	t.Parallel()
	require.NoError(t, Outcome{}.Err())
	id := DeriveID("i")
	err := Outcome{Refused: NotOffered, Inquiry: id, Detail: "ben has it"}.Err()
	require.ErrorIs(t, err, NotOffered)
	require.NotErrorIs(t, err, NotOwner)
	require.EqualError(t, err, "inquiry: refused: not offered (inquiry "+id.String()+"): ben has it")
	require.EqualError(t, Outcome{Refused: NoPolicy}.Err(), "inquiry: refused: no policy")

	cause := errors.New("time is up")
	err = fmt.Errorf("asked: %w", &PendingError{Input: id, Cause: cause})
	require.True(t, IsPending(err))
	require.ErrorIs(t, err, cause)
	require.ErrorContains(t, err, "is stored, its outcome not yet known: time is up")
	require.False(t, IsPending(cause))
}

func TestFactsKeepLabelsSortedAndSingle(t *testing.T) {
	t.Parallel()
	var f Facts
	f.AddLabels("b", "a")
	f.AddLabels("a", "c")
	require.Equal(t, []string{"a", "b", "c"}, f.Labels)
	f.AddAudiences(Partner, Customer)
	f.AddAudiences(Customer, Journalist)
	require.Equal(t, []Audience{Partner, Customer, Journalist}, f.Audiences, "the foremost first")
}

func TestOwnersAreChecked(t *testing.T) {
	t.Parallel()
	require.NoError(t, Owner{ID: "anna", Skills: []Skill{{"billing", 5}}}.Validate())
	err := Owner{Name: "Anna", Capacity: -1, Skills: []Skill{{"", 1}, {"a", 0}, {"b", 6}, {"c", 1}, {"c", 1}}}.Validate()
	for _, want := range []string{`owner "Anna" has no id`, "capacity is -1", "a skill has no name", "skill a has level 0", "skill b has level 6", "skill c is listed twice"} {
		require.ErrorContains(t, err, want)
	}
	require.ErrorContains(t, Owner{ID: "ann\xff"}.Validate(), `owner "ann\xff": the id is not UTF-8`)
	o := Owner{Departments: []string{"support", "sales"}, Languages: []string{"de"}, Accounts: []string{"@acme"}, Skills: []Skill{{"billing", 2}}}
	require.Equal(t, "support", o.Home())
	require.Empty(t, Owner{}.Home())
	require.True(t, o.In("sales"))
	require.True(t, o.Speaks("de"))
	require.True(t, o.Speaks(""))
	require.False(t, o.Speaks("fr"))
	require.True(t, Owner{}.Speaks("fr"))
	require.False(t, o.MaySpeak("@other"))
	require.True(t, Owner{}.MaySpeak("@other"))
	require.Equal(t, 2, o.Level("billing"))
	require.Zero(t, o.Level("press"))
}

func TestPlansAreKnownByTheirContent(t *testing.T) {
	t.Parallel()
	p := filled(Plan{}, "")
	same := p
	require.Equal(t, p.ID(), same.ID())
	same.Cost++
	require.NotEqual(t, p.ID(), same.ID())
	target, ok := p.Target(p.Targets[0].Kind)
	require.True(t, ok)
	require.Equal(t, p.Targets[0], target)
	_, ok = p.Target("none")
	require.False(t, ok)
	require.Equal(t, noon.Add(time.Duration(p.ReopenFor)), p.ReopenUntil(noon))
	require.Equal(t, 4, SkillRequirement{Min: 2, Want: 4}.Wanted())
	require.Equal(t, 2, SkillRequirement{Min: 2}.Wanted())
	require.True(t, (&Batch{}).Empty())
	require.False(t, (&Batch{Done: []ID{{}}}).Empty())
	require.Equal(t, "cursor/mail", CursorKey("mail"))
}
