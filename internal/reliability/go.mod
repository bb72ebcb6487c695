module github.com/answerable-go/answerable/internal/reliability

go 1.26.0

replace (
	github.com/answerable-go/answerable => ../..
	github.com/answerable-go/answerable/adapters/sqlite => ../../adapters/sqlite
)
