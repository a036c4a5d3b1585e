/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every subset of pieces, every record of vectors/reed_solomon_isal_generated.txt, and how often a
 * message survives (checks.md 5.7). */
#include "coding/erasure.h"

#include <check.h>
#include <isa-l/erasure_code.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"
#include "tests/lib/hex.h"
#include "tests/lib/vectors.h"

#define SIGMAS 3.29 /* two-sided 0.1 % */

/* A code with one coded random message. */
struct fixture {
    struct erasure_code code;
    size_t size, piece_size;
    uint8_t *pieces; /* n, coded */
    uint8_t *out;    /* k */
};

static void setup(struct fixture *fixture, unsigned k, unsigned n, size_t size, size_t decoders) {
    struct rng rng;
    rng_init(&rng, n, k, "message");
    ck_assert_int_eq(erasure_code_init(&fixture->code, k, n, decoders), OK);
    fixture->size = size;
    fixture->piece_size = erasure_piece_size(k, size);
    fixture->pieces = malloc(n * fixture->piece_size + 1);
    fixture->out = malloc(k * fixture->piece_size + 1);
    rng_fill(&rng, fixture->pieces, n * fixture->piece_size);
    ck_assert_int_eq(erasure_encode(&fixture->code, fixture->pieces, size), OK);
}

static void teardown(struct fixture *fixture) {
    erasure_code_deinit(&fixture->code);
    free(fixture->pieces);
    free(fixture->out);
}

/* Decodes from the pieces listed and compares with the message. */
static void check_decode(struct fixture *fixture, const unsigned *indexes, size_t count) {
    struct erasure_piece pieces[LIMIT_PIECES];
    for (size_t i = 0; i < count; i++)
        pieces[i] =
            (struct erasure_piece){indexes[i], fixture->pieces + indexes[i] * fixture->piece_size};
    memset(fixture->out, 0xee, fixture->code.k * fixture->piece_size);
    ck_assert_int_eq(
        erasure_decode(&fixture->code, pieces, count, fixture->piece_size, fixture->out), OK);
    ck_assert_mem_eq(fixture->out, fixture->pieces, fixture->code.k * fixture->piece_size);
}

/* Moves to the next k of n indexes in lexicographic order; false after the last. */
static bool next_subset(unsigned *indexes, unsigned k, unsigned n) {
    for (unsigned i = k; i-- > 0;) {
        if (indexes[i] < n - k + i) {
            for (unsigned value = indexes[i] + 1; i < k; i++)
                indexes[i] = value++;
            return true;
        }
    }
    return false;
}

enum { SMALL_CODES = 14 };

static unsigned choose(unsigned n, unsigned k) {
    unsigned count = 1;
    for (unsigned i = 1; i <= k; i++)
        count = count * (n - k + i) / i;
    return count;
}

/* All subsets of k pieces, for every k of every n up to SMALL_CODES. */
START_TEST(any_k_of_n) {
    const unsigned n = (unsigned)_i;
    for (unsigned k = 1; k <= n; k++) {
        unsigned subsets = 0, indexes[LIMIT_PIECES];
        struct fixture fixture;
        setup(&fixture, k, n, 37 * k - k / 2, 4);
        for (unsigned i = 0; i < k; i++)
            indexes[i] = i;
        do {
            check_decode(&fixture, indexes, k);
            subsets++;
        } while (next_subset(indexes, k, n));
        ck_assert_uint_eq(subsets, choose(n, k));
        teardown(&fixture);
    }
}
END_TEST

static const struct {
    unsigned k, n;
} large_codes[] = {{1, 255}, {22, 64}, {67, 200}, {85, 255}, {127, 255}, {254, 255}, {255, 255}};

START_TEST(random_subsets_of_large_codes) {
    unsigned k = large_codes[_i].k, n = large_codes[_i].n, indexes[LIMIT_PIECES];
    struct fixture fixture;
    struct rng rng;
    rng_init(&rng, 5, 0, "subsets");
    setup(&fixture, k, n, 70 * k - 1, 2);
    for (unsigned i = 0; i < n; i++)
        indexes[i] = i;
    for (size_t round = 0; round < 10; round++) {
        rng_shuffle(&rng, indexes, n, sizeof indexes[0]);
        check_decode(&fixture, indexes, k + (size_t)rng_below(&rng, n - k + 1));
    }
    teardown(&fixture);
}
END_TEST

