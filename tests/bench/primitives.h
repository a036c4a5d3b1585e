/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TIERCHAIN_TESTS_BENCH_PRIMITIVES_H
#define TIERCHAIN_TESTS_BENCH_PRIMITIVES_H

/* Prints what our wrappers cost beside the library calls they wrap. */
void bench_primitives(void);

#endif
