// Command python-sdk writes the Python SDK of the native provider into the folder of its packages,
// and the checksums of what it read and wrote beside itself.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

const (
	schemaFile = "pulumi_alicloud_mps/native/schema.json"
	sums       = "python-sdk/generated.sum"

	imports   = "from semver import VersionInfo as SemverVersion\nfrom parver import Version as PEP440Version\n\n"
	noVersion = "_version = None\n_version_str = None\n"
)

// The SDK is no distribution of its own, whose version it would look up. Without one the engine
// takes the plugin that it finds; that of the same environment has the same version.
var version = regexp.MustCompile(`(?s)def _get_semver_version\(\):.*\n_version_str = str\(_version\)\n`)

func main() {
	if err := generate(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func generate(folder string) error {
	text, err := os.ReadFile(filepath.Join(folder, schemaFile))
	if err != nil {
		return err
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal(text, &spec); err != nil {
		return err
	}
	pkg, problems, err := schema.BindSpec(spec, nil, schema.ValidationOptions{})
	if err != nil {
		return err
	}
	if problems.HasErrors() {
		return problems
	}
	files, err := python.GeneratePackage("scripts/generate", pkg, nil, nil)
	if err != nil {
		return err
	}
	list := bytes.NewBufferString(sum(text, schemaFile))
	for _, name := range slices.Sorted(maps.Keys(files)) {
		content, path := files[name], filepath.Join(folder, name)
		switch filepath.Base(name) {
		case "_utilities.py":
			content = version.ReplaceAll(bytes.Replace(content, []byte(imports), nil, 1), []byte(noVersion))
		case "pulumi-plugin.json", "README.md":
			continue
		}
		if !strings.Contains(name, "/") {
			// What makes a distribution of it.
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
		list.WriteString(sum(content, name))
	}
	return os.WriteFile(sums, list.Bytes(), 0o644)
}

func sum(content []byte, name string) string {
	return fmt.Sprintf("%x  %s\n", sha256.Sum256(content), name)
}
