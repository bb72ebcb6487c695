package inquiry

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/sla"
)

func TestRequirementParts(t *testing.T) {
	t.Parallel()
	soft := func(minutes int) *Soft { return &Soft{After: sla.Duration(time.Duration(minutes) * time.Minute)} }
	r := Requirement{
		Skills: []SkillRequirement{{Skill: "billing", Min: 1}, {Skill: "billing", Min: 4, Soft: soft(1)}, {Skill: "tact", Min: 2, Soft: soft(2)}},
		AnyOf: []SkillGroup{
			{Any: []SkillRequirement{{Skill: "law", Min: 3}, {Skill: "tax", Min: 2}}},
			{Any: []SkillRequirement{{Skill: "app", Min: 1}, {Skill: "web", Min: 1}}, Soft: soft(3)},
		},
		Authority: []Authority{{Name: "refund", Limit: 50}}, Account: "help@acme", Home: "care",
		Language: "de", LanguageSoft: soft(4), Departments: []string{"care", "press"}, DepartmentsSoft: soft(5),
	}
	t.Run("B4 soft parts are listed in the order of the fields, each with its own expiry", func(t *testing.T) {
		t.Parallel()
		var names []string
		for i, p := range r.SoftParts() {
			names = append(names, p.Name)
			require.Equal(t, *soft(i + 1), p.Soft)
		}
		require.Equal(t, []string{"billing at 4", "tact at 2", "app at 1 or web at 1", "the language de", "a member of care or press"}, names)
	})
	t.Run("all parts are told in words, with who may speak", func(t *testing.T) {
		t.Parallel()
		r := r
		r.Voices = []Voice{{Owners: []OwnerID{"ann"}, Departments: []string{"legal"}}, {Affiliations: []Affiliation{Employed, "agency", "partner"}}}
		var words []string
		var soft int
		for _, p := range r.Parts() {
			words = append(words, p.Words)
			if p.Soft != nil {
				require.Equal(t, SoftPart{p.Words, *p.Soft}, r.SoftParts()[soft])
				soft++
			}
		}
		require.Equal(t, []string{
			"billing at 1", "billing at 4", "tact at 2", "law at 3 or tax at 2", "app at 1 or web at 1", "refund up to 50",
			"the language de", "a voice on help@acme, which has ann or a member of legal, only employee, agency or partner", "a member of care or press",
		}, words)
		require.Empty(t, (&Requirement{Home: "care"}).Parts())
	})
	t.Run("B4 each part is dropped by itself, and what is hard stays", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, r, r.Relax(0))
		names := func(r Requirement) (out []string) {
			for _, p := range r.SoftParts() {
				out = append(out, p.Name)
			}
			return out
		}
		all := names(r)
		for set := range Relaxed(1) << len(all) {
			var left []string
			for i, n := range all {
				if !set.Has(i) {
					left = append(left, n)
				}
			}
			require.Equal(t, left, names(r.Relax(set)), "%b", set)
		}
		bare := r.Relax(1<<len(all) - 1)
		require.Equal(t, Requirement{
			Skills: r.Skills[:1], AnyOf: r.AnyOf[:1], Authority: r.Authority, Account: r.Account, Home: r.Home,
		}, bare)
		require.Equal(t, all, names(r), "the requirement itself is as it was")
	})
	t.Run("B5 a part expires after a time or a share of the time to the deadline, counted from the first attempt", func(t *testing.T) {
		t.Parallel()
		due := noon.Add(100 * time.Minute)
		require.Equal(t, noon.Add(4*time.Minute), soft(4).Expires(noon, due))
		require.Equal(t, noon.Add(25*time.Minute), Soft{Share: 25}.Expires(noon, due))
		require.Equal(t, due, Soft{Share: 100}.Expires(noon, due))
		require.Equal(t, noon, Soft{Share: 50}.Expires(noon, noon.Add(-time.Hour)), "overdue before it began")
		require.Zero(t, Soft{Share: 50}.Expires(noon, time.Time{}), "without a deadline there is no share")
		require.Equal(t, noon.Add(33*time.Nanosecond), Soft{Share: 33}.Expires(noon, noon.Add(100)))
		far := noon.AddDate(200, 0, 0)
		require.Equal(t, noon.Add(far.Sub(noon)/100*99+far.Sub(noon)%100*99/100), Soft{Share: 99}.Expires(noon, far), "without overflow")
	})
	t.Run("whoever may decide more may decide less", func(t *testing.T) {
		t.Parallel()
		o := Owner{ID: "ann", Authority: []Authority{{Name: "refund", Limit: 50}}}
		require.True(t, o.May(Authority{"refund", 50}) && o.May(Authority{"refund", 0}))
		require.False(t, o.May(Authority{"refund", 51}) || o.May(Authority{"gift", 1}))
		require.NoError(t, o.Validate())
		o.Authority = append(o.Authority, Authority{"refund", 1}, Authority{})
		require.ErrorContains(t, o.Validate(), "owner ann: authority refund is listed twice: keep one")
		require.ErrorContains(t, o.Validate(), "owner ann: an authority has no name")
	})
}
