package prooftest

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// lacks is what an owner lacks of a requirement, "" for nothing, by the plan's
// words alone. Soft parts count unless they were dropped, or with hardOnly not at all.
func lacks(r *inquiry.Requirement, cost int, o *inquiry.Owner, dropped inquiry.Relaxed, hardOnly bool) string {
	part := 0
	counts := func(soft *inquiry.Soft) bool {
		if soft == nil {
			return true
		}
		part++
		return !hardOnly && dropped&(1<<(part-1)) == 0
	}
	level := func(skill string) int {
		for _, s := range o.Skills {
			if s.Name == skill {
				return s.Level
			}
		}
		return 0
	}
	for _, s := range r.Skills {
		if counts(s.Soft) && level(s.Skill) < s.Min {
			return s.Skill
		}
	}
	for _, g := range r.AnyOf {
		if counts(g.Soft) && !slices.ContainsFunc(g.Any, func(s inquiry.SkillRequirement) bool { return level(s.Skill) >= s.Min }) {
			return "a skill out of several"
		}
	}
	if r.Language != "" && counts(r.LanguageSoft) && len(o.Languages) > 0 && !slices.Contains(o.Languages, r.Language) {
		return "the language"
	}
	if len(r.Departments) > 0 && counts(r.DepartmentsSoft) && !slices.ContainsFunc(r.Departments, func(d string) bool { return slices.Contains(o.Departments, d) }) {
		return "the department"
	}
	for _, a := range r.Authority {
		if !slices.ContainsFunc(o.Authority, func(has inquiry.Authority) bool { return has.Name == a.Name && has.Limit >= a.Limit }) {
			return "authority"
		}
	}
	if r.Account != "" && len(o.Accounts) > 0 && !slices.Contains(o.Accounts, r.Account) {
		return "the voice"
	}
	for _, v := range r.Voices {
		named := len(v.Owners)+len(v.Departments)+len(v.Skills) == 0 || slices.Contains(v.Owners, o.ID) ||
			slices.ContainsFunc(v.Departments, func(d string) bool { return slices.Contains(o.Departments, d) }) ||
			slices.ContainsFunc(v.Skills, func(s inquiry.Skill) bool { return level(s.Name) >= s.Level })
		belongs := o.Affiliation
		if belongs == "" {
			belongs = inquiry.Employed
		}
		if !named || len(v.Affiliations) > 0 && !slices.Contains(v.Affiliations, belongs) {
			return "the voice"
		}
	}
	if cost > o.Capacity {
		return "capacity"
	}
	return ""
}

// barred says why somebody may not have an inquiry now though they qualify, ""
// if they may: they alone or others alone are asked, or it passes them over.
func (w *world) barred(x *inquiry.Row, p *inquiry.Plan, who inquiry.OwnerID, now time.Time) string {
	asked := func(id inquiry.OwnerID) bool {
		return x.Ask == nil || (x.Ask.Of == "" || x.Ask.Of == id) && !slices.Contains(x.Ask.Not, id)
	}
	if !asked(who) {
		return "may never have it"
	}
	everybody := true
	for _, id := range w.owners() {
		o := w.roster[id]
		over := !slices.ContainsFunc(x.Exclusions, func(e inquiry.Exclusion) bool { return e.Owner == id && e.Until.After(now) })
		if over && asked(id) && lacks(&p.Requirement, p.Cost, &o, x.Relaxed, false) == "" {
			everybody = false
		}
	}
	for _, e := range x.Exclusions {
		if e.Owner == who && e.Until.After(now) && (!everybody || e.Sole.IsZero() || e.Sole.After(now)) {
			return "is passed over: " + e.Reason
		}
	}
	return ""
}

