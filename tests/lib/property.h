/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Property tests: many inputs, one check, and a counterexample that is as small as it can be made
 * (after QuickCheck, Claessen and Hughes 2000, and delta debugging, Zeller and Hildebrandt 2002).
 *
 * The cases run in a process of their own, on memory that ends at a page that must not be touched.
 * So a crash, a failed assertion and a read beyond the input count as broken, and are shrunk like
 * any other failure. Each case has a random stream of its own, from (seed, case number, name).
 *
 *     static enum verdict check(void *context, const uint8_t *bytes, size_t size) {
 *         ... VERDICT_REFUSED when the decoder says no, VERDICT_ACCEPTED when it says yes and
 *         encoding gives the same bytes again, else VERDICT_BROKEN ...
 *     }
 *     const struct sample sample = {encoded, size};
 *     struct property property = {
 *         .name = "thing", .samples = &sample, .sample_count = 1, .check = check};
 *     property_holds(&property, &result);
 *
 * Environment: TIERCHAIN_CASES multiplies the number of cases (1), TIERCHAIN_SEED is the seed (1). */
#ifndef TIERCHAIN_TESTS_LIB_PROPERTY_H
#define TIERCHAIN_TESTS_LIB_PROPERTY_H

#include "base/rng.h"
#include "base/types.h"

#define PROPERTY_CASES   100000
#define PROPERTY_ROOM    4096 /* bytes of the largest input unless a property says otherwise */
#define PROPERTY_NUMBERS 8

enum verdict {
    VERDICT_REFUSED,   /* holds: the input was rejected for its form */
    VERDICT_DISPROVED, /* holds: well-formed, but the last equation, hash or tag said no */
    VERDICT_ACCEPTED,  /* holds: the input was taken, and is as it should be */
    VERDICT_BROKEN,
};

/* A valid input, from which others are made by mutation. */
struct sample {
    const void *bytes;
    size_t size;
};

struct property {
    const char *name;
    uint64_t cases; /* 0: PROPERTY_CASES; before TIERCHAIN_CASES */
    size_t room;    /* largest input; 0: PROPERTY_ROOM; more if the samples need it */
    enum verdict (*check)(void *context, const uint8_t *bytes, size_t size);
    void *context; /* for check; what it changes is lost */

    /* Where inputs come from. With samples: every truncation, bit flip and byte of {00, 01, 7f, 80,
     * ff} of each sample if these fit into half of the cases; then mutations and splices. Without:
     * random bytes. With numbers: that many uint64_t, the nth in [0, limit[n]], which
     * property_number() reads. */
    const struct sample *samples;
    size_t sample_count;
    bool fixed_size;           /* all inputs have the size of a sample */
    bool sampled;              /* leave out the systematic edits, where they would cost too much */
    uint32_t random_per_mille; /* of random bytes beside the samples; 0: 60 */
    size_t numbers;
    uint64_t limit[PROPERTY_NUMBERS];
};

struct property_result {
    uint64_t seed;
    uint64_t cases;                        /* that ran */
    uint64_t refused, disproved, accepted; /* of them */
    bool broken;                           /* and then: */
    uint64_t number;                       /* the first broken case */
    size_t found_size;                     /* of its input, before shrinking */
    int signal;                            /* that the shrunk input raises, or 0 */
    uint8_t *bytes;                        /* the shrunk input */
    size_t size;
};

/* Runs the cases until one is broken, and shrinks that one. Free the result. */
void property_run(const struct property *property, struct property_result *result);
void property_result_deinit(struct property_result *result);

/* Runs, and fails the test with seed, case and shrunk input when a case is broken. @result (may be
 * NULL) receives the counts and needs no deinit. */
void property_holds(const struct property *property, struct property_result *result);

/* The @nth number of an input. */
uint64_t property_number(const uint8_t *bytes, size_t nth);

/* The largest input that a property makes. */
size_t property_room(const struct property *property);

/* The input of case @number in @bytes of property_room() bytes; returns its size. */
size_t property_make(const struct property *property, uint64_t seed, uint64_t number,
                     uint8_t *bytes);

/* Shrinks @bytes in place while @breaks says yes; returns the new size. Byte strings lose chunks,
 * then bytes become 0, half or one less; numbers go towards 0. */
size_t property_shrink(const struct property *property, uint8_t *bytes, size_t size,
                       bool (*breaks)(void *judge, const uint8_t *bytes, size_t size), void *judge);

#endif
