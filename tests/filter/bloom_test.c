/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * No false negative, the rates of checks.md 5.7, union, and the encoding. */
#include "filter/bloom.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"

#define SIGMAS 3.29 /* two-sided 0.1 % */

static const uint8_t key[BLOOM_KEY_BYTES] = "a bloom test key";

struct fixture {
    struct bloom bloom;
    uint8_t *bits;
};

static void setup(struct fixture *fixture, enum bloom_layout layout, unsigned hashes,
                  uint32_t blocks) {
    fixture->bits = malloc((size_t)blocks * BLOOM_BLOCK_BYTES);
    ck_assert_int_eq(bloom_init(&fixture->bloom, layout, hashes, blocks, key, fixture->bits), OK);
}

static void add_range(struct bloom *bloom, uint64_t from, uint64_t to) {
    for (uint64_t item = from; item < to; item++)
        bloom_add(bloom, &item, sizeof item);
}

static size_t count_range(const struct bloom *bloom, uint64_t from, uint64_t to) {
    size_t found = 0;
    for (uint64_t item = from; item < to; item++)
        found += bloom_has(bloom, &item, sizeof item);
    return found;
}

/* E[(full share of a block)^k] after @throws: to the second order in the exact occupancy variance.
 */
static double full_share_power(unsigned throws, unsigned k) {
    const double m = BLOOM_BLOCK_BITS;
    double spared = pow(1 - 1 / m, throws), both_spared = pow(1 - 2 / m, throws);
    double full = 1 - spared;
    double variance = (1 - 1 / m) * both_spared + spared / m - spared * spared;
    return pow(full, k) + 0.5 * k * (k - 1) * variance * pow(full, k - 2.0);
}

/* The rate of a blocked filter and its variance from filter to filter: a block holds a Poisson
 * number of items; that all blocks together hold exactly the items removes the part of the variance
 * that follows the load. */
static double blocked_rate(unsigned bits_per_item, unsigned hashes, uint64_t blocks,
                           double *variance) {
    double mean = (double)BLOOM_BLOCK_BITS / bits_per_item, weight = exp(-mean);
    double rate = 0, square = 0, covariance = 0;
    for (unsigned load = 0; load < 400; load++) {
        double power = load > 0 ? full_share_power(load * hashes, hashes) : 0;
        rate += weight * power;
        square += weight * power * power;
        covariance += weight * power * (load - mean);
        weight *= mean / (load + 1);
    }
    *variance = (square - rate * rate - covariance * covariance / mean) / (double)blocks;
    return rate;
}

/* The three rows of checks.md 5.7; the blocked rates are what one cache line costs. */
static const struct {
    enum bloom_layout layout;
    unsigned bits_per_item, hashes;
    double rate;
} rates[] = {
    {BLOOM_CLASSIC, 8, 6, 0.02158},    {BLOOM_CLASSIC, 10, 7, 0.00819},
    {BLOOM_CLASSIC, 16, 11, 0.000459}, {BLOOM_BLOCKED, 8, 6, 0},
    {BLOOM_BLOCKED, 10, 7, 0},         {BLOOM_BLOCKED, 16, 11, 0},
};

START_TEST(rate_of_false_positives) {
    const uint64_t items = 64000, trials = 1000000;
    unsigned bits = rates[_i].bits_per_item, hashes = rates[_i].hashes;
    double expected = rates[_i].rate, variance = 0;
    if (rates[_i].layout == BLOOM_BLOCKED)
        expected = blocked_rate(bits, hashes, bloom_blocks(items, bits), &variance);
    struct fixture fixture;
    setup(&fixture, rates[_i].layout, hashes, bloom_blocks(items, bits));
    ck_assert_uint_eq(bloom_hashes(bits), hashes);
    add_range(&fixture.bloom, 0, items);
    ck_assert_uint_eq(count_range(&fixture.bloom, 0, items), items); /* no false negative */
    double seen = (double)count_range(&fixture.bloom, items, items + trials) / (double)trials;
    double deviation = sqrt(expected * (1 - expected) / (double)trials + variance);
    ck_assert_msg(fabs(seen - expected) < SIGMAS * deviation, "%.6f, not %.6f (sigma %.6f)", seen,
                  expected, deviation);
    free(fixture.bits);
}
END_TEST

