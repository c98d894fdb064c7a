// Command pulumi-resource-kubernetes is the Pulumi Kubernetes provider, built from its module.
// The module's own command embeds files that only a release build generates; this one embeds the
// schema that the module does carry (the build copies it next to this file).
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

//go:embed schema.json
var schema []byte

func main() {
	provider.Serve("kubernetes", version.Version, schema, nil)
}
