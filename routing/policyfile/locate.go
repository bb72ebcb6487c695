package policyfile

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// spot is where a path leads: the node, its key in the node around it (nil for
// an item of a list), and the path without labels.
type spot struct {
	node, key *node
	path      string
}

// place is where to point. A mapping or a list behind a key is pointed at by
// that key, since it has no beginning of its own.
func (s spot) place() Place {
	switch {
	case s.node == nil:
		return Place{}
	case s.key != nil && s.node.kind != scalar:
		return s.key.Place
	}
	return s.node.Place
}

func (s spot) child(key string) (spot, bool) {
	k, v := s.node.get(key)
	if v == nil {
		return s, false
	}
	return spot{v, k, under(s.path, key)}, true
}

func (s spot) item(i int) (spot, bool) {
	if s.node == nil || s.node.kind != list || i < 0 || i >= len(s.node.items) {
		return s, false
	}
	return spot{s.node.items[i], nil, fmt.Sprintf("%s[%d]", s.path, i)}, true
}

var word = regexp.MustCompile(`^[a-z][a-z0-9_]*`)

// locate follows a path such as rules[2] (press)/targets[0] (resolve)/within as
// far as the file goes. rest is what it does not have.
func locate(root *node, path string) (at spot, rest string) {
	at = spot{node: root}
	for rest = path; rest != ""; {
		key := word.FindString(rest)
		next, ok := at.child(key)
		if key == "" || !ok {
			return at, rest
		}
		at, rest = next, rest[len(key):]
		if at, rest, ok = indexed(at, rest); !ok {
			return at, rest
		}
		rest = strings.TrimPrefix(rest, "/")
	}
	return at, ""
}

// indexed follows an index such as [2] (press), if there is one.
func indexed(at spot, rest string) (spot, string, bool) {
	number, behind, ok := strings.Cut(strings.TrimPrefix(rest, "["), "]")
	if !strings.HasPrefix(rest, "[") || !ok {
		return at, rest, true
	}
	i, err := strconv.Atoi(number)
	if err != nil {
		return at, rest, false
	}
	next, ok := at.item(i)
	if !ok {
		return at, rest, false
	}
	return next, unlabelled(next.node, behind), true
}

// unlabelled takes a label such as (press) off. A label may itself hold
// brackets and slashes, so it is the value of the item that ends it.
func unlabelled(item *node, rest string) string {
	if !strings.HasPrefix(rest, " (") {
		return rest
	}
	longest := -1
	for _, v := range item.items {
		if v.kind == scalar && strings.HasPrefix(rest[2:], v.text+")") {
			if behind := rest[2+len(v.text)+1:]; behind == "" || behind[0] == '/' || behind[0] == ':' {
				longest = max(longest, len(v.text))
			}
		}
	}
	if longest >= 0 {
		return rest[2+longest+1:]
	}
	if _, behind, ok := strings.Cut(rest, ")"); ok {
		return behind
	}
	return rest
}

var (
	// spoken is how the types of package sla introduce what they report:
	// calendar "office": hours[1] (...): ...
	spoken = regexp.MustCompile(`^[a-z]+ (?:"(?:[^"\\]|\\.)*"|\S+): |^[a-z]+: `)
	// named is how they name one of a list: skill billing has level 9.
	named = regexp.MustCompile(`^([a-z]+) (.+?) (?:has|is) `)
)

// refine follows what a problem's first words name within the place that it is
// about: "hours[1] (monday 09:00-09:00): open and close are the same".
func refine(at spot, problem string) spot {
	if intro := spoken.FindString(problem); intro != "" {
		if key := word.FindString(intro); at.node != nil {
			if next, ok := at.child(key); ok && strings.HasPrefix(intro, key+":") {
				return refine(next, problem[len(intro):])
			}
		}
		return refine(at, problem[len(intro):])
	}
	key := word.FindString(problem)
	if key == "" {
		return at
	}
	if next, ok := at.child(key); ok {
		next, rest, ok := indexed(next, problem[len(key):])
		if !ok {
			return next
		}
		if strings.HasPrefix(rest, ": ") {
			return refine(next, rest[2:])
		}
		if next.node.kind == object && strings.HasPrefix(rest, " ") {
			return refine(next, rest[1:])
		}
		return next
	}
	if m := named.FindStringSubmatch(problem); m != nil {
		return item(at, m[1], m[2])
	}
	return at
}

// item finds what a list such as skills or authority says of a name, the last of
// several; at itself where there is none.
func item(at spot, kind, name string) spot {
	for _, key := range []string{kind + "s", kind} {
		l, ok := at.child(key)
		if !ok || l.node.kind != list {
			continue
		}
		for i, of := range slices.Backward(l.node.items) {
			if _, v := of.get("name"); v != nil && v.text == name {
				found, _ := l.item(i)
				return found
			}
		}
	}
	return at
}
