package core

import (
	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
)

// merged checks that what is merged has a live lead that carries it (A2), and
// nothing of its own.
func (a *auditor) merged(c *Core, x *entry) {
	a.tb.Helper()
	lead := c.entries[x.Into]
	require.NotNil(a.tb, lead, "A2 %s is merged into what is not there", x.ID)
	require.NotEqual(a.tb, inquiry.StateMerged, lead.State)
	_, carried := lead.Carries(x.ID)
	require.True(a.tb, carried, "A2 %s does not carry %s", lead.ID, x.ID)
	require.Empty(a.tb, x.Owner)
	require.Empty(a.tb, x.Offers)
	require.Empty(a.tb, x.Clocks)
	require.Zero(a.tb, x.timer.id)
	require.Zero(a.tb, x.Due)
}

// lead checks what a lead carries, and links.
func (a *auditor) lead(c *Core, x *entry) {
	a.tb.Helper()
	messages := len(x.messageIDs)
	for _, m := range x.Merged {
		y := c.entries[m.Inquiry]
		require.NotNil(a.tb, y)
		require.Equal(a.tb, x.ID, y.Into)
		require.Equal(a.tb, inquiry.StateMerged, y.State)
		require.Equal(a.tb, y.Plan, m.Plan)
		messages += len(y.messageIDs)
	}
	require.Equal(a.tb, messages, x.Inbound, "%s counts every message once", x.ID)
	for _, l := range x.Links {
		if y, live := c.entries[l.Inquiry]; live {
			back, ok := y.LinkTo(x.ID)
			require.True(a.tb, ok, "F9 a link is symmetrical")
			require.Equal(a.tb, l.Kind, back.Kind)
		}
	}
}
