// Command sdk writes an SDK of the native provider into a folder: that of Python as it is committed
// there, with the checksums of what was read and written beside this file, the others as `pulumi
// package add` has them in the folder `sdks` of a project.
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

	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

const (
	provider   = "../../../provider"
	schemaFile = "pulumi_alicloud_mps/native/schema.json"
	sums       = "sdk/generated.sum"
	tool       = "scripts/generate"

	imports   = "from semver import VersionInfo as SemverVersion\nfrom parver import Version as PEP440Version\n\n"
	noVersion = "_version = None\n_version_str = None\n"
)

// The SDK is no distribution of its own, whose version it would look up. Without one the engine
// takes the plugin that it finds; that of the same environment has the same version.
var version = regexp.MustCompile(`(?s)def _get_semver_version\(\):.*\n_version_str = str\(_version\)\n`)

func main() {
	if err := generate(os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

func generate(language, folder string) error {
	text, err := os.ReadFile(filepath.Join(provider, schemaFile))
	if err != nil {
		return err
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal(text, &spec); err != nil {
		return err
	}
	local := language != "python"
	if local {
		// Whatever version the plugin has is not older.
		spec.Version = "0.0.0-0"
	}
	pkg, problems, err := schema.BindSpec(spec, nil, schema.ValidationOptions{})
	if err != nil {
		return err
	}
	if problems.HasErrors() {
		return problems
	}
	pkg.SupportPack = local
	var files map[string][]byte
	switch language {
	case "python":
		files, err = python.GeneratePackage(tool, pkg, nil, nil)
	case "nodejs":
		files, err = nodejs.GeneratePackage(tool, pkg, nil, nil, true, nil)
	case "go":
		files, err = gogen.GeneratePackage(tool, pkg, nil)
	default:
		err = fmt.Errorf("no SDK of %s is known", language)
	}
	if err != nil {
		return err
	}
	if !local {
		files = importable(files)
	}
	for name, content := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	if local {
		return nil
	}
	list := sum(text, schemaFile)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		list += sum(files[name], name)
	}
	return os.WriteFile(sums, []byte(list), 0o644)
}

// importable leaves out what would make a distribution of the Python SDK.
func importable(files map[string][]byte) map[string][]byte {
	kept := map[string][]byte{}
	for name, content := range files {
		base := filepath.Base(name)
		if !strings.Contains(name, "/") || base == "pulumi-plugin.json" || base == "README.md" {
			continue
		}
		if base == "_utilities.py" {
			content = version.ReplaceAll(bytes.Replace(content, []byte(imports), nil, 1), []byte(noVersion))
		}
		kept[name] = content
	}
	return kept
}

func sum(content []byte, name string) string {
	return fmt.Sprintf("%x  %s\n", sha256.Sum256(content), name)
}
