# Shared by scripts that do much: steps that say how long they took, and a second row of steps beside.
# Sourced after common.sh, not run.
#
# What only computes stands in the row beside: it takes what the tests, which mostly wait for chains
# and peers, leave of the machine. The first step that fails ends both rows.

times=()
row="$(mktemp -d)" # of the steps beside: log, through (name, seconds), failed (name)
row_process=

took() { times+=("$(printf '%5d s  %s' "$2" "$1")"); } # name seconds

step() { # name command...
  local name="$1" began=$SECONDS
  shift
  printf '\n── %s\n' "$name"
  "$@" || die "$name failed"
  took "$name" $((SECONDS - began))
  beside_holds
}

# A function made of beside_step, in a process group of its own and at the lowest priority.
start_beside() { # function
  set -m
  (
    set +m
    renice -n 19 "$BASHPID" >/dev/null
    "$1" && touch "$row/ended"
  ) </dev/null >"$row/log" 2>&1 &
  row_process=$!
  set +m
}

beside_step() { # name command...
  local name="$1" began=$SECONDS
  shift
  printf '%s' "$name" >"$row/now"
  printf '\n── %s (beside)\n' "$name"
  "$@" || exit 1
  printf '%s\t%d\n' "$name" $((SECONDS - began)) >>"$row/through"
}

beside_holds() {
  [ -n "$row_process" ] && [ ! -e "$row/ended" ] && ! kill -0 "$row_process" 2>/dev/null || return 0
  [ ! -e "$row/ended" ] || return 0 # it ended between the two looks
  cat "$row/log"
  die "$(cat "$row/now" 2>/dev/null) failed"
}

wait_beside() { # name: of a step, or nothing: for all of them
  until [ -e "$row/ended" ] || { [ -n "${1:-}" ] && cut -f 1 "$row/through" 2>/dev/null | grep -qxF -e "$1"; }; do
    beside_holds
    sleep 1
  done
}

report() {
  local name seconds
  [ -z "$row_process" ] || cat "$row/log"
  printf '\nWhere the time went\n'
  printf '  %s\n' "${times[@]}"
  while IFS=$'\t' read -r name seconds; do
    printf '  %5d s  beside: %s\n' "$seconds" "$name"
  done < <(cat "$row/through" 2>/dev/null)
  printf '  %5d s  in all\n' "$SECONDS"
}

end_beside() {
  [ -z "$row_process" ] || kill -- "-$row_process" 2>/dev/null || true
  rm -rf "$row"
}
trap end_beside EXIT
trap 'exit 130' INT TERM
