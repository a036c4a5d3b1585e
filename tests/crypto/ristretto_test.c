/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What we rely on in libsodium's ristretto255: RFC 9496 Appendix A. */
#include <check.h>
#include <sodium.h>
#include <string.h>

#include "crypto/threshold/shamir.h"
#include "tests/lib/hex.h"
#include "tests/lib/vectors.h"

/* out = count * generator by additions, which unlike multiplication allow the identity. */
static void multiple(uint8_t out[32], uint64_t count) {
    static const uint8_t one[32] = {1};
    uint8_t generator[32];
    ck_assert_int_ge(sodium_init(), 0);
    ck_assert_int_eq(crypto_scalarmult_ristretto255_base(generator, one), 0);
    memset(out, 0, 32);
    while (count--)
        ck_assert_int_eq(crypto_core_ristretto255_add(out, out, generator), 0);
}

START_TEST(rfc_9496_multiple_two) {
    uint8_t expected[32], made[32];
    hex_decode("6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919", expected, 32);
    multiple(made, 2);
    ck_assert_mem_eq(made, expected, 32);
}
END_TEST

/* Elements are derived from the hash of a label; the last four from bytes that are no hash. */
static void check_label(const struct vectors *vectors, const uint8_t hash[64]) {
    const char *label = vectors_text(vectors, "label");
    uint8_t own[64];
    if (strncmp(label, "equal-output", 12) == 0)
        return;
    crypto_hash_sha512(own, (const uint8_t *)label, strlen(label));
    ck_assert_mem_eq(own, hash, sizeof own);
}

START_TEST(every_vector) {
    struct vectors vectors;
    size_t checked = 0;
    if (!vectors_open(&vectors, "ristretto255_rfc9496.txt"))
        return;
    for (; vectors_next(&vectors); checked++) {
        uint8_t encoding[32], made[32], hash[64];
        const char *type = vectors_text(&vectors, "type");
        vectors_bytes(&vectors, "encoding", encoding, 32);
        if (strcmp(type, "bad_encoding") == 0) {
            ck_assert_int_eq(crypto_core_ristretto255_is_valid_point(encoding), 0);
            ck_assert(!element_is_canonical(encoding));
            continue;
        }
        if (strcmp(type, "multiple") == 0) {
            multiple(made, vectors_number(&vectors, "k"));
        } else {
            vectors_bytes(&vectors, "label_hash_sha512", hash, 64);
            check_label(&vectors, hash);
            crypto_core_ristretto255_from_hash(made, hash);
        }
        ck_assert_mem_eq(made, encoding, 32);
    }
    vectors_close(&vectors, checked);
}
END_TEST

Suite *ristretto_suite(void) {
    Suite *suite = suite_create("ristretto");
    TCase *tcase = tcase_create("ristretto");
    tcase_add_test(tcase, rfc_9496_multiple_two);
    tcase_add_test(tcase, every_vector);
    suite_add_tcase(suite, tcase);
    return suite;
}
