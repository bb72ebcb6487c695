package inquiry

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// OwnerID names an owner within a pool.
type OwnerID string

// Owner is a person, or a bot, who can be answerable for inquiries. It is plain
// data: whether an owner may have an inquiry, and how well they suit it, is
// decided in package routing.
type Owner struct {
	ID          OwnerID  `json:"id"`
	Name        string   `json:"name,omitempty"`
	Departments []string `json:"departments,omitempty"` // the first is home
	Skills      []Skill  `json:"skills,omitempty"`
	Languages   []string `json:"languages,omitempty"` // BCP 47; none means any
	// Capacity is how much the owner can hold, in the units of the policy's
	// channel costs. By convention 100 is a full plate.
	Capacity int `json:"capacity"`
	// Caps limit how much of a channel the owner has in hand at a time, within
	// Capacity, which covers all channels and departments.
	Caps []Cap `json:"caps,omitempty"`
	// Shift names the calendar in which the owner takes new work; "" means always.
	Shift string `json:"shift,omitempty"`
	// Accounts are those that the owner may speak through; none means every
	// account. The account has to allow it too, by its [Voice].
	Accounts []string `json:"accounts,omitempty"`
	// Affiliation is how the owner belongs to us; "" means an employee.
	Affiliation Affiliation `json:"affiliation,omitempty"`
	// Initials are what the owner signs with where an account asks for that, at
	// most 8 letters.
	Initials string `json:"initials,omitempty"`
	// Authority is what the owner may decide, and up to which limit; each name
	// once.
	Authority []Authority `json:"authority,omitempty"`
	// Bot says that the owner is a program: it needs no presence, and is online
	// while it is on the roster.
	Bot bool `json:"bot,omitempty"`
}

// MaxInitials is how many letters an owner's initials can have.
const MaxInitials = 8

// Skill is something an owner can do, and how well: 1 (basic) to 5 (expert).
type Skill struct {
	Name  string `json:"name"`
	Level int    `json:"level"`
}

// The lowest and the highest level of a skill.
const (
	MinLevel = 1
	MaxLevel = 5
)

// Level returns the owner's level of a skill, 0 if they do not have it.
func (o Owner) Level(skill string) int {
	for _, s := range o.Skills {
		if s.Name == skill {
			return s.Level
		}
	}
	return 0
}

// May reports whether the owner has an authority, up to a's limit at least.
func (o Owner) May(a Authority) bool {
	return slices.ContainsFunc(o.Authority, func(has Authority) bool { return has.Name == a.Name && has.Limit >= a.Limit })
}

// Home returns the owner's first department.
func (o Owner) Home() string {
	if len(o.Departments) == 0 {
		return ""
	}
	return o.Departments[0]
}

// In reports whether the owner belongs to a department.
func (o Owner) In(department string) bool { return slices.Contains(o.Departments, department) }

// Speaks reports whether the owner handles a language. Everybody handles "".
func (o Owner) Speaks(language string) bool {
	return language == "" || len(o.Languages) == 0 || slices.Contains(o.Languages, language)
}

// MaySpeak reports whether the owner's own list allows them to speak through an
// account. The account's [Voice] has to allow it too.
func (o Owner) MaySpeak(account string) bool {
	return account == "" || len(o.Accounts) == 0 || slices.Contains(o.Accounts, account)
}

// MaxName is how many bytes the names of what stores index can have: an owner's
// id, a department, a label, a channel, an account, a source, a pool. The
// limits of databases on an index entry are at some thousand bytes.
const MaxName = 500

// Validate lists every problem of the owner's data.
func (o Owner) Validate() error {
	var errs []error
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if o.ID == "" {
		add("owner %q has no id: set Owner.ID", o.Name)
	}
	if !utf8.ValidString(string(o.ID)) {
		add("owner %q: the id is not UTF-8, and a journal could not keep it as it is: give them one that is", o.ID)
	}
	if n := len(o.ID); n > MaxName {
		add("owner %.40s...: the id has %d bytes: want at most %d", o.ID, n, MaxName)
	}
	for _, d := range o.Departments {
		if n := len(d); n > MaxName {
			add("owner %s: the department %.40s... has %d bytes: want at most %d", o.ID, d, n, MaxName)
		}
	}
	if o.Capacity < 0 {
		add("owner %s: capacity is %d: want 0 or more", o.ID, o.Capacity)
	}
	if n := utf8.RuneCountInString(o.Initials); n > MaxInitials || strings.ContainsFunc(o.Initials, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		add("owner %s: initials are %q: want at most %d letters and no space", o.ID, o.Initials, MaxInitials)
	}
	seen := map[string]bool{}
	for _, s := range o.Skills {
		switch {
		case s.Name == "":
			add("owner %s: a skill has no name", o.ID)
		case seen[s.Name]:
			add("owner %s: skill %s is listed twice: keep one", o.ID, s.Name)
		case s.Level < MinLevel || s.Level > MaxLevel:
			add("owner %s: skill %s has level %d: want %d to %d", o.ID, s.Name, s.Level, MinLevel, MaxLevel)
		}
		seen[s.Name] = true
	}
	may := map[string]bool{}
	for _, a := range o.Authority {
		switch {
		case a.Name == "":
			add("owner %s: an authority has no name", o.ID)
		case may[a.Name]:
			add("owner %s: authority %s is listed twice: keep one", o.ID, a.Name)
		}
		may[a.Name] = true
	}
	o.capFaults(add)
	return errors.Join(errs...)
}

// Presence is whether an owner takes new work now.
type Presence string

// Presences.
const (
	Offline Presence = "offline" // signed off, lapsed, or never seen
	Away    Presence = "away"    // takes no new work, keeps what is in hand
	Online  Presence = "online"
)
