/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/histogram.h"

#include "base/error.h"
#include "base/rng.h"
#include "sim/report/statistics.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static void expect_near(int64_t value, int64_t expected) {
    ck_assert_int_le(llabs(value - expected) * 1000, expected);
}

/* The reference data of HdrHistogram's own suite (checks.md 5.8): as recorded, and with what a
 * closed loop of 10 ms would have omitted. */
START_TEST(test_reference_figures) {
    struct histogram *raw = histogram_new(), *corrected = histogram_new();
    for (int i = 0; i <= 10000; i++) {
        int64_t value = i < 10000 ? 1000 : 100000000;
        ck_assert_int_eq(histogram_record(raw, value), OK);
        ck_assert_int_eq(histogram_record(corrected, value), OK);
        for (int64_t omitted = value - 10000; omitted >= 10000; omitted -= 10000)
            ck_assert_int_eq(histogram_record(corrected, omitted), OK);
    }
    ck_assert_int_eq(histogram_percentile(raw, 300000), 1000);
    ck_assert_int_eq(histogram_percentile(raw, 990000), 1000);
    ck_assert_int_eq(histogram_percentile(raw, 999900), 1000);
    ck_assert_int_eq(histogram_percentile(raw, 999990), 100000000);
    ck_assert_int_eq(histogram_percentile(raw, 1000000), 100000000);
    ck_assert_int_eq(histogram_percentile(corrected, 300000), 1000);
    ck_assert_int_eq(histogram_percentile(corrected, 500000), 1000);
    expect_near(histogram_percentile(corrected, 750000), 50000000);
    expect_near(histogram_percentile(corrected, 900000), 80000000);
    expect_near(histogram_percentile(corrected, 990000), 98000000);
    expect_near(histogram_percentile(corrected, 999990), 100000000);
    histogram_free(raw);
    histogram_free(corrected);
}
END_TEST

static void expect_precise(int64_t value) {
    int64_t highest = histogram_slot_highest(histogram_slot(value));
    ck_assert(highest >= value && (highest - value) * 1000 <= value);
}

START_TEST(test_relative_error) {
    for (int64_t value = 1; value <= 1000000; value++)
        if (histogram_slot_highest(histogram_slot(value)) < value ||
            (histogram_slot_highest(histogram_slot(value)) - value) * 1000 > value)
            ck_abort_msg("%ld is not within 0.1 %%", (long)value);
    for (int k = 1; k < 32; k++)
        for (int64_t value = (INT64_C(1) << k) - 1; value <= (INT64_C(1) << k) + 1; value++)
            expect_precise(value);
    ck_assert_uint_lt(histogram_slot(HISTOGRAM_HIGHEST), HISTOGRAM_SLOTS);
}
END_TEST

START_TEST(test_edges) {
    struct histogram *histogram = histogram_new();
    ck_assert_int_eq(histogram_percentile(histogram, 500000), 0);
    ck_assert_double_eq(histogram_mean(histogram), 0);
    ck_assert_int_eq(histogram_record(histogram, -1), ERR_INVALID);
    ck_assert_int_eq(histogram_record(histogram, 3001), OK);
    ck_assert_int_eq(histogram_record(histogram, HISTOGRAM_HIGHEST + 1), OK);
    ck_assert_uint_eq(histogram->total, 2);
    ck_assert_uint_eq(histogram->overflow, 1);
    ck_assert_int_eq(histogram->min, 3001);
    ck_assert_int_eq(histogram->max, 3001);
    ck_assert_int_eq(histogram_percentile(histogram, 500000), 3001);
    ck_assert_int_eq(histogram_percentile(histogram, 990000), HISTOGRAM_OVERFLOW);
    histogram_free(histogram);
}
END_TEST

/* A server that stalls 1 s in every 10 s at 100 requests/s: measured from the intended time the
 * stall shows at p99 - the closed loop sends one request in it and hides it. */
START_TEST(test_open_against_closed_loop) {
    struct histogram *open = histogram_new(), *closed = histogram_new();
    for (int64_t at = 0; at < 10000000; at += 10000)
        histogram_record(open, at < 1000000 ? 1000000 - at : 1000);
    histogram_record(closed, 1000000);
    for (int64_t at = 1000000; at < 10000000; at += 10000)
        histogram_record(closed, 1000);
    ck_assert_int_ge(histogram_percentile(open, 990000), 900000);
    ck_assert_int_le(histogram_percentile(closed, 990000), 1000);
    histogram_free(open);
    histogram_free(closed);
}
END_TEST

static size_t decode_base64(const char *text, uint8_t *out) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t size = 0, bits = 0;
    uint32_t group = 0;
    for (; *text != '\0' && *text != '='; text++) {
        group = group << 6 | (uint32_t)(strchr(digits, *text) - digits);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[size++] = (uint8_t)(group >> bits);
        }
    }
    return size;
}

/* An independent reader of the V2 format gets every count back. */
START_TEST(test_encoding_round_trip) {
    struct histogram *histogram = histogram_new(), *back = histogram_new();
    struct rng rng = {0};
    rng_init(&rng, 7, 0, "histogram_test");
    for (int i = 0; i < 5000; i++)
        histogram_record(histogram, (int64_t)rng_below(&rng, UINT64_C(1) << (10 + i % 21)));
    struct text text = {0};
    ck_assert_int_eq(histogram_encode(histogram, &text), OK);
    ck_assert_int_eq(memcmp(text.bytes, "HISTFAAA", 8), 0);
    uint8_t *packed = malloc(text.size), *plain = malloc(HISTOGRAM_SLOTS * 9 + 40);
    size_t packed_size = decode_base64(text.bytes, packed);
    uLongf size = HISTOGRAM_SLOTS * 9 + 40;
    ck_assert_int_eq(uncompress(plain, &size, packed + 8, packed_size - 8), Z_OK);
    ck_assert_mem_eq(plain, "\x1c\x84\x93\x13", 4);
    size_t slot = 0;
    for (size_t at = 40; at < size;) {
        uint64_t raw = 0;
        for (unsigned shift = 0;; shift += 7) {
            raw |= (uint64_t)(plain[at] & 0x7f) << shift;
            if ((plain[at++] & 0x80) == 0)
                break;
        }
        int64_t value = (int64_t)(raw >> 1) ^ -(int64_t)(raw & 1);
        if (value < 0)
            slot += (size_t)-value;
        else
            back->counts[slot++] = (uint64_t)value;
    }
    ck_assert_mem_eq(back->counts, histogram->counts, sizeof back->counts);
    free(packed);
    free(plain);
    text_deinit(&text);
    histogram_free(histogram);
    histogram_free(back);
}
END_TEST

Suite *histogram_suite(void) {
    Suite *suite = suite_create("histogram");
    TCase *tests = tcase_create("histogram");
    tcase_add_test(tests, test_reference_figures);
    tcase_add_test(tests, test_relative_error);
    tcase_add_test(tests, test_edges);
    tcase_add_test(tests, test_open_against_closed_loop);
    tcase_add_test(tests, test_encoding_round_trip);
    suite_add_tcase(suite, tests);
    return suite;
}