START_TEST(union_is_the_filter_of_both) {
    for (int layout = 0; layout < BLOOM_LAYOUTS; layout++) {
        struct fixture left, right, both;
        setup(&left, layout, 5, 20);
        setup(&right, layout, 5, 20);
        setup(&both, layout, 5, 20);
        add_range(&left.bloom, 0, 500);
        add_range(&right.bloom, 400, 900);
        add_range(&both.bloom, 0, 900);
        ck_assert_int_eq(bloom_unite(&left.bloom, &right.bloom), OK);
        ck_assert_mem_eq(left.bits, both.bits, bloom_size(&both.bloom));

        struct bloom other = right.bloom;
        other.hashes++;
        ck_assert_int_eq(bloom_unite(&left.bloom, &other), ERR_MISMATCH);
        other = right.bloom;
        other.blocks--;
        ck_assert_int_eq(bloom_unite(&left.bloom, &other), ERR_MISMATCH);
        other = right.bloom;
        other.key[15] ^= 1;
        ck_assert_int_eq(bloom_unite(&left.bloom, &other), ERR_MISMATCH);
        other = right.bloom;
        other.layout = 1 - other.layout;
        ck_assert_int_eq(bloom_unite(&left.bloom, &other), ERR_MISMATCH);
        free(left.bits);
        free(right.bits);
        free(both.bits);
    }
}
END_TEST

START_TEST(the_key_decides_the_bits) {
    struct fixture one, two;
    setup(&one, BLOOM_BLOCKED, 4, 8);
    setup(&two, BLOOM_BLOCKED, 4, 8);
    two.bloom.key[0] ^= 1;
    add_range(&one.bloom, 0, 50);
    add_range(&two.bloom, 0, 50);
    ck_assert_mem_ne(one.bits, two.bits, bloom_size(&one.bloom));
    free(one.bits);
    free(two.bits);
}
END_TEST

START_TEST(a_blocked_item_touches_one_block) {
    struct fixture fixture;
    for (uint64_t item = 0; item < 1000; item++) {
        size_t touched = 0;
        setup(&fixture, BLOOM_BLOCKED, 16, 9);
        add_range(&fixture.bloom, item, item + 1);
        for (size_t block = 0; block < 9; block++) {
            uint8_t any = 0;
            for (size_t i = 0; i < BLOOM_BLOCK_BYTES; i++)
                any |= fixture.bits[block * BLOOM_BLOCK_BYTES + i];
            touched += any != 0;
        }
        ck_assert_uint_eq(touched, 1);
        free(fixture.bits);
    }
}
END_TEST

START_TEST(shapes) {
    uint8_t bits[BLOOM_BLOCK_BYTES];
    struct bloom bloom;
    ck_assert_uint_eq(bloom_blocks(0, 8), 1);
    ck_assert_uint_eq(bloom_blocks(64, 8), 1);
    ck_assert_uint_eq(bloom_blocks(65, 8), 2);
    ck_assert_uint_eq(bloom_blocks(UINT64_MAX, UINT32_MAX), 0);
    ck_assert_uint_eq(bloom_hashes(0), 1);
    ck_assert_uint_eq(bloom_hashes(1000), BLOOM_HASHES_MAX);
    ck_assert_int_eq(bloom_init(&bloom, BLOOM_CLASSIC, 0, 1, key, bits), ERR_INVALID);
    ck_assert_int_eq(bloom_init(&bloom, BLOOM_CLASSIC, 33, 1, key, bits), ERR_INVALID);
    ck_assert_int_eq(bloom_init(&bloom, BLOOM_CLASSIC, 3, 0, key, bits), ERR_INVALID);
    ck_assert_int_eq(bloom_init(&bloom, BLOOM_LAYOUTS, 3, 1, key, bits), ERR_INVALID);
}
END_TEST

