package inquiry

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSigningOff(t *testing.T) {
	t.Parallel()
	anna := Owner{ID: "anna", Name: "Anna van Berg", Initials: "AB"}
	for _, tt := range []struct {
		name  string
		owner Owner
		form  string
		want  string
	}{
		{"initials", anna, "^{initials}", "^AB"},
		{"a name", anna, "\n-- {name}, Acme", "\n-- Anna van Berg, Acme"},
		{"neither", anna, "Acme", "Acme"},
		{"initials made of the name", Owner{Name: "élise oger"}, "^{initials}", "^ÉO"},
		{"nobody knows them", Owner{ID: "x17"}, "^{initials}", ""},
		{"a name that is not there", Owner{Initials: "AB"}, "{initials}, {name}", ""},
		{"no form", anna, "", ""},
	} {
		t.Run("F6 "+tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, tt.owner.SignOff(tt.form))
		})
	}
}

func TestSignedOnce(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, sign, want string }{
		{"added", "It is on its way.", "^AB", "It is on its way. ^AB"},
		{"not twice", "It is on its way. ^AB", "^AB", "It is on its way. ^AB"},
		{"not twice, in another case", "It is on its way.\n^ab \n", "^AB", "It is on its way.\n^ab \n"},
		{"the end of a word is no sign-off", "See you at the LAB", "AB", "See you at the LAB AB"},
		{"somewhere within is not the end", "^AB said so", "^AB", "^AB said so ^AB"},
		{"on a line of its own", "Yes. \n", "\n-- Anna", "Yes.\n-- Anna"},
		{"on a line of its own, not twice", "Yes.\n\n-- Anna", "\n-- Anna", "Yes.\n\n-- Anna"},
		{"nothing but that", "^AB", "^AB", "^AB"},
		{"letters of several bytes", "für Élise", "ÉLISE", "für Élise"},
		{"a text shorter than it", "é", "^AB", "é ^AB"},
		{"none", "Yes. ", "", "Yes. "},
	} {
		t.Run("F6 "+tt.name, func(t *testing.T) {
			t.Parallel()
			got := Signed(tt.text, tt.sign)
			require.Equal(t, tt.want, got)
			require.Equal(t, got, Signed(got, tt.sign), "signing again changes nothing")
		})
	}
}

func TestInitialsAreChecked(t *testing.T) {
	t.Parallel()
	for initials, good := range map[string]bool{"": true, "AB": true, "ÄÖ": true, "ABCDEFGH": true, "ABCDEFGHI": false, "A B": false, "A\n": false} {
		err := Owner{ID: "anna", Initials: initials}.Validate()
		require.Equal(t, good, err == nil, "%q: %v", initials, err)
	}
}
