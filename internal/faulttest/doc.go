// Package faulttest is being written.
package faulttest
