# Shared by the scripts in this folder: where things are, what is missing, how long it took.
# Sourced, not run. Sets ROOT, STARDUST_CACHE, VENV.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
STARDUST_CACHE="${STARDUST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/stardust}"
VENV="$ROOT/.venv"
export STARDUST_CACHE

say() { printf '%s\n' "$*"; }

die() { # message [what to do]
  printf 'error: %s\n' "$1" >&2
  [ $# -lt 2 ] || printf '       %s\n' "$2" >&2
  exit 1
}

# debian_packages PACKAGE... - installs what is missing when run as root on Debian or Ubuntu.
debian_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    die "these packages are needed: ${missing[*]}" "sudo apt-get install ${missing[*]}"
  fi
  say "installing Debian packages: ${missing[*]}"
  mkdir -p "$STARDUST_CACHE"
  # Two scripts may want packages at the same time; apt serves one.
  (
    flock 9
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
      >/dev/null 2>"$STARDUST_CACHE/apt.log"
  ) 9>"$STARDUST_CACHE/.apt.lock" || die "apt-get could not install ${missing[*]}" "see $STARDUST_CACHE/apt.log"
}

find_python() {
  local candidate
  for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return 0
    fi
  done
  die "Python 3.11 or newer is needed" "on Debian or Ubuntu: sudo apt-get install python3 python3-venv"
}

need_node() {
  command -v node >/dev/null && command -v npm >/dev/null || die "Node.js 20 or newer with npm is needed" \
    "https://nodejs.org, or your distribution's package nodejs"
  local major
  major="$(node -p 'process.versions.node.split(".")[0]')"
  [ "$major" -ge 20 ] || die "Node.js 20 or newer is needed, this is $(node --version)" "https://nodejs.org"
}

# python_env requirements.lock | requirements-dev.lock - makes .venv hold exactly that lock file.
python_env() {
  local lock="$ROOT/client/$1" python stamp want began pip
  mkdir -p "$STARDUST_CACHE"
  python="$(find_python)" || exit 1
  stamp="$VENV/.stardust-lock"
  want="$("$python" --version) $(cat "$lock" "$ROOT/client/pyproject.toml" | sha256sum | cut -d' ' -f1)"
  # The larger set serves for the smaller one too.
  if [ -f "$stamp" ] && grep -qxF -e "$1 $want" "$stamp"; then
    return 0
  fi
  # Two scripts may start at the same time: one installs, the other waits.
  (
    flock 9
    if [ -f "$stamp" ] && grep -qxF -e "$1 $want" "$stamp"; then
      exit 0
    fi
    began=$SECONDS
    say "setting up Python packages in .venv (about half a minute, once)"
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
      debian_packages python3-venv
    fi
    [ -x "$VENV/bin/python" ] && "$VENV/bin/python" -c 'import pip' 2>/dev/null || { rm -rf "$VENV"; "$python" -m venv "$VENV"; }
    pip=("$VENV/bin/python" -m pip --disable-pip-version-check --quiet)
    "${pip[@]}" install --require-hashes -r "$lock" || die "pip could not install the packages of client/$1" \
      "is the package index reachable?"
    # No build isolation: the build backend comes from the lock file like everything else.
    "${pip[@]}" install --no-deps --no-build-isolation --editable "$ROOT/client" || die "pip could not install the client itself"
    if [ "$1" = requirements-dev.lock ]; then
      want="$(printf '%s\n%s' "requirements-dev.lock $want" "requirements.lock $("$python" --version) $(cat "$ROOT/client/requirements.lock" "$ROOT/client/pyproject.toml" | sha256sum | cut -d' ' -f1)")"
    else
      want="$1 $want"
    fi
    printf '%s\n' "$want" >"$stamp"
    say "  done in $((SECONDS - began)) s"
  ) 9>"$VENV.lock" || exit 1
}

# devchain_packages - makes scripts/lib/devchain/node_modules hold exactly its lock file.
# Two scripts may start at the same time: one installs, the other waits.
devchain_packages() {
  local folder="$ROOT/scripts/lib/devchain" want
  need_node
  want="$(sha256sum <"$folder/package-lock.json") $(node --version)"
  [ "$(cat "$folder/node_modules/.stardust-lock" 2>/dev/null)" = "$want" ] && return 0
  (
    flock 9
    [ "$(cat "$folder/node_modules/.stardust-lock" 2>/dev/null)" = "$want" ] && exit 0
    say "installing the dev chain (npm, about 270 MB, half a minute, once)" >&2
    cd "$folder"
    npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >&2 || exit 1
    printf '%s' "$want" >node_modules/.stardust-lock
  ) 9>"$folder/.lock" || die "npm could not install the dev chain" "is the npm registry reachable?"
}

# source_copy FROM TO [PATCH...] - makes TO hold the Rust sources of FROM, changed by each PATCH in turn.
# What is the same already keeps its time, so that cargo does not build it again.
source_copy() {
  local from="$1" to="$2" fresh="$2.new" file patch
  shift 2
  rm -rf "$fresh"
  mkdir -p "$fresh" "$to"
  (cd "$from" && find . \( -name target -o -path ./node \) -prune -o -type f \( -name '*.rs' -o -name 'Cargo.*' -o -name '*.toml' \) -print0 \
    | tar --null --files-from=- --create) | tar --extract --directory "$fresh"
  for patch in "$@"; do
    (cd "$fresh" && patch --quiet --strip=2 --forward --batch --no-backup-if-mismatch <"$patch" >&2) || die "$patch does not fit the sources in $from"
  done
  (cd "$to" && find . -type f -print0) | while IFS= read -r -d '' file; do
    [ -e "$fresh/$file" ] || rm "$to/$file"
  done
  (cd "$fresh" && find . -type f -print0) | while IFS= read -r -d '' file; do
    cmp -s "$fresh/$file" "$to/$file" && continue
    mkdir -p "$to/$(dirname "$file")"
    cp "$fresh/$file" "$to/$file"
  done
  rm -rf "$fresh"
}
