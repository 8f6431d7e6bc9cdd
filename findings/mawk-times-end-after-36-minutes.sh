#!/usr/bin/env bash
# Finding: Debian's awk (mawk) prints every whole number from 2^31 on as 2147483647 with
#   `printf "%d"`, and as 2.14748e+09 with `print`, also on a machine of 64 bits. Times of
#   events in microseconds reach that after 35.8 minutes: from then on all events have one time,
#   without a word. Up to then each is right. `printf "%.0f"` has no such end.
# Seen with: Debian 12, mawk 1.3.4-20200120-3.1 (gawk and busybox print the number)
# Expected by most: awk computes in doubles, which hold whole numbers up to 2^53.
# Matters to: whoever turns text events, which many data sets have in seconds, into microseconds
#   or the other way with the one line of awk that was tried on the first minutes; awk on Debian
#   is mawk unless gawk was installed.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
need=()
for p in mawk gawk; do command -v $p >/dev/null || need+=("$p"); done
[ ${#need[@]} = 0 ] || (apt-get update -qq && apt-get install -y -qq --no-install-recommends "${need[@]}") >/dev/null 2>&1
cat >events.txt <<'TXT'
2147.483000 10 4 1
2147.483646 10 4 0
2147.483649 11 4 1
2200.000000 12 4 1
TXT
times() { # by an awk and an expression for its printf
  "$1" "{ printf \"$2\", \$1 * 1e6 }" events.txt | paste -sd' '
}
mawk -W version 2>&1 | head -n1
right=$(times gawk '%d\n')
cut=$(times mawk '%d\n')
whole=$(times mawk '%.0f\n')
short=$(mawk "{ print int(\$1 * 1e6 + .5) }" events.txt | paste -sd' ')
echo "times in µs after 35.8 minutes, of $(tail -n1 events.txt | cut -d' ' -f1) s the last:"
echo "gawk, printf \"%d\":   $right"
echo "mawk, printf \"%d\":   $cut"
echo "mawk, print:         $short"
echo "mawk, printf \"%.0f\": $whole"
want="2147483000 2147483646 2147483649 2200000000"
if [ "$right" != "$want" ] || [ "$whole" != "$want" ] || [ "$cut" != "2147483000 2147483646 2147483647 2147483647" ] ||
  [ "$short" != "2147483000 2147483646 2.14748e+09 2.2e+09" ]; then
  echo "CHANGED: want mawk's times to end at 2147483647, and gawk's and those of %.0f not to"
  exit 1
fi
