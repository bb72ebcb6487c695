package faulttest

import (
	"fmt"

	"github.com/anishathalye/porcupine"
)

// plate is how many inquiries somebody takes at most: fewer than there are.
const plate = 2

// claims are who has which inquiry: the model of what callers of an Engine are
// told. past are those who gave an inquiry back, a bit each: for a while they may
// be passed over, or not if nobody else could have it.
type claims struct {
	holder [inquiries]byte
	past   [inquiries]byte
}

// act is what a caller asks of an Engine; take, assign, release, or nothing but to
// see.
type act struct {
	kind    byte
	inquiry byte
	owner   byte
}

// told is what came of it: done, refused, or not known; or who was seen.
type told struct {
	refused bool
	unknown bool
	holder  byte
	text    string
}

func claimsModel() porcupine.Model {
	m := porcupine.NondeterministicModel{
		Init: func() []any { return []any{claims{}} },
		Step: func(state, input, output any) []any {
			return state.(claims).step(input.(act), output.(told)) // the model's own types
		},
		DescribeOperation: func(input, output any) string {
			a, o := input.(act), output.(told) // the model's own types
			what := map[byte]string{'t': "take", 'a': "assign", 'r': "release", 's': "see"}[a.kind]
			end := "done"
			switch {
			case o.unknown:
				end = "unknown"
			case o.refused:
				end = "refused"
			case a.kind == 's':
				end = fmt.Sprintf("%q", names[o.holder])
			}
			return fmt.Sprintf("%s(inquiry %d, %s) -> %s %s", what, a.inquiry, names[a.owner], end, o.text)
		},
	}
	return m.ToModel()
}

func (c claims) step(a act, o told) []any {
	if a.kind == 's' {
		if o.unknown || c.holder[a.inquiry] == o.holder {
			return []any{c}
		}
		return nil
	}
	may, must := c.may(a)
	var possible []any
	if may && (o.unknown || !o.refused) {
		possible = append(possible, c.after(a))
	}
	if !must && (o.unknown || o.refused) || o.unknown && len(possible) > 0 {
		possible = append(possible, c)
	}
	return possible
}

// may says whether it can be done, and must whether it cannot be refused.
func (c claims) may(a act) (may, must bool) {
	switch a.kind {
	case 't':
		has := 0
		for _, h := range c.holder {
			if h == a.owner {
				has++
			}
		}
		if c.holder[a.inquiry] != 0 || has >= plate {
			return false, false
		}
		return true, c.past[a.inquiry]>>a.owner&1 == 0
	case 'r':
		may = c.holder[a.inquiry] == a.owner
		return may, may
	}
	return true, true
}

func (c claims) after(a act) claims {
	c.holder[a.inquiry] = a.owner
	if a.kind == 'r' {
		c.holder[a.inquiry] = 0
		c.past[a.inquiry] |= 1 << a.owner
	}
	return c
}
