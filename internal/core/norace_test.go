//go:build !race

package core

const slow = false
