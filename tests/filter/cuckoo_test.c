/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * No false negative through a million insertions and deletions, the load that can be reached, the
 * rates of checks.md 5.7, and the encoding. */
#include "filter/cuckoo.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define SIGMAS 3.29 /* two-sided 0.1 % */

static const uint8_t key[CUCKOO_KEY_BYTES] = "cuckoo test key";

struct fixture {
    struct cuckoo cuckoo;
    struct rng rng;
    uint8_t *slots;
};

static void setup(struct fixture *fixture, unsigned fingerprint_bits, unsigned bucket_bits) {
    fixture->slots = malloc(cuckoo_size(fingerprint_bits, bucket_bits));
    rng_init(&fixture->rng, 13, fingerprint_bits, "kicks");
    ck_assert_int_eq(
        cuckoo_init(&fixture->cuckoo, fingerprint_bits, bucket_bits, key, fixture->slots), OK);
}

static int insert(struct fixture *fixture, uint64_t item) {
    return cuckoo_insert(&fixture->cuckoo, &item, sizeof item, &fixture->rng);
}

static int delete (struct fixture *fixture, uint64_t item) {
    return cuckoo_delete(&fixture->cuckoo, &item, sizeof item, &fixture->rng);
}

static bool has(const struct fixture *fixture, uint64_t item) {
    return cuckoo_has(&fixture->cuckoo, &item, sizeof item);
}

static const unsigned widths[] = {8, 12, 16};

/* A random walk of insertions and deletions around full load, so that kicks and victims abound. */
START_TEST(no_false_negative) {
    enum { BUCKET_BITS = 12, ITEMS = (4 << BUCKET_BITS) * 107 / 100 };
    const size_t operations = 350000; /* for each of the three widths */
    static bool present[ITEMS];
    struct fixture fixture;
    uint64_t count = 0, refused = 0, victims = 0;
    memset(present, 0, sizeof present);
    setup(&fixture, widths[_i], BUCKET_BITS);
    for (size_t i = 0; i < operations; i++) {
        uint64_t item = rng_below(&fixture.rng, ITEMS);
        ck_assert(!present[item] || has(&fixture, item));
        if (present[item] && rng_chance(&fixture.rng, 1, 12)) {
            ck_assert_int_eq(delete (&fixture, item), OK);
            present[item] = false;
            count--;
        } else if (!present[item]) {
            present[item] = insert(&fixture, item) == OK;
            count += present[item];
            refused += !present[item];
        }
        victims += fixture.cuckoo.victim.fingerprint != 0;
        ck_assert_uint_eq(fixture.cuckoo.count, count);
        if (i % 50000 == 0)
            for (item = 0; item < ITEMS; item++)
                ck_assert(!present[item] || has(&fixture, item));
    }
    ck_assert(refused > 0 && victims > 0); /* the filter was full at times */
    for (uint64_t item = 0; item < ITEMS; item++)
        ck_assert_int_eq(present[item] ? delete (&fixture, item) : OK, OK);
    ck_assert_uint_eq(fixture.cuckoo.count, 0);
    for (size_t i = 0; i < cuckoo_size(widths[_i], BUCKET_BITS); i++)
        ck_assert_uint_eq(fixture.slots[i], 0);
    free(fixture.slots);
}
END_TEST

START_TEST(a_load_of_95_percent_is_reached) {
    struct fixture fixture;
    setup(&fixture, widths[_i], 15);
    uint64_t capacity = UINT64_C(4) << 15, items = 0;
    while (insert(&fixture, items) == OK)
        items++;
    ck_assert_uint_ge(items * 100, capacity * 95);
    ck_assert_uint_eq(fixture.cuckoo.count, items);
    for (uint64_t item = 0; item < items; item++)
        ck_assert(has(&fixture, item)); /* also the victim */
    free(fixture.slots);
}
END_TEST

/* The rows of checks.md 5.7 hold for full buckets. */
static const struct {
    unsigned bits;
    double full_rate;
} rates[] = {{8, 0.0308}, {12, 0.00195}, {16, 0.000122}};

START_TEST(rate_of_false_positives) {
    const uint64_t trials = 1000000, items = (UINT64_C(4) << 14) * 95 / 100;
    struct fixture fixture;
    size_t found = 0;
    setup(&fixture, rates[_i].bits, 14);
    for (uint64_t item = 0; item < items; item++)
        ck_assert_int_eq(insert(&fixture, item), OK);
    for (uint64_t item = items; item < items + trials; item++)
        found += has(&fixture, item);
    /* 95 % of 8 slots are taken, each by one of 2^f - 1 fingerprints. */
    double one = 1 / (ldexp(1, (int)rates[_i].bits) - 1), seen = (double)found / (double)trials;
    double expected = 1 - pow(1 - one, 8 * 0.95);
    double deviation = sqrt(expected * (1 - expected) / (double)trials);
    ck_assert_msg(fabs(seen - expected) < SIGMAS * deviation, "%.6f, not %.6f (sigma %.6f)", seen,
                  expected, deviation);
    ck_assert_double_lt(seen, rates[_i].full_rate + SIGMAS * deviation);
    free(fixture.slots);
}
END_TEST

