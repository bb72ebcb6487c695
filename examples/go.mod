module github.com/answerable-go/answerable/examples

go 1.26.0

require (
	github.com/answerable-go/answerable v0.1.0
	github.com/answerable-go/answerable/adapters/sqlite v0.1.0
	github.com/stretchr/testify v1.12.1
)

replace (
	github.com/answerable-go/answerable => ..
	github.com/answerable-go/answerable/adapters/sqlite => ../adapters/sqlite
)
