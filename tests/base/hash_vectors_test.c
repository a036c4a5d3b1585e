/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every record of vectors/hashes_murmur3_xxhash_siphash.txt. SipHash-2-4 is what our filters and
 * rendezvous hashing stand on; the others are here to know that the oracles are sound. */
#include <check.h>
#include <murmurhash.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/types.h"
#include "tests/lib/vectors.h"

#define OUTPUT_MAX 16

struct input {
    const uint8_t *bytes;
    size_t size;
    uint64_t seed;
    const uint8_t *key; /* SipHash only */
};

static void big_endian(uint64_t value, size_t size, uint8_t *out) {
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(value >> (8 * (size - 1 - i)));
}

static void little_endian(uint64_t value, uint8_t *out) {
    for (size_t i = 0; i < 8; i++)
        out[i] = (uint8_t)(value >> (8 * i));
}

static void murmur3_x86_32(const struct input *input, uint8_t *out) {
    uint32_t hash;
    lmmh_x86_32(input->bytes, (unsigned)input->size, (uint32_t)input->seed, &hash);
    big_endian(hash, 4, out);
}

static void murmur3_x64_128(const struct input *input, uint8_t *out) {
    uint64_t hash[2];
    lmmh_x64_128(input->bytes, (unsigned)input->size, (uint32_t)input->seed, hash);
    little_endian(hash[0], out);
    little_endian(hash[1], out + 8);
}

static void xxh32(const struct input *input, uint8_t *out) {
    big_endian(XXH32(input->bytes, input->size, (uint32_t)input->seed), 4, out);
}

static void xxh64(const struct input *input, uint8_t *out) {
    big_endian(XXH64(input->bytes, input->size, input->seed), 8, out);
}

static void xxh3_64(const struct input *input, uint8_t *out) {
    big_endian(XXH3_64bits_withSeed(input->bytes, input->size, input->seed), 8, out);
}

static void xxh3_128(const struct input *input, uint8_t *out) {
    XXH128_hash_t hash = XXH3_128bits_withSeed(input->bytes, input->size, input->seed);
    big_endian(hash.high64, 8, out);
    big_endian(hash.low64, 8, out + 8);
}

static void siphash24_64(const struct input *input, uint8_t *out) {
    crypto_shorthash(out, input->bytes, input->size, input->key);
}

static void siphash24_128(const struct input *input, uint8_t *out) {
    crypto_shorthash_siphashx24(out, input->bytes, input->size, input->key);
}

static const struct algorithm {
    const char *name;
    size_t output_size;
    bool keyed;
    void (*hash)(const struct input *input, uint8_t *out);
} algorithms[] = {
    {"murmur3_x86_32", 4, false, murmur3_x86_32},
    {"murmur3_x64_128", 16, false, murmur3_x64_128},
    {"xxh32", 4, false, xxh32},
    {"xxh64", 8, false, xxh64},
    {"xxh3_64", 8, false, xxh3_64},
    {"xxh3_128", 16, false, xxh3_128},
    {"siphash24_64", 8, true, siphash24_64},
    {"siphash24_128", 16, true, siphash24_128},
};

/* The paper's SipHash-2-4 of 00 01 … 0e under the key 00 01 … 0f (Aumasson, Bernstein 2012). */
START_TEST(siphash_of_the_paper) {
    uint8_t key[16], out[8];
    for (uint8_t i = 0; i < 16; i++)
        key[i] = i;
    struct input input = {.bytes = key, .size = 15, .key = key};
    siphash24_64(&input, out);
    ck_assert_mem_eq(out, "\xe5\x45\xbe\x49\x61\xca\x29\xa1", 8);
}
END_TEST

static const struct algorithm *find_algorithm(const char *name) {
    for (size_t i = 0; i < ARRAY_LEN(algorithms); i++)
        if (strcmp(algorithms[i].name, name) == 0)
            return &algorithms[i];
    ck_abort_msg("unknown algorithm %s", name);
}

static void check_record(const struct vectors *vectors, const struct algorithm *algorithm) {
    uint8_t expected[OUTPUT_MAX], out[OUTPUT_MAX], key[16];
    struct input input = {.key = key};
    uint8_t *bytes = vectors_bytes_new(vectors, "input", &input.size);
    input.bytes = bytes;
    if (algorithm->keyed)
        vectors_bytes(vectors, "key", key, sizeof key);
    else
        input.seed = vectors_number(vectors, "seed");
    vectors_bytes(vectors, "out", expected, algorithm->output_size);
    algorithm->hash(&input, out);
    ck_assert_msg(memcmp(out, expected, algorithm->output_size) == 0, "record %zu, %s",
                  vectors->record, algorithm->name);
    free(bytes);
}

START_TEST(vector_file) {
    struct vectors vectors;
    size_t checked = 0, of_each[ARRAY_LEN(algorithms)] = {0};
    if (!vectors_open(&vectors, "hashes_murmur3_xxhash_siphash.txt"))
        return;
    for (; vectors_next(&vectors); checked++) {
        const struct algorithm *algorithm = find_algorithm(vectors_text(&vectors, "algo"));
        check_record(&vectors, algorithm);
        of_each[algorithm - algorithms]++;
    }
    for (size_t i = 0; i < ARRAY_LEN(algorithms); i++)
        ck_assert_msg(of_each[i] > 0, "no record of %s", algorithms[i].name);
    vectors_close(&vectors, checked);
}
END_TEST

Suite *hash_vectors_suite(void) {
    Suite *suite = suite_create("hash_vectors");
    TCase *tcase = tcase_create("hash_vectors");
    tcase_add_test(tcase, siphash_of_the_paper);
    tcase_add_test(tcase, vector_file);
    suite_add_tcase(suite, tcase);
    return suite;
}
