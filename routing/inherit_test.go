package routing

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// B1: each setting of a rule is laid over the one that it inherits, and one that a
// rule leaves empty is inherited. A field that over forgets is found here.
func TestEverySettingIsInherited(t *testing.T) {
	t.Parallel()
	settings := reflect.TypeFor[Settings]()
	for i := range settings.NumField() {
		t.Run(settings.Field(i).Name, func(t *testing.T) {
			t.Parallel()
			var given Settings
			set(t, reflect.ValueOf(&given).Elem().Field(i))
			require.Equal(t, given, given.over(Settings{}), "it is laid over what is inherited")
			require.Equal(t, given, Settings{}.over(given), "it is inherited")
		})
	}
}

// set gives a field a value that is not zero.
func set(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
	case reflect.String:
		v.SetString("given")
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	default:
		t.Fatalf("a setting of kind %s: say here how to give it", v.Kind())
	}
}
