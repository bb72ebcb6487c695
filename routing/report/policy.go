package report

import (
	"github.com/answerable-go/answerable/routing"
)

// Policy returns a section that tells a policy rule by rule, and has it as
// Mermaid and DOT, too.
func Policy(title string, p routing.Policy) Section {
	rules := told(p.Rules)
	rules = append(rules, Rule{Name: routing.DefaultRule, Then: settingLines(p.Default)})
	return Section{Title: title, Aside: true, Blocks: []Block{
		{Text: "What comes in meets the rules from the top; the first that matches decides. What a rule leaves open, the rule around it says, or the default at the end. \"Billing at 2\" asks for the skill billing at level 2 or above, of 5."},
		{Rules: rules},
		{Code: &Code{Title: "As a picture: Mermaid, for Markdown", Language: "mermaid", Text: Mermaid(p)}},
		{Code: &Code{Title: "As a picture: DOT, for Graphviz", Language: "dot", Text: DOT(p)}},
	}}
}

func told(rules []routing.Rule) []Rule {
	var out []Rule
	for _, r := range rules {
		out = append(out, Rule{Name: r.Name, If: matchLines(r.Match), Then: settingLines(r.Settings), GoesOn: r.Continue, Rules: told(r.Rules)})
	}
	return out
}
