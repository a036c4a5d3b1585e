/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Choosing by VRF output: seats in a committee in proportion to stake (Gilad et al., Algorand, SOSP
 * 17, Algorithm 1), or the one with the lowest output.
 *
 * Integers only: binomial probabilities are 512-bit fixed-point fractions, truncated. While
 * sortition_seats succeeds their relative error stays below 2^-90, and all nodes round alike. */
#ifndef TIERCHAIN_SELECT_SORTITION_H
#define TIERCHAIN_SELECT_SORTITION_H

#include "base/types.h"

#define SORTITION_OUTPUT_BYTES 64

/* The number of @stake units that @output, a big-endian fraction of 2^512, selects when each of
 * @total units is selected with probability @expected / @total. The seats follow
 * Binomial(stake, expected / total). 0; ERR_INVALID unless stake <= total and expected < total;
 * ERR_LIMIT when the chance of no seat is below 2^-400 (some 277 expected seats for one owner). */
int sortition_seats(const uint8_t output[SORTITION_OUTPUT_BYTES], uint64_t stake, uint64_t total,
                    uint64_t expected, uint64_t *seats);

/* The index of the lowest of @count outputs, the first of equal ones. @count > 0. */
size_t sortition_lowest(const uint8_t outputs[][SORTITION_OUTPUT_BYTES], size_t count);

#endif