START_TEST(any_message_size) {
    for (size_t size = 0; size < 200; size++) {
        struct fixture fixture;
        setup(&fixture, 5, 9, size, 1);
        ck_assert_uint_eq(fixture.piece_size, (size + 4) / 5);
        for (size_t i = size; i < 5 * fixture.piece_size; i++)
            ck_assert_uint_eq(fixture.pieces[i], 0);
        check_decode(&fixture, (const unsigned[]){8, 0, 6, 3, 7}, 5);
        teardown(&fixture);
    }
}
END_TEST

START_TEST(pieces_in_place_are_rebuilt_around) {
    struct fixture fixture;
    struct erasure_piece pieces[4];
    setup(&fixture, 4, 6, 4000, 1);
    memcpy(fixture.out, fixture.pieces, 4000);
    memset(fixture.out + 1000, 0, 1000); /* piece 1 is lost, parity 5 arrived */
    for (unsigned i = 0; i < 4; i++)
        pieces[i] = (struct erasure_piece){i, fixture.out + 1000 * i};
    pieces[1] = (struct erasure_piece){5, fixture.pieces + 5000};
    ck_assert_int_eq(erasure_decode(&fixture.code, pieces, 4, 1000, fixture.out), OK);
    ck_assert_mem_eq(fixture.out, fixture.pieces, 4000);
    teardown(&fixture);
}
END_TEST

START_TEST(the_least_recently_used_decoder_goes) {
    static const struct {
        unsigned lost;
        uint64_t computed;
    } steps[] = {{0, 1}, {1, 2}, {0, 2}, {2, 3} /* drops 1 */, {0, 3}, {1, 4} /* drops 2 */,
                 {0, 4}, {2, 5}, {4, 5} /* needs none */};
    struct fixture fixture;
    setup(&fixture, 4, 6, 64, 2);
    for (size_t step = 0; step < ARRAY_LEN(steps); step++) {
        unsigned indexes[4], count = 0;
        for (unsigned i = 0; count < 4; i++)
            if (i != steps[step].lost)
                indexes[count++] = i;
        check_decode(&fixture, indexes, 4);
        ck_assert_uint_eq(fixture.code.computed, steps[step].computed);
    }
    ck_assert_uint_eq(fixture.code.decodes, ARRAY_LEN(steps) - 1);
    teardown(&fixture);
}
END_TEST

START_TEST(bad_arguments) {
    struct fixture fixture;
    struct erasure_code code;
    struct erasure_piece pieces[] = {{0, NULL}, {1, NULL}, {1, NULL}, {4, NULL}};
    ck_assert_int_eq(erasure_code_init(&code, 0, 4, 1), ERR_INVALID);
    ck_assert_int_eq(erasure_code_init(&code, 5, 4, 1), ERR_INVALID);
    ck_assert_int_eq(erasure_code_init(&code, 4, 256, 1), ERR_INVALID);
    ck_assert_int_eq(erasure_code_init(&code, 2, 4, 0), ERR_INVALID);
    erasure_code_deinit(&code);
    setup(&fixture, 2, 4, 10, 1);
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++)
        pieces[i].bytes = fixture.pieces;
    ck_assert_int_eq(erasure_decode(&fixture.code, pieces, 1, 5, fixture.out), ERR_NOT_ENOUGH);
    ck_assert_int_eq(erasure_decode(&fixture.code, pieces, 3, 5, fixture.out), ERR_DUPLICATE);
    ck_assert_int_eq(erasure_decode(&fixture.code, pieces, 3, 0, fixture.out), ERR_DUPLICATE);
    ck_assert_int_eq(erasure_decode(&fixture.code, pieces + 2, 2, 5, fixture.out), ERR_INVALID);
    ck_assert_int_eq(erasure_decode(&fixture.code, pieces, 2, (size_t)1 << 31, NULL), ERR_LIMIT);
    ck_assert_int_eq(erasure_encode(&fixture.code, NULL, (size_t)1 << 32), ERR_LIMIT);
    teardown(&fixture);
}
END_TEST

