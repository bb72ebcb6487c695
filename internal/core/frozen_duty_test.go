package core

import "github.com/answerable-go/answerable/inquiry"

// dutiesOfTheStory are the duties of the frozen story: help that came, and a
// hand-off that came about.
func (s *story) dutiesOfTheStory() {
	s.t.Helper()
	s.do(inquiry.Roster{Set: []inquiry.Owner{person("anna"), person("ben")}})
	s.do(inquiry.SetPresence{Owner: "ben", Presence: inquiry.Away}) // and both are pressed on him
	id := s.from("zed")
	s.do(inquiry.Assign{Inquiry: id, Owner: "anna", Reason: "she knows him"})
	s.do(inquiry.Consult{Inquiry: id, Owner: "anna", To: "ben", Question: "may we?", Anyway: true})
	help := s.duty(id, inquiry.Consulting)
	s.do(inquiry.Assign{Inquiry: help, Owner: "ben"})
	s.do(inquiry.Resolve{Inquiry: help, Owner: "ben", Note: "we may"})
	s.do(inquiry.Handoff{Inquiry: id, Owner: "anna", To: "ben", Reason: "his customer", Promised: "a call today", Anyway: true})
	s.do(inquiry.Assign{Inquiry: s.duty(id, inquiry.TakingOver), Owner: "ben"})
	s.do(inquiry.Consult{Inquiry: id, Owner: "ben", To: "anna", Question: "how?", Anyway: true})
}