START_TEST(eight_copies_and_a_victim) {
    struct fixture fixture;
    setup(&fixture, 12, 10);
    for (size_t copy = 0; copy < 9; copy++)
        ck_assert_int_eq(insert(&fixture, 7), OK);
    ck_assert_uint_ne(fixture.cuckoo.victim.fingerprint, 0);
    ck_assert_int_eq(insert(&fixture, 8), ERR_LIMIT);
    for (size_t copy = 0; copy < 9; copy++) {
        ck_assert(has(&fixture, 7));
        ck_assert_int_eq(delete (&fixture, 7), OK);
    }
    ck_assert(!has(&fixture, 7));
    ck_assert_int_eq(delete (&fixture, 7), ERR_UNKNOWN);
    ck_assert_int_eq(insert(&fixture, 8), OK);
    free(fixture.slots);
}
END_TEST

/* A deletion in the victim's buckets gives it a place, and the filter takes items again. */
START_TEST(a_victim_returns_to_its_bucket) {
    struct fixture fixture;
    setup(&fixture, 16, 6);
    uint64_t items = 0, deleted = 0;
    while (insert(&fixture, items) == OK)
        items++;
    while (fixture.cuckoo.victim.fingerprint != 0 && deleted < items)
        ck_assert_int_eq(delete (&fixture, deleted++), OK);
    ck_assert_uint_lt(deleted, items / 2);
    for (uint64_t item = deleted; item < items; item++)
        ck_assert(has(&fixture, item));
    ck_assert_int_eq(insert(&fixture, items), OK);
    free(fixture.slots);
}
END_TEST

START_TEST(same_seed_same_bytes) {
    struct fixture one, two;
    setup(&one, 12, 8);
    setup(&two, 12, 8);
    for (uint64_t item = 0; item < 970; item++)
        ck_assert_int_eq(insert(&one, item), insert(&two, item));
    ck_assert_mem_eq(one.slots, two.slots, cuckoo_size(12, 8));
    free(one.slots);
    free(two.slots);
}
END_TEST

START_TEST(shapes) {
    struct cuckoo cuckoo;
    uint8_t slots[8];
    ck_assert_int_eq(cuckoo_bucket_bits(0), 0);
    ck_assert_int_eq(cuckoo_bucket_bits(3), 0);
    ck_assert_int_eq(cuckoo_bucket_bits(4), 1);
    ck_assert_int_eq(cuckoo_bucket_bits(3891), 10);
    ck_assert_int_eq(cuckoo_bucket_bits(3892), 11);
    ck_assert_int_eq(cuckoo_bucket_bits(UINT64_MAX), -1);
    ck_assert_uint_eq(cuckoo_size(8, 3), 32);
    ck_assert_uint_eq(cuckoo_size(12, 3), 48);
    ck_assert_uint_eq(cuckoo_size(16, 3), 64);
    ck_assert_int_eq(cuckoo_init(&cuckoo, 9, 0, key, slots), ERR_INVALID);
    ck_assert_int_eq(cuckoo_init(&cuckoo, 8, 25, key, slots), ERR_INVALID);
    ck_assert_int_eq(cuckoo_init(&cuckoo, 16, 0, key, slots), OK); /* one bucket works, too */
    struct fixture fixture = {.cuckoo = cuckoo};
    rng_init(&fixture.rng, 1, 1, "kicks");
    for (uint64_t item = 0; item < 5; item++)
        ck_assert_int_eq(insert(&fixture, item), OK);
    ck_assert_int_eq(insert(&fixture, 5), ERR_LIMIT);
    for (uint64_t item = 0; item < 5; item++)
        ck_assert(has(&fixture, item));
}
END_TEST

