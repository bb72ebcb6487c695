package inquiry

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/answerable-go/answerable/internal/wording"
)

// Affiliation is how an owner belongs to us. Hosts may use words of their own.
type Affiliation string

// The usual affiliations.
const (
	Employed   Affiliation = "employee" // also what an empty Affiliation means
	OfAgency   Affiliation = "agency"
	Contractor Affiliation = "contractor"
	Volunteer  Affiliation = "volunteer"
)

// Voice says who may speak: whoever Owners, Departments or Skills admit, or
// anybody if all three are empty, as long as Affiliations admit them too.
//
// It is hard: no waiting relaxes it, and an owner who was assigned by hand does
// not get it by that.
type Voice struct {
	Owners      []OwnerID `json:"owners,omitempty"`
	Departments []string  `json:"departments,omitempty"` // their members
	Skills      []Skill   `json:"skills,omitempty"`      // whoever has one of them at that level or above
	// Affiliations are those that may speak; none means all. With them an agency,
	// however skilled, is kept from answering for a bank's legal account.
	Affiliations []Affiliation `json:"affiliations,omitempty"`
}

// Names reports whether the voice's owners, departments or skills admit an owner.
func (v *Voice) Names(o *Owner) bool {
	if len(v.Owners)+len(v.Departments)+len(v.Skills) == 0 {
		return true
	}
	return slices.Contains(v.Owners, o.ID) || slices.ContainsFunc(v.Departments, o.In) ||
		slices.ContainsFunc(v.Skills, func(s Skill) bool { return o.Level(s.Name) >= s.Level })
}

// Takes reports whether the voice's affiliations admit an owner.
func (v *Voice) Takes(o *Owner) bool {
	return len(v.Affiliations) == 0 || slices.Contains(v.Affiliations, o.Affiliated())
}

// String says whom the voice's owners, departments and skills admit: "ann, a
// member of legal or law at 3".
func (v Voice) String() string {
	who := make([]string, 0, len(v.Owners)+len(v.Departments)+len(v.Skills))
	for _, id := range v.Owners {
		who = append(who, string(id))
	}
	for _, d := range v.Departments {
		who = append(who, "a member of "+d)
	}
	for _, s := range v.Skills {
		who = append(who, fmt.Sprintf("%s at %d", s.Name, s.Level))
	}
	if len(who) == 0 {
		return "anybody"
	}
	return wording.Or(who)
}

// voiceInWords says what a requirement asks for by its account and voices: "a
// voice on shop, which has ann, only employee".
func (r *Requirement) voiceInWords() string {
	text := []string{"a voice"}
	if r.Account != "" {
		text[0] += " on " + r.Account
	}
	for _, v := range r.Voices {
		if who := v.String(); who != "anybody" {
			text = append(text, "which has "+who)
		}
		if len(v.Affiliations) > 0 {
			text = append(text, "only "+wording.Or(v.Affiliations))
		}
	}
	return strings.Join(text, ", ")
}

// Affiliated returns the owner's affiliation, [Employed] if it is empty.
func (o *Owner) Affiliated() Affiliation { return cmp.Or(o.Affiliation, Employed) }

// Placeholders of a sign-off form.
const (
	SignInitials = "{initials}"
	SignName     = "{name}"
)

// SignOff fills in an account's sign-off form for the owner: "^AB" for the form
// "^{initials}". If the owner has no Initials, the first letters of their name
// are taken. It returns "", so that nothing is added to the reply, if what the
// form asks for is not known: what the public sees is never guessed.
func (o *Owner) SignOff(form string) string {
	initials := o.Initials
	if initials == "" {
		for word := range strings.FieldsSeq(o.Name) {
			first, _ := utf8.DecodeRuneInString(word)
			initials += string(unicode.ToUpper(first))
		}
	}
	for _, p := range []struct{ holder, value string }{{SignInitials, initials}, {SignName, o.Name}} {
		if !strings.Contains(form, p.holder) {
			continue
		}
		if p.value == "" {
			return ""
		}
		form = strings.ReplaceAll(form, p.holder, p.value)
	}
	return form
}

// Signed returns a text that ends in the sign-off once: a text that ends in it
// already, in whatever case, is returned as it is. The sign-off is separated by
// a space, unless it begins with white space of its own, such as a line break.
func Signed(text, signOff string) string {
	bare := strings.TrimSpace(signOff)
	if bare == "" {
		return text
	}
	body := strings.TrimRightFunc(text, unicode.IsSpace)
	if n := len(body) - len(bare); n >= 0 && strings.EqualFold(body[n:], bare) {
		before, _ := utf8.DecodeLastRuneInString(body[:n])
		if n == 0 || unicode.IsSpace(before) {
			return text
		}
	}
	first, _ := utf8.DecodeRuneInString(signOff)
	if body != "" && !unicode.IsSpace(first) {
		signOff = " " + signOff
	}
	return body + signOff
}
