package record_test

import (
	"errors"
	"fmt"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
)

// A store keeps the checksum of a record beside it, and checks it whenever the
// record is read.
func ExampleCheck() {
	sum := record.Sum("details", "support", "01a2", `{"subject":"lamp"}`)

	fmt.Println(record.Check(sum, "details", "support", "01a2", `{"subject":"lamp"}`))

	err := record.Check(sum, "details", "support", "01a2", `{"subject":"lump"}`)
	fmt.Println(errors.Is(err, adapters.ErrDamaged))
	// Output:
	// <nil>
	// true
}
