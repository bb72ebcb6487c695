module github.com/answerable-go/answerable/adapters/holidays

go 1.26.0

require (
	github.com/answerable-go/answerable v0.1.0
	github.com/rickar/cal/v2 v2.1.26
	github.com/stretchr/testify v1.12.1
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect

replace github.com/answerable-go/answerable => ../..
