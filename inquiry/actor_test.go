package inquiry

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestActorOf(t *testing.T) {
	t.Parallel()
	// These name an owner to whom something happens, or of whom a host or a node tells something.
	others := map[string]bool{"Assign": true, "Confirm": true, "GiveUp": true, "SetPresence": true}
	for _, cmd := range allCommands() {
		v := reflect.New(reflect.TypeOf(cmd)).Elem()
		name := v.Type().Name()
		if f := v.FieldByName("Owner"); f.IsValid() && f.Type() == reflect.TypeFor[OwnerID]() && !others[name] {
			f.SetString("ann")
			require.Equal(t, OwnerID("ann"), ActorOf(v.Interface().(Command)), name)
		} else {
			require.Empty(t, ActorOf(cmd), name)
		}
	}
}