START_TEST(encoding_round_trip_and_errors) {
    uint8_t bytes[BLOOM_HEADER_BYTES + 3 * BLOOM_BLOCK_BYTES], bits[3 * BLOOM_BLOCK_BYTES];
    struct fixture fixture;
    struct bloom decoded;
    struct writer writer;
    struct reader reader;
    setup(&fixture, BLOOM_BLOCKED, 7, 3);
    add_range(&fixture.bloom, 0, 100);
    writer_init(&writer, bytes, sizeof bytes);
    bloom_write(&writer, &fixture.bloom);
    ck_assert_int_eq(writer.error, OK);
    ck_assert_uint_eq(writer.at, sizeof bytes);
    reader_init(&reader, bytes, sizeof bytes);
    ck_assert_int_eq(bloom_read(&reader, &decoded, bits, sizeof bits), OK);
    ck_assert_int_eq(reader_finish(&reader), OK);
    ck_assert_uint_eq(count_range(&decoded, 0, 100), 100);
    ck_assert_mem_eq(bits, fixture.bits, sizeof bits);
    for (size_t size = 0; size < sizeof bytes; size++) {
        reader_init(&reader, bytes, size);
        ck_assert_int_eq(bloom_read(&reader, &decoded, bits, sizeof bits), ERR_TRUNCATED);
    }
    reader_init(&reader, bytes, sizeof bytes);
    ck_assert_int_eq(bloom_read(&reader, &decoded, bits, sizeof bits - 1), ERR_LIMIT);
    bytes[0] = BLOOM_LAYOUTS;
    reader_init(&reader, bytes, sizeof bytes);
    ck_assert_int_eq(bloom_read(&reader, &decoded, bits, sizeof bits), ERR_NON_CANONICAL);
    free(fixture.bits);
}
END_TEST

START_TEST(random_bytes_are_refused_or_canonical) {
    struct rng rng;
    size_t accepted = 0;
    rng_init(&rng, 9, 0, "bloom");
    for (size_t round = 0; round < 100000; round++) {
        uint8_t bytes[2 * BLOOM_BLOCK_BYTES + 40], again[sizeof bytes], bits[2 * BLOOM_BLOCK_BYTES];
        size_t size = (size_t)rng_below(&rng, sizeof bytes + 1);
        struct bloom bloom;
        struct reader reader;
        struct writer writer;
        rng_fill(&rng, bytes, size);
        for (size_t i = 0; i < size_min(size, 6); i++)
            bytes[i] &= i < 1 ? 3 : i < 2 ? 63 : i < 3 ? 3 : 0; /* often plausible */
        reader_init(&reader, bytes, size);
        if (bloom_read(&reader, &bloom, bits, sizeof bits) != OK)
            continue;
        writer_init(&writer, again, sizeof again);
        bloom_write(&writer, &bloom);
        ck_assert_uint_eq(writer.at, reader.at);
        ck_assert_mem_eq(again, bytes, writer.at);
        bloom_add(&bloom, "x", 1);
        ck_assert(bloom_has(&bloom, "x", 1));
        accepted++;
    }
    ck_assert_uint_gt(accepted, 1000);
}
END_TEST

Suite *bloom_suite(void) {
    Suite *suite = suite_create("bloom");
    TCase *tcase = tcase_create("bloom");
    tcase_add_loop_test(tcase, rate_of_false_positives, 0, ARRAY_LEN(rates));
    tcase_add_test(tcase, union_is_the_filter_of_both);
    tcase_add_test(tcase, the_key_decides_the_bits);
    tcase_add_test(tcase, a_blocked_item_touches_one_block);
    tcase_add_test(tcase, shapes);
    tcase_add_test(tcase, encoding_round_trip_and_errors);
    tcase_add_test(tcase, random_bytes_are_refused_or_canonical);
    suite_add_tcase(suite, tcase);
    return suite;
}