START_TEST(random_pieces_never_crash) {
    struct rng rng;
    struct fixture fixture;
    uint8_t out[3 * 16];
    rng_init(&rng, 6, 0, "pieces");
    setup(&fixture, 3, 7, 48, 3);
    for (size_t round = 0; round < 100000; round++) {
        struct erasure_piece pieces[6];
        unsigned seen = 0;
        bool invalid = false, twice = false;
        size_t count = (size_t)rng_below(&rng, ARRAY_LEN(pieces) + 1);
        for (size_t i = 0; i < count; i++) {
            unsigned index = (unsigned)rng_below(&rng, 8);
            pieces[i] = (struct erasure_piece){index, fixture.pieces + 16 * (index % 7)};
            invalid = invalid || index == 7;
            twice = twice || (seen >> index & 1);
            seen |= 1u << index;
        }
        int result = erasure_decode(&fixture.code, pieces, count, 16, out);
        bool good = !invalid && !twice && count >= 3;
        ck_assert_int_eq(result == OK, good);
        if (good)
            ck_assert_mem_eq(out, fixture.pieces, sizeof out);
    }
    teardown(&fixture);
}
END_TEST

/* Counts the trials in which enough pieces are there; every 64th decodes a real message. */
static double survival(struct fixture *fixture, struct rng *rng, unsigned percent, size_t trials) {
    size_t survived = 0;
    for (size_t trial = 0; trial < trials; trial++) {
        struct erasure_piece pieces[LIMIT_PIECES];
        size_t count = 0, piece_size = trial % 64 == 0 ? fixture->piece_size : 0;
        for (unsigned i = 0; i < fixture->code.n; i++)
            if (rng_chance(rng, percent, 100))
                pieces[count++] =
                    (struct erasure_piece){i, fixture->pieces + i * fixture->piece_size};
        int result = erasure_decode(&fixture->code, pieces, count, piece_size, fixture->out);
        ck_assert_int_eq(result, count >= fixture->code.k ? OK : ERR_NOT_ENOUGH);
        if (result == OK)
            ck_assert_mem_eq(fixture->out, fixture->pieces, fixture->code.k * piece_size);
        survived += result == OK;
    }
    return (double)survived / (double)trials;
}

static const struct {
    unsigned n, k, percent;
    double p;
} survivals[] = {{4, 2, 90, 0.9963},      {6, 4, 90, 0.98415},     {14, 10, 95, 0.9995726},
                 {10, 4, 70, 0.9894079},  {31, 11, 60, 0.9983446}, {100, 34, 50, 0.9995631},
                 {100, 34, 40, 0.9087464}};

START_TEST(survival_as_the_binomial_says) {
    const size_t trials = 40000;
    double p = survivals[_i].p;
    struct fixture fixture;
    struct rng rng;
    rng_init(&rng, 7, (uint64_t)_i, "survival");
    setup(&fixture, survivals[_i].k, survivals[_i].n, 16 * survivals[_i].k, 4);
    double seen = survival(&fixture, &rng, survivals[_i].percent, trials);
    ck_assert_double_lt(fabs(seen - p), SIGMAS * sqrt(p * (1 - p) / (double)trials));
    teardown(&fixture);
}
END_TEST

/* Of n shares, b are bad; m are fetched, k good ones are needed. */
static const struct {
    unsigned n, b, m, k;
    double p;
} fetches[] = {{10, 3, 6, 4, 0.833333}, {31, 10, 15, 11, 0.398336}, {100, 33, 50, 34, 0.500000}};

