module github.com/answerable-go/answerable/adapters/icalendar

go 1.26.0

require (
	github.com/answerable-go/answerable v0.1.0
	github.com/arran4/golang-ical v0.3.6
	github.com/stretchr/testify v1.12.1
	github.com/teambition/rrule-go v1.8.2
)

require (
	github.com/google/go-cmp v0.7.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
)

replace github.com/answerable-go/answerable => ../..
