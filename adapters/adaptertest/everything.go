package adaptertest

import (
	"reflect"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// wholeRow is a row in which nothing is left empty, whatever fields rows have or come
// to have.
func wholeRow(pool string, n int, version uint64) inquiry.Row {
	r := row(pool, n, version)
	fill(reflect.ValueOf(&r).Elem())
	return r
}

// fill gives what is empty in a value something to say.
func fill(v reflect.Value) {
	switch v.Type() {
	case reflect.TypeFor[time.Time]():
		if v.IsZero() {
			v.Set(reflect.ValueOf(at(1)))
		}
		return
	case reflect.TypeFor[inquiry.ID]():
		if v.IsZero() {
			v.Set(reflect.ValueOf(id("anything", 1)))
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range v.Fields() {
			fill(field)
		}
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		fill(v.Elem())
	case reflect.Slice:
		if v.Len() == 0 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		}
		for i := range v.Len() {
			fill(v.Index(i))
		}
	case reflect.String:
		if v.Len() == 0 {
			v.SetString("anything")
		}
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		if v.IsZero() {
			v.SetInt(1)
		}
	case reflect.Uint8, reflect.Uint32, reflect.Uint64:
		if v.IsZero() {
			v.SetUint(1)
		}
	default:
		panic("adaptertest: nothing to fill a " + v.Type().String() + " with")
	}
}

// spoil empties all that a value has and leads to.
func spoil(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range v.Fields() {
			if field.CanSet() {
				spoil(field)
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			spoil(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			spoil(v.Index(i))
		}
	}
	if v.CanSet() {
		v.SetZero()
	}
}
