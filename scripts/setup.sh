# Sourced by the other scripts: gets the Python environment and the Pulumi CLI ready.
# shellcheck shell=bash

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$root"

# The lower bound of `pulumi` in pyproject.toml holds for the CLI too: 3.216.
oldest_minor=216
install_pulumi="install the Pulumi CLI (https://www.pulumi.com/docs/install/)"

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "$*"
  exit 1
}

# The supported versions of Python, oldest first: pyproject.toml has the list.
supported_pythons() { sed -n 's/.*"Programming Language :: Python :: \(3\.[0-9]*\)".*/\1/p' pyproject.toml; }

oldest_python() { supported_pythons | sed -n 1p; }

newest_first() { supported_pythons | sort -t . -k 2,2nr; }

# pythons_of VERSION: the commands that may be this version: on PATH, of pyenv, of uv.
pythons_of() {
  local candidate shims
  # A shim on PATH runs only the versions that are switched on.
  shims=$(type -P python3) && shims=${shims%/*}
  for candidate in "python$1" python3 python \
    "${shims%/shims}/versions/$1".*/bin/python3 "$HOME/.pyenv/versions/$1".*/bin/python3 \
    "$HOME/.local/share/uv/python/cpython-$1".*/bin/python3; do
    [[ $candidate != /* || -x $candidate ]] && echo "$candidate"
  done
}

# find_python VERSION…: prints the first Python of these versions that can make environments. Fails
# where there is none, and prints one that lacks its venv module.
find_python() {
  local version candidate incomplete=""
  for version; do
    while read -r candidate; do
      "$candidate" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$version')" \
        2>/dev/null </dev/null || continue
      if "$candidate" -c 'import ensurepip, venv' 2>/dev/null </dev/null; then
        echo "$candidate"
        return
      fi
      incomplete=${incomplete:-$candidate}
    done < <(pythons_of "$version")
  done
  echo "$incomplete"
  return 1
}

# need_python VERSION…: as find_python, but without one the script ends.
need_python() {
  local python
  if python=$(find_python "$@"); then
    echo "$python"
  elif [[ $python ]]; then
    fail "$python can't make virtual environments: install its venv module (Debian and Ubuntu: apt install python3-venv), then run this again."
  else
    fail "Python $(oldest_python) to $(supported_pythons | tail -n 1) was not found: install it (https://www.python.org/downloads/), then run this again."
  fi
}

# lock PYTHON DIRECTORY: holds the directory until descriptor 9 is closed, so that two runs
# at once don't make the same thing. By Python, since macOS has no flock command.
lock() {
  exec 9<"$2"
  "$1" - <<'PYTHON'
import fcntl, sys

try:
    fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print("Waiting for another run that is setting up…", file=sys.stderr)
    fcntl.flock(9, fcntl.LOCK_EX)
PYTHON
}

# An environment works only at the path and for the Python that it was made with.
identity() { echo "$("$1/bin/python" --version 2>/dev/null) $root"; }

# prepare_environment DIRECTORY "VERSION…" PIP-ARGUMENT…: makes a virtual environment of the first
# of these Pythons that is found, with what these arguments install. A second run does nothing, one after an interruption repairs it.
prepare_environment() {
  local directory=$1 python inputs stamp=$1/prepared
  local -a versions
  read -ra versions <<<"${2//$'\n'/ }"
  shift 2
  inputs="$(sources "$1" | tr '\n' ' ')$*"
  if is_prepared; then return; fi
  python=$(need_python "${versions[@]}")
  lock "$python" .
  if ! is_prepared; then
    is_reusable || make_environment
    install_packages "$@"
  fi
  exec 9<&-
}

# An editable install follows the sources by itself, another one is a copy of them.
sources() {
  cksum pyproject.toml tests/lowest.txt
  if [[ $1 != --editable ]]; then
    find provider -type f ! -name '*.pyc' -exec cksum {} + | sort | cksum
  fi
}

# By prefix, so that an environment with the development tools also serves without them.
is_prepared() { [[ -f $stamp && $(<"$stamp") == "$(identity "$directory") $inputs"* ]]; }

# One without a stamp was made by hand, and is taken if it has what is needed.
is_reusable() {
  [[ ! -f $stamp || $(<"$stamp") == "$(identity "$directory") "* ]] &&
    "$directory/bin/python" -c 'import pip, sys; sys.exit(sys.version_info[1] < int(sys.argv[1]))' \
      "$(oldest_python | sed 's/3.//')" 2>/dev/null
}

make_environment() {
  say "Making the Python environment $directory"
  "$python" -m venv --clear "$directory"
}

install_packages() {
  local pip=("$directory/bin/python" -m pip install --quiet --disable-pip-version-check)
  say "Installing the Python packages into $directory (about half a minute, once)"
  echo unfinished >"$stamp"
  # --group came with pip 25.1.
  if ! { "${pip[@]}" "pip>=25.1" && "${pip[@]}" "$@"; }; then
    fail "The Python packages could not be installed (pip says why above): check the way to the package index, then run this again."
  fi
  echo "$(identity "$directory") $inputs" >"$stamp"
}

# make_once CACHE NAME EXECUTABLE COMMAND: has the command make CACHE/NAME, unless it has that
# executable. Needs .venv. Made aside and renamed: whatever stands under the final name is whole.
make_once() {
  local cache=$1 made=$1/$2
  if [[ ! -x $made/$3 ]]; then
    mkdir -p "$cache"
    lock .venv/bin/python "$cache"
    if [[ ! -x $made/$3 ]]; then
      rm -rf "$cache/unfinished" "$made"
      "$4" "$cache/unfinished"
      mv "$cache/unfinished" "$made"
    fi
    exec 9<&-
  fi
}

cache_of() { echo "${XDG_CACHE_HOME:-$HOME/.cache}/pulumi-alicloud-mps/$1"; }

# pinned MODULE GO-MODULE: the version of a Go module that tools/engine/MODULE builds.
pinned() { sed -n "s|.*$2 v\([0-9.]*\).*|\1|p" "tools/engine/$1/go.mod"; }

# prepare_engine: puts a Pulumi CLI that runs Python programs on PATH. Needs .venv.
prepare_engine() {
  local version cache
  export PULUMI_SKIP_UPDATE_CHECK=true
  if engine_on_path; then return; fi
  version=$(pinned cli github.com/pulumi/pulumi/pkg/v3)
  cache=$(cache_of engine)
  make_once "$cache" "$version" bin/pulumi make_engine
  PATH=$cache/$version/bin:$PATH
}

# Some packages of the CLI come without its Python parts.
engine_on_path() {
  has_parts pulumi-language-python pulumi-resource-pulumi-python &&
    [[ $(pulumi version 2>/dev/null) =~ ^v?3\.([0-9]+)\. ]] && ((BASH_REMATCH[1] >= oldest_minor))
}

# has_parts PART…: whether the Pulumi CLI on PATH finds these parts of it.
has_parts() {
  local pulumi part
  pulumi=$(type -P pulumi) || return
  for part; do
    type -P "$part" >/dev/null || [[ -x $(dirname "$(readlink -f "$pulumi")")/$part ]] || return
  done
}

make_engine() {
  mkdir -p "$1/bin"
  install_engine "$1" || build_engine "$1/bin"
}

install_engine() {
  say "Installing the Pulumi CLI $version with Pulumi's installer (once)"
  .venv/bin/python - "$1" "$version" >/dev/null 2>&1 <<'PYTHON' && return
import signal, sys
from pulumi.automation import PulumiCommand
from semver import VersionInfo

# The installer sets itself no limit, and a blocked connection would hang.
signal.signal(signal.SIGALRM, lambda *_: sys.exit(1))
signal.alarm(60)
PulumiCommand.install(root=sys.argv[1], version=VersionInfo.parse(sys.argv[2]))
PYTHON
  say "The installer could not be downloaded or did not finish in a minute."
  return 1
}

build_engine() {
  local sdk=github.com/pulumi/pulumi/sdk/v3
  need_go cli "A Pulumi CLI is needed: $install_pulumi, or"
  say "Building the Pulumi CLI $version from its Go modules (about 2 minutes, once)"
  build cli github.com/pulumi/pulumi/pkg/v3/cmd/pulumi "$version" "$1"
  build python $sdk/python/cmd/pulumi-language-python "$(pinned python $sdk)" "$1"
  # The host's two scripts are no Go packages; they lie in the SDK's module.
  sdk=$(cd tools/engine/cli && go list -m -f '{{.Dir}}' $sdk)
  install -m 755 "$sdk/python/cmd/pulumi-language-python-exec" \
    "$sdk/python/dist/pulumi-resource-pulumi-python" "$1"
}

# prepare_languages: puts on PATH what the Pulumi CLI needs for programs in YAML, TypeScript and
# Go. Needs prepare_engine.
prepare_languages() {
  local cache hosts
  if has_parts pulumi-language-{yaml,nodejs,go}; then return; fi
  cache=$(cache_of languages)
  hosts=$(pinned yaml github.com/pulumi/pulumi-yaml)-$(pinned nodejs-go github.com/pulumi/pulumi/sdk/v3)
  make_once "$cache" "$hosts" pulumi-language-yaml build_languages
  PATH=$cache/$hosts:$PATH
}

build_languages() {
  local sdk=github.com/pulumi/pulumi/sdk/v3
  need_go yaml "Pulumi's hosts of YAML, Node.js and Go are needed:"
  say "Building Pulumi's hosts of YAML, Node.js and Go from their Go modules (about a minute, once)"
  mkdir -p "$1"
  build yaml github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml "${hosts%-*}" "$1"
  build nodejs-go $sdk/nodejs/cmd/pulumi-language-nodejs "${hosts#*-}" "$1"
  build nodejs-go $sdk/go/pulumi-language-go "${hosts#*-}" "$1"
}

# prepare_sdks: makes .sdks, in which the examples in TypeScript and Go have what `pulumi package add`
# gives a project, and the packages that they need. Needs .venv.
prepare_sdks() {
  local inputs
  need_go cli "Go runs one of the examples:"
  type -P npm >/dev/null ||
    fail "Node.js runs one of the examples: install Node.js 20 or newer with npm (https://nodejs.org/), then run this again."
  inputs="$(cat provider/pulumi_alicloud_mps/native/schema.json tools/engine/cli/sdk/main.go \
    tools/engine/cli/go.sum examples/languages/{typescript/package-lock.json,go/go.sum} | cksum)
$(go env GOMODCACHE GOCACHE)"
  if is_made; then return; fi
  lock .venv/bin/python .
  if ! is_made; then
    say "Making SDKs and getting packages for the examples in TypeScript and Go (about a minute, once)"
    rm -rf .sdks
    mkdir .sdks
    # Not as a condition, in which the first failure would not end it.
    make_sdks >.sdks/log 2>&1 &
    if ! wait $!; then
      tail -n 20 .sdks/log >&2
      fail "This failed (see above): check the way to the Go modules and the npm registry, then run this again."
    fi
    echo "$inputs" >.sdks/made
  fi
  exec 9<&-
}

is_made() { [[ -f .sdks/made && $(<.sdks/made) == "$inputs" ]]; }

make_sdks() (
  set -e
  export GOWORK=off CGO_ENABLED=0
  for language in nodejs go; do
    (cd tools/engine/cli && go run -trimpath ./sdk "$language" "$root/.sdks/$language/sdks/alicloud-mps")
  done
  cp examples/languages/typescript/package*.json .sdks/nodejs
  cp examples/languages/go/{*.go,go.*} .sdks/go
  cd .sdks/nodejs
  npm ci --ignore-scripts --no-audit --no-fund
  cd sdks/alicloud-mps
  PATH=$root/.sdks/nodejs/node_modules/.bin:$PATH node scripts/postinstall.js
  cd "$root/.sdks/go"
  # With the flags of the tests, so that Go compiles the packages once.
  go build -trimpath -o /dev/null .
)

# need_go MODULE WORDS: these words begin the advice where there is no Go to build the module.
need_go() {
  type -P go >/dev/null ||
    fail "$2 install Go $(go_for "$1") or newer (https://go.dev/dl/) to have it built, then run this again."
}

go_for() { sed -n 's/^go //p' "tools/engine/$1/go.mod"; }

# build MODULE PACKAGE VERSION DIRECTORY: what go says is shown only if it fails.
build() {
  local flags="-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$3"
  local log=$cache/build.log
  (cd "tools/engine/$1" && GOWORK=off CGO_ENABLED=0 \
    go build -trimpath -buildvcs=false -ldflags "$flags" -o "$4/" "$2") >"$log" 2>&1 && return
  tail -n 20 "$log" >&2
  fail "The build failed (Go says why above); it needs Go $(go_for "$1") or newer and a way to the Go modules. Or $install_pulumi, then run this again."
}

# prepare_chromium: sets CHROMIUM to a browser that the tests can drive. Needs .venv.
prepare_chromium() {
  local browser cache
  for browser in chromium-headless-shell chromium google-chrome google-chrome-stable \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
    if "$browser" --version >/dev/null 2>&1; then
      CHROMIUM=$(type -P "$browser")
      export CHROMIUM
      return
    fi
  done
  # A newer driver may want a newer browser.
  browser=for-playwright-$(sed -n 's/.*"playwright==\(.*\)".*/\1/p' pyproject.toml)
  cache=$(cache_of chromium)
  make_once "$cache" "$browser" chromium make_chromium
  export CHROMIUM=$cache/$browser/chromium
}

# Debian's packages, unpacked and not installed, since that needs no root.
make_chromium() {
  local package libraries install="install Chromium or Google Chrome"
  type -P apt-get >/dev/null ||
    fail "A Chromium is needed to test the emulator's page: $install, then run this again."
  say "Getting Chromium from the system's packages (about 100 MB, once)"
  mkdir -p "$1/lists/partial" "$1/archives/partial" "$1/root"
  if ! { apt_aside "$1" update && apt_aside "$1" install chromium-headless-shell; }; then
    fail "The system's packages have no Chromium to be had (apt-get says why above): $install, then run this again."
  fi
  for package in "$1"/archives/*.deb; do dpkg-deb --extract "$package" "$1/root"; done
  libraries=$(find "$1/root" -name '*.so*' -exec dirname {} + | sort -u | sed "s|^$1|$made|" | tr '\n' :)
  cat >"$1/chromium" <<SCRIPT
#!/bin/sh
[ -e /etc/fonts ] || export FONTCONFIG_SYSROOT="$made/root"
LD_LIBRARY_PATH="${libraries%:}" exec "$made/root/usr/lib/chromium/chromium-headless-shell" "\$@"
SCRIPT
  chmod 755 "$1/chromium"
  rm -rf "$1/lists" "$1/archives"
}

# apt_aside DIRECTORY ARGUMENT…: fetches lists and packages into a directory of our own. What
# apt-get says is shown only if it fails.
apt_aside() {
  local directory=$1 log=$cache/apt.log
  shift
  apt-get --quiet=2 --yes --no-install-recommends --download-only -o Debug::NoLocking=1 \
    -o APT::Sandbox::User=root -o Dir::State::Lists="$directory/lists" \
    -o Dir::Cache::archives="$directory/archives" -o Dir::Cache::pkgcache= \
    -o Dir::Cache::srcpkgcache= "$@" >"$log" 2>&1 && return
  tail -n 5 "$log" >&2
  return 1
}

# use_environment DIRECTORY: what activating it would do.
use_environment() { export PATH="$root/$1/bin:$PATH" VIRTUAL_ENV="$root/$1"; }
