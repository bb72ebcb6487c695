//go:build !race

package simulate

const slow = false
