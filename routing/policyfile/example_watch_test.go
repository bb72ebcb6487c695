package policyfile_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/routing/policyfile"
)

// An Engine works by a policy file, and adopts what the file says once it has
// changed. A file with faults is refused whole, and the old policy stays.
func ExampleWatch() {
	dir, err := os.MkdirTemp("", "policy")
	check(err)
	defer func() { _ = os.RemoveAll(dir) }()
	name := filepath.Join(dir, "shop.yaml")
	check(os.WriteFile(name, []byte(shop), 0o600))

	watcher, err := policyfile.Watch(policyfile.WatchConfig{}, name)
	check(err)
	engine, err := dispatch.New(memory.New(memory.Config{}), watcher.File().Policy, dispatch.Config{Directory: watcher})
	check(err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx) }()
	<-engine.Ready()

	// A program lets watcher.Run(ctx, engine) look every now and then.
	check(os.WriteFile(name, []byte(strings.Replace(shop, "min: 2", "min: 7", 1)), 0o600))
	for _, fault := range policyfile.Faults(watcher.Reload(ctx, engine)) {
		fmt.Println(fault.Line, fault.Problem)
	}
	check(os.WriteFile(name, []byte(strings.Replace(shop, "min: 2", "min: 3", 1)), 0o600))
	check(watcher.Reload(ctx, engine))
	fmt.Println("refunds take", watcher.File().Policy.Rules[0].Skills[0])

	stop()
	check(<-ended)
	// Output:
	// 7 min is 7: want 1 to 5
	// refunds take billing at 3
}

// check ends an example that went wrong.
func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
