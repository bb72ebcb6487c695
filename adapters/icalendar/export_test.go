package icalendar

// For the tests of this package.
var (
	NewClient = newClient
	Public    = public
)
