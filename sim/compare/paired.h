/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What two variants' values say about their difference.
 *
 * Two runs of the same seed have the same arrivals, latencies and faults, so their values come in pairs,
 * and the unit of observation is the seed: within a run transactions share queues and batches, and no
 * count of them says how sure a percentile is. The differences, one a seed, are judged by Student's t
 * (n - 1 degrees of freedom), percentiles as well as means. Why no bootstrap: with the five to twenty
 * seeds that people run, its percentile and BCa intervals are too narrow (they resample n points and
 * know nothing between them), while t is exact for normal differences; and of a variant compared with
 * itself the two values of a pair are exchangeable, so that their difference is symmetric whatever the
 * percentile's own distribution is, and for symmetric heavy tails t errs to the safe side. Why not the sign
 * test alone: its smallest p is 2^(1-n), which no correction for many metrics survives below a dozen seeds.
 *
 * A percentile that lies among transactions that never got there is larger than any number. A pair with one
 * such value has an order but no difference, so then the exact sign test judges and there is no interval.
 *
 * Sources: Student, "The probable error of a mean", Biometrika 6 (1908); Welch, Biometrika 34 (1947); Holm, "A
 * simple sequentially rejective multiple test procedure", Scand. J. Statist. 6 (1979). */
#ifndef TIERCHAIN_SIM_COMPARE_PAIRED_H
#define TIERCHAIN_SIM_COMPARE_PAIRED_H

#include "base/types.h"

#define PAIRED_LEVEL 0.05 /* of every test; intervals hold 1 - this */

enum paired_test {
    TEST_NONE,    /* fewer than two pairs, or nothing to compare */
    TEST_STUDENT, /* of paired differences */
    TEST_SIGN,    /* some value is open */
    TEST_WELCH,   /* of two samples that have no seed in common */
};

struct paired {
    enum paired_test test;
    size_t n;     /* pairs in which both have a value, open or not; of Welch's the smaller sample */
    size_t open;  /* of these: pairs with an open value */
    size_t above; /* pairs whose second is larger, open or not; of Welch\'s none */
    size_t below;
    double base;      /* the mean of the first's values; NaN when one is open */
    double mean;      /* of second - first; NaN when a pair is open */
    double low, high; /* its 95 % interval; infinite below two pairs, NaN when a pair is open */
    double p;         /* two-sided, that there is no difference; NaN: no test */
};

/* Compares @count pairs. NaN: no value, the pair is left out; INFINITY: open. */
struct paired paired_compare(const double *first, const double *second, size_t count);

/* Compares two samples that have nothing to do with each other (Welch). With open values: no test. */
struct paired unpaired_compare(const double *first, size_t first_count, const double *second,
                               size_t second_count);

/* The exact two-sided sign test: P of a split at least as uneven as @above to @below, 1 for 0 to 0. */
double sign_test(size_t above, size_t below);

/* Holm's adjusted p of each of @count tests, so that all with adjusted p < level together are wrong with
 * probability < level, however they depend on each other. NaN stays NaN and is no test. */
void holm_adjust(const double *p, size_t count, double *adjusted);

/* "Student's t, paired" */
const char *paired_test_name(enum paired_test test);

#endif
