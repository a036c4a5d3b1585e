/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Random worlds with random faults, as scenario text: what the stack promises to get over.
 *
 *   world   1 to 3 cities of 16 to 24 nodes; committees of 4 or 7; any consensus and order of leaders
 *           at either tier; an acknowledgement of any meaning; 20 transactions a second for 4 s
 *   faults  in each committee at most f members at a time: crashed for good, restarted, cut off (one
 *           way or both), lossy, slow, or with a clock that is wrong; beside that the whole network
 *           may lose messages, and a city be cut off. All begin after 300 ms, and all but crashes
 *           end by half-time (2 s).
 *
 * Documented limits that it stays within: clocks step by at most 200 ms (env/env.h drops messages of
 * 500 ms ahead); a committee of 4 with rotating chained HotStuff decides nothing with one member gone,
 * so none of its members crashes for good; as many holders as a transaction needs live. */
#ifndef TIERCHAIN_TESTS_SOAK_SCHEDULE_H
#define TIERCHAIN_TESTS_SOAK_SCHEDULE_H

#include "base/types.h"

#define SCHEDULE_BYTES 8192

/* The @number-th scenario of @seed, the same each time. Returns its length. */
size_t schedule_write(uint64_t seed, uint64_t number, char yaml[SCHEDULE_BYTES]);

#endif
