/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parts of `make bench`; BENCH=primitives runs one alone. They print and judge nothing but
 * ratios: no test depends on them. */
#ifndef TIERCHAIN_TESTS_BENCH_PARTS_H
#define TIERCHAIN_TESTS_BENCH_PARTS_H

/* What a simulated event costs beside a bare SimGrid workload. */
void bench_events(void);

/* What each primitive of src costs: the rows of sim/calibrate. */
void bench_primitives(void);

/* What our wrappers cost beside the library calls they wrap, and ML-DSA beside other code. */
void bench_wrappers(void);

#endif