START_TEST(fetches_as_the_hypergeometric_says) {
    const size_t trials = 40000;
    unsigned n = fetches[_i].n, shares[LIMIT_PIECES];
    double p = fetches[_i].p;
    size_t enough = 0;
    struct fixture fixture;
    struct rng rng;
    rng_init(&rng, 8, (uint64_t)_i, "fetch");
    setup(&fixture, fetches[_i].k, n, 8 * fetches[_i].k, 4);
    for (unsigned i = 0; i < n; i++)
        shares[i] = i;
    for (size_t trial = 0; trial < trials; trial++) {
        struct erasure_piece pieces[LIMIT_PIECES];
        size_t good = 0;
        rng_shuffle(&rng, shares, n, sizeof shares[0]);
        for (unsigned i = 0; i < fetches[_i].m; i++)
            if (shares[i] >= fetches[_i].b) /* a bad one is told by its Merkle branch */
                pieces[good++] = (struct erasure_piece){shares[i], fixture.pieces};
        enough += erasure_decode(&fixture.code, pieces, good, 0, fixture.out) == OK;
    }
    double seen = (double)enough / (double)trials;
    ck_assert_double_lt(fabs(seen - p), SIGMAS * sqrt(p * (1 - p) / (double)trials));
    teardown(&fixture);
}
END_TEST

/* The first record of the vector file, k = 2 of 3. */
START_TEST(small_vector) {
    struct erasure_code code;
    uint8_t pieces[48], expected[16], rows[2];
    struct erasure_set survivors = {{0x6}};
    ck_assert_int_eq(erasure_code_init(&code, 2, 3, 1), OK);
    hex_decode("0726456483a2c1e0ff1e3d5c7b9ab9d81837567594b3d2f1102f4e6d8cabcae9", pieces, 32);
    hex_decode("85f59eea48cba0d40ae1aafe3cdf94c0", expected, 16);
    ck_assert_int_eq(erasure_encode(&code, pieces, 32), OK);
    ck_assert_mem_eq(pieces + 32, expected, 16);
    ck_assert_uint_eq(erasure_decode_rows(&code, &survivors, rows), 1);
    ck_assert_mem_eq(rows, "\xf5\x02", 2);
    erasure_code_deinit(&code);
}
END_TEST

/* One record of the vector file. */
struct record {
    unsigned k, n, erased_count;
    size_t length;
    unsigned erased[16], survivors[16];
    uint8_t matrix[256], decode[256], pieces[16 * 64];
};

static unsigned parse_indexes(const struct vectors *vectors, const char *key, unsigned *out) {
    char *at = (char *)vectors_text(vectors, key);
    unsigned count = 0;
    do {
        ck_assert_uint_lt(count, 16);
        out[count++] = (unsigned)strtoul(at, &at, 10);
    } while (*at++ == ',');
    ck_assert_int_eq(at[-1], '\0');
    return count;
}

static void read_record(const struct vectors *vectors, struct record *record) {
    record->k = (unsigned)vectors_number(vectors, "k");
    record->n = (unsigned)vectors_number(vectors, "m");
    record->length = vectors_number(vectors, "len");
    ck_assert(record->n <= 14 && record->k <= 10 && record->length <= 64);
    vectors_bytes(vectors, "matrix", record->matrix, record->n * record->k);
    for (unsigned i = 0; i < record->n; i++) {
        char key[16];
        snprintf(key, sizeof key, "%c%u", i < record->k ? 'd' : 'p',
                 i < record->k ? i : i - record->k);
        vectors_bytes(vectors, key, record->pieces + i * record->length, record->length);
    }
    record->erased_count = parse_indexes(vectors, "erased", record->erased);
    ck_assert_uint_eq(parse_indexes(vectors, "survivors", record->survivors), record->k);
    vectors_bytes(vectors, "decode_matrix", record->decode, record->erased_count * record->k);
}