func TestWhoMayHaveIt(t *testing.T) {
	t.Parallel()
	t.Run("B4 whoever gets it meets what is hard of the plan, whatever was dropped, and is not excluded", func(t *testing.T) {
		holds(t, property{event: func(w *world, e *inquiry.Event) {
			if x, p, _, ok := w.automatic(e); ok {
				o := w.roster[e.Owner]
				require.Empty(w.t, lacks(&p.Requirement, p.Cost, &o, x.Relaxed, true), "event %d: %s lacks what is hard", e.Seq, e.Owner)
				require.Empty(w.t, lacks(&p.Requirement, p.Cost, &o, x.Relaxed, false), "event %d: %s lacks what was not dropped", e.Seq, e.Owner)
				require.Empty(w.t, w.barred(x, p, e.Owner, e.RecordedAt), "event %d: %s", e.Seq, e.Owner)
			}
			if e.Kind == inquiry.Accepted {
				x, o := w.rows[e.Inquiry], w.roster[e.Owner]
				p := w.plan(x)
				require.Empty(w.t, lacks(&p.Requirement, p.Cost, &o, x.Relaxed, true), "event %d: %s accepts", e.Seq, e.Owner)
			}
			if d, ok := e.Data.(inquiry.Handover); ok && d.Arbiter == "" {
				p, o := w.plan(w.rows[e.Inquiry]), w.roster[e.Owner]
				voice := inquiry.Requirement{Account: p.Requirement.Account, Voices: p.Requirement.Voices, Authority: p.Requirement.Authority}
				require.Empty(w.t, lacks(&voice, 0, &o, 0, false), "event %d: %s takes it over", e.Seq, e.Owner)
			}
		}})
	})
	t.Run("B5 what is dropped had expired, counted from the first attempt, or nobody could meet it", func(t *testing.T) {
		holds(t, property{event: func(w *world, e *inquiry.Event) {
			d, ok := e.Data.(inquiry.Relaxation)
			if !ok {
				return
			}
			x := w.rows[e.Inquiry]
			p := w.plan(x)
			parts := p.Requirement.SoftParts()
			require.Less(w.t, d.Part, len(parts), "event %d: what is hard stays", e.Seq)
			require.False(w.t, x.Relaxed.Has(d.Part), "event %d: once", e.Seq)
			expires := x.AttemptAt.Add(parts[d.Part].Soft.After.Std())
			if share := parts[d.Part].Soft.Share; share > 0 && !x.AttemptDue.IsZero() {
				expires = x.AttemptAt.Add(max(0, x.AttemptDue.Sub(x.AttemptAt)) * time.Duration(share) / 100)
			} else if share > 0 {
				expires = time.Time{} // there is nothing to take a share of
			}
			if !d.Nobody {
				require.True(w.t, !expires.IsZero() && !expires.After(e.RecordedAt), "event %d: it lasts until %s", e.Seq, expires)
				return
			}
			for _, o := range w.roster {
				asked := x.Ask == nil || w.barred(&inquiry.Row{Ask: x.Ask}, p, o.ID, e.RecordedAt) == ""
				require.False(w.t, asked && lacks(&p.Requirement, p.Cost, &o, x.Relaxed, false) == "", "event %d: %s could have it", e.Seq, o.ID)
			}
		}})
	})
	t.Run("B6 whoever was eligible stays so, for as long as they and what is asked stay as they are", func(t *testing.T) {
		rapidly(t, widening)
	})
}

// widening remembers who was eligible.
func widening() property {
	type standing struct {
		asked, owner string
		routed       int
	}
	was := map[inquiry.ID]map[inquiry.OwnerID]standing{}
	return property{state: func(w *world) {
		for _, x := range w.live(nil) {
			p := w.plan(x)
			if p == nil {
				continue
			}
			raw, err := json.Marshal(p.Requirement)
			require.NoError(w.t, err)
			for _, id := range w.owners() {
				o := w.roster[id]
				able := lacks(&p.Requirement, p.Cost, &o, x.Relaxed, false) == ""
				asked := p.Requirement.Relax(x.Relaxed)
				require.Equal(w.t, able, routing.Qualifies(&asked, p.Cost, &o) == 0, "%s and %s: the gates say so too", x.ID, id)
				data, err := json.Marshal(o)
				require.NoError(w.t, err)
				now := standing{string(raw), string(data), w.routed[x.ID]}
				if before, was := was[x.ID][id]; was && before == now {
					require.True(w.t, able, "%s could have %s before", id, x.ID)
				}
				if able {
					if was[x.ID] == nil {
						was[x.ID] = map[inquiry.OwnerID]standing{}
					}
					was[x.ID][id] = now
				}
			}
		}
	}}
}
