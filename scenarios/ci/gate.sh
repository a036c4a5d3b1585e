#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A gate for CI: the same scenario and seeds with two builds, and a failure when the new one is worse by more than
# the bounds say. Exit code: that of `tierchain compare` (--help). What a CI server shows: $OUT/gate/*/latest/junit.xml.
#
#     BASE=main/build/tierchain NEW=build/tierchain scenarios/ci/gate.sh scenarios/smoke/pbft.yaml
set -eu
scenario=${1:-scenarios/smoke/pbft.yaml}
base=${BASE:?the program before the change} new=${NEW:-build/tierchain}
out=${OUT:-gate-results} seeds=${SEEDS:-5} jobs=${JOBS:-1}

# A missed `expect:` (1) is a result like others here.
"$base" run "$scenario" --repetitions "$seeds" -j "$jobs" -q -o "$out/base" ${BASE_OPTIONS:-} > "$out.log" || [ $? -eq 1 ]
"$new" run "$scenario" --repetitions "$seeds" -j "$jobs" -q -o "$out/new" ${NEW_OPTIONS:-} >> "$out.log" || [ $? -eq 1 ]

exec "$new" compare "$out"/base/*/latest "$out"/new/*/latest -o "$out/gate" ${DIFFERS:-} \
  --fail-if 'felt.p99 > +5 %' \
  --fail-if 'throughput < -2 %' \
  --fail-if 'bytes_per_decision > +10 %'