/* The parity and the rebuilt pieces by ISA-L alone, whatever the matrix. */
static void check_isal(const struct record *record, uint8_t *matrix) {
    uint8_t square[256], inverse[256], tables[32 * 256], made[16 * 64];
    uint8_t *sources[16], *targets[16];
    unsigned k = record->k;
    ck_assert_mem_eq(matrix, record->matrix, record->n * k);
    for (unsigned i = 0; i < k; i++)
        sources[i] = (uint8_t *)record->pieces + i * record->length;
    for (unsigned i = 0; i < 16; i++)
        targets[i] = made + i * record->length;
    ec_init_tables((int)k, (int)(record->n - k), matrix + k * k, tables);
    ec_encode_data((int)record->length, (int)k, (int)(record->n - k), tables, sources, targets);
    ck_assert_mem_eq(made, record->pieces + k * record->length, (record->n - k) * record->length);

    for (unsigned i = 0; i < k; i++)
        memcpy(square + i * k, matrix + record->survivors[i] * k, k);
    ck_assert_int_eq(gf_invert_matrix(square, inverse, (int)k), 0);
    for (unsigned row = 0; row < record->erased_count; row++) {
        for (unsigned column = 0; column < k; column++) {
            uint8_t sum = 0;
            for (unsigned i = 0; i < k; i++)
                sum ^= gf_mul(matrix[record->erased[row] * k + i], inverse[i * k + column]);
            ck_assert_uint_eq(sum, record->decode[row * k + column]);
        }
    }
}

/* The same through our code: the rows of the lost data pieces come first in the record. */
static void check_ours(const struct record *record) {
    struct fixture fixture = {.size = record->k * record->length, .piece_size = record->length};
    struct erasure_set survivors = {{0}};
    uint8_t rows[256], pieces[16 * 64] = {0}, out[16 * 64];
    ck_assert_int_eq(erasure_code_init(&fixture.code, record->k, record->n, 1), OK);
    ck_assert_mem_eq(fixture.code.matrix, record->matrix, record->n * record->k);
    memcpy(pieces, record->pieces, fixture.size);
    ck_assert_int_eq(erasure_encode(&fixture.code, pieces, fixture.size), OK);
    ck_assert_mem_eq(pieces, record->pieces, record->n * record->length);
    for (unsigned i = 0; i < record->k; i++)
        erasure_set_add(&survivors, record->survivors[i]);
    size_t count = erasure_decode_rows(&fixture.code, &survivors, rows);
    ck_assert_uint_ge(count, 1);
    for (unsigned i = 0; i < record->erased_count; i++)
        ck_assert_int_eq(record->erased[i] < record->k, i < count);
    ck_assert_mem_eq(rows, record->decode, count * record->k);
    fixture.pieces = pieces;
    fixture.out = out;
    check_decode(&fixture, record->survivors, record->k);
    erasure_code_deinit(&fixture.code);
}

START_TEST(vector_file) {
    struct vectors vectors;
    struct record record;
    uint8_t matrix[256];
    size_t checked = 0;
    if (!vectors_open(&vectors, "reed_solomon_isal_generated.txt"))
        return;
    for (; vectors_next(&vectors); checked++) {
        bool cauchy = strcmp(vectors_text(&vectors, "kind"), "cauchy1") == 0;
        read_record(&vectors, &record);
        if (cauchy) {
            gf_gen_cauchy1_matrix(matrix, (int)record.n, (int)record.k);
            check_ours(&record);
        } else {
            ck_assert_str_eq(vectors_text(&vectors, "kind"), "vandermonde");
            gf_gen_rs_matrix(matrix, (int)record.n, (int)record.k);
        }
        check_isal(&record, matrix);
    }
    vectors_close(&vectors, checked);
}
END_TEST

Suite *erasure_suite(void) {
    Suite *suite = suite_create("erasure");
    TCase *tcase = tcase_create("erasure");
    tcase_add_loop_test(tcase, any_k_of_n, 1, SMALL_CODES + 1);
    tcase_add_loop_test(tcase, random_subsets_of_large_codes, 0, ARRAY_LEN(large_codes));
    tcase_add_test(tcase, any_message_size);
    tcase_add_test(tcase, pieces_in_place_are_rebuilt_around);
    tcase_add_test(tcase, the_least_recently_used_decoder_goes);
    tcase_add_test(tcase, bad_arguments);
    tcase_add_test(tcase, random_pieces_never_crash);
    tcase_add_loop_test(tcase, survival_as_the_binomial_says, 0, ARRAY_LEN(survivals));
    tcase_add_loop_test(tcase, fetches_as_the_hypergeometric_says, 0, ARRAY_LEN(fetches));
    tcase_add_test(tcase, small_vector);
    tcase_add_test(tcase, vector_file);
    suite_add_tcase(suite, tcase);
    return suite;
}