START_TEST(encoding_round_trip_and_errors) {
    uint8_t bytes[CUCKOO_HEADER_BYTES + 6 * 16], again[sizeof bytes], slots[6 * 16];
    struct fixture fixture;
    struct writer writer;
    struct reader reader;
    struct cuckoo decoded;
    setup(&fixture, 12, 4);
    uint64_t items = 0;
    while (insert(&fixture, items) == OK) /* so there is a victim */
        items++;
    writer_init(&writer, bytes, sizeof bytes);
    cuckoo_write(&writer, &fixture.cuckoo);
    ck_assert_int_eq(writer.error, OK);
    ck_assert_uint_eq(writer.at, sizeof bytes);
    for (size_t size = 0; size < sizeof bytes; size++) {
        reader_init(&reader, bytes, size);
        ck_assert_int_eq(cuckoo_read(&reader, &decoded, slots, sizeof slots), ERR_TRUNCATED);
    }
    reader_init(&reader, bytes, sizeof bytes);
    ck_assert_int_eq(cuckoo_read(&reader, &decoded, slots, sizeof slots - 1), ERR_LIMIT);
    reader_init(&reader, bytes, sizeof bytes);
    ck_assert_int_eq(cuckoo_read(&reader, &decoded, slots, sizeof slots), OK);
    ck_assert_int_eq(reader_finish(&reader), OK);
    ck_assert_uint_eq(decoded.count, items);
    for (uint64_t item = 0; item < items; item++)
        ck_assert(cuckoo_has(&decoded, &item, sizeof item));
    writer_init(&writer, again, sizeof again);
    cuckoo_write(&writer, &decoded);
    ck_assert_mem_eq(again, bytes, sizeof bytes);
    free(fixture.slots);
}
END_TEST

/* Where a byte of the header makes the encoding wrong, for f = 12 and 16 buckets. */
static const struct {
    size_t at;
    uint8_t value;
} flaws[] = {{0, 11}, {1, 25}, {18, 16} /* bucket */, {21, 1}, {23, 0x10} /* 13 bits */,
             {18, 3} /* a bucket, but no fingerprint */};

START_TEST(a_flawed_header_is_not_canonical) {
    uint8_t bytes[CUCKOO_HEADER_BYTES + 6 * 16] = {12, 4}, slots[6 * 16];
    struct reader reader;
    struct cuckoo cuckoo;
    bytes[22] = flaws[_i].value != 3; /* a fingerprint, or none for the last */
    reader_init(&reader, bytes, sizeof bytes);
    ck_assert_int_eq(cuckoo_read(&reader, &cuckoo, slots, sizeof slots), OK);
    bytes[flaws[_i].at] = flaws[_i].value;
    reader_init(&reader, bytes, sizeof bytes);
    ck_assert_int_eq(cuckoo_read(&reader, &cuckoo, slots, sizeof slots), ERR_NON_CANONICAL);
}
END_TEST

START_TEST(random_bytes_are_refused_or_canonical) {
    struct rng rng;
    size_t accepted = 0;
    rng_init(&rng, 14, 0, "cuckoo");
    for (size_t round = 0; round < 100000; round++) {
        uint8_t bytes[CUCKOO_HEADER_BYTES + 64], again[sizeof bytes], slots[64];
        size_t size = (size_t)rng_below(&rng, sizeof bytes + 1);
        struct reader reader;
        struct writer writer;
        struct cuckoo cuckoo;
        rng_fill(&rng, bytes, sizeof bytes);
        bytes[0] = (uint8_t)(8 + 4 * rng_below(&rng, 3)); /* often plausible */
        bytes[1] &= 3;
        bytes[18] &= 7;
        memset(bytes + 19, 0, 3);
        bytes[23] &= 15;
        reader_init(&reader, bytes, size);
        if (cuckoo_read(&reader, &cuckoo, slots, sizeof slots) != OK)
            continue;
        writer_init(&writer, again, sizeof again);
        cuckoo_write(&writer, &cuckoo);
        ck_assert_uint_eq(writer.at, reader.at);
        ck_assert_mem_eq(again, bytes, writer.at);
        uint64_t count = cuckoo.count;
        if (cuckoo_insert(&cuckoo, "x", 1, &rng) == OK) {
            ck_assert(cuckoo_has(&cuckoo, "x", 1));
            ck_assert_int_eq(cuckoo_delete(&cuckoo, "x", 1, &rng), OK);
        }
        ck_assert_uint_eq(cuckoo.count, count);
        accepted++;
    }
    ck_assert_uint_gt(accepted, 1000);
}
END_TEST

Suite *cuckoo_suite(void) {
    Suite *suite = suite_create("cuckoo");
    TCase *tcase = tcase_create("cuckoo");
    tcase_add_loop_test(tcase, no_false_negative, 0, ARRAY_LEN(widths));
    tcase_add_loop_test(tcase, a_load_of_95_percent_is_reached, 0, ARRAY_LEN(widths));
    tcase_add_loop_test(tcase, rate_of_false_positives, 0, ARRAY_LEN(rates));
    tcase_add_test(tcase, eight_copies_and_a_victim);
    tcase_add_test(tcase, a_victim_returns_to_its_bucket);
    tcase_add_test(tcase, same_seed_same_bytes);
    tcase_add_test(tcase, shapes);
    tcase_add_test(tcase, encoding_round_trip_and_errors);
    tcase_add_loop_test(tcase, a_flawed_header_is_not_canonical, 0, ARRAY_LEN(flaws));
    tcase_add_test(tcase, random_bytes_are_refused_or_canonical);
    suite_add_tcase(suite, tcase);
    return suite;
}
