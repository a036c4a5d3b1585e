/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * There are no published figures for TDH2: the properties that the paper proves are the test. */
#include "crypto/threshold/tdh2.h"

#include <check.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"

enum { HOLDERS = 6, THRESHOLD = 3, SIZE = sizeof "transfer 7 to Ada" };

static const char MESSAGE[SIZE] = "transfer 7 to Ada";
static const char LABEL[] = "epoch 4";

struct scene {
    struct rng rng;
    uint8_t commitments[THRESHOLD][ELEMENT_BYTES]; /* the first is the group's public key */
    struct shamir_share keys[HOLDERS];
    uint8_t public_shares[HOLDERS][ELEMENT_BYTES];
    uint8_t bytes[SIZE + TDH2_OVERHEAD_BYTES];
    struct tdh2_ciphertext ciphertext;
    struct dh_share shares[HOLDERS];
};

static void encrypt(struct scene *scene, const uint8_t public_key[ELEMENT_BYTES]) {
    struct tdh2_randomness randomness;
    rng_fill(&scene->rng, &randomness, sizeof randomness);
    ck_assert_int_eq(
        tdh2_encrypt(scene->bytes, public_key, LABEL, sizeof LABEL, MESSAGE, SIZE, &randomness),
        OK);
}

static int check(struct scene *scene, size_t size) {
    return tdh2_check(&scene->ciphertext, scene->bytes, size, LABEL, sizeof LABEL);
}

static void share_all(struct scene *scene) {
    ck_assert_int_eq(check(scene, sizeof scene->bytes), OK);
    for (size_t i = 0; i < HOLDERS; i++) {
        uint8_t nonce[NONCE_BYTES];
        rng_fill(&scene->rng, nonce, sizeof nonce);
        ck_assert_int_eq(
            tdh2_share_make(&scene->shares[i], &scene->ciphertext, &scene->keys[i], nonce), OK);
        ck_assert_int_eq(
            tdh2_share_verify(&scene->shares[i], &scene->ciphertext, scene->public_shares[i]), OK);
    }
}

static void scene_init(struct scene *scene) {
    uint8_t coefficients[THRESHOLD][SCALAR_BYTES];
    ck_assert_int_ge(sodium_init(), 0);
    rng_init(&scene->rng, 1, 0, "tdh2 test");
    for (size_t i = 0; i < THRESHOLD; i++) {
        uint8_t wide[64];
        rng_fill(&scene->rng, wide, sizeof wide);
        crypto_core_ristretto255_scalar_reduce(coefficients[i], wide);
    }
    ck_assert_int_eq(feldman_commit(scene->commitments, coefficients, THRESHOLD), OK);
    for (uint32_t i = 0; i < HOLDERS; i++) {
        ck_assert_int_eq(shamir_share_of(&scene->keys[i], i + 1, coefficients, THRESHOLD), OK);
        ck_assert_int_eq(
            feldman_public_share(scene->public_shares[i], i + 1, scene->commitments, THRESHOLD),
            OK);
    }
    encrypt(scene, scene->commitments[0]);
}

START_TEST(any_threshold_opens_and_fewer_do_not) {
    struct scene scene;
    scene_init(&scene);
    share_all(&scene);
    ck_assert_uint_eq(scene.ciphertext.message_size, SIZE);
    for (unsigned set = 0; set < 1 << HOLDERS; set++) {
        struct dh_share some[HOLDERS];
        char message[SIZE] = {0};
        size_t count = 0;
        for (size_t i = HOLDERS; i-- > 0;) /* the order does not matter */
            if (set >> i & 1)
                some[count++] = scene.shares[i];
        int error = tdh2_combine((uint8_t *)message, &scene.ciphertext, some, count, THRESHOLD);
        ck_assert_int_eq(error, count < THRESHOLD ? ERR_NOT_ENOUGH : OK);
        if (error == OK)
            ck_assert_mem_eq(message, MESSAGE, SIZE);
        /* Whoever pretends that fewer suffice gets the wrong key. */
        if (count > 0 && count < THRESHOLD)
            ck_assert_int_eq(
                tdh2_combine((uint8_t *)message, &scene.ciphertext, some, count, count),
                ERR_MISMATCH);
    }
}
END_TEST

START_TEST(every_changed_bit_is_refused_by_every_holder) {
    static const uint8_t nonce[NONCE_BYTES] = {1};
    struct scene scene;
    uint8_t message[SIZE];
    scene_init(&scene);
    share_all(&scene);
    for (size_t bit = 0; bit < 8 * sizeof scene.bytes; bit++) {
        scene.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        int error = check(&scene, sizeof scene.bytes);
        ck_assert(error == ERR_PROOF || error == ERR_NON_CANONICAL);
        for (size_t i = 0; i < HOLDERS; i++) {
            struct dh_share share;
            ck_assert_int_eq(tdh2_share_make(&share, &scene.ciphertext, &scene.keys[i], nonce),
                             ERR_INVALID);
        }
        scene.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t size = 0; size < sizeof scene.bytes; size++)
        ck_assert_int_eq(check(&scene, size),
                         size < TDH2_OVERHEAD_BYTES ? ERR_TRUNCATED : ERR_PROOF);
    ck_assert_int_eq(tdh2_combine(message, &scene.ciphertext, scene.shares, HOLDERS, THRESHOLD),
                     ERR_INVALID);
    ck_assert_int_eq(check(&scene, sizeof scene.bytes), OK);
}
END_TEST

START_TEST(label_is_bound) {
    struct scene scene;
    struct tdh2_ciphertext checked;
    scene_init(&scene);
    ck_assert_int_eq(tdh2_check(&checked, scene.bytes, sizeof scene.bytes, "epoch 5", 8),
                     ERR_PROOF);
    ck_assert_int_eq(tdh2_check(&checked, scene.bytes, sizeof scene.bytes, LABEL, 7), ERR_PROOF);
    ck_assert_int_eq(tdh2_check(&checked, scene.bytes, sizeof scene.bytes, NULL, 0), ERR_PROOF);
    ck_assert_int_eq(tdh2_check(&checked, scene.bytes, sizeof scene.bytes, LABEL, 8), OK);
}
END_TEST

START_TEST(bad_share_is_named) {
    struct scene scene;
    uint8_t message[SIZE];
    scene_init(&scene);
    share_all(&scene);
    for (size_t bad = 0; bad < HOLDERS; bad++) {
        const struct dh_share honest = scene.shares[bad];
        for (size_t bit = 0; bit < 768; bit += 11) {
            struct dh_share *share = &scene.shares[bad];
            uint8_t *const parts[] = {share->element, share->proof.challenge,
                                      share->proof.response};
            parts[bit / 256][bit / 8 % 32] ^= (uint8_t)(1 << bit % 8);
            for (size_t i = 0; i < HOLDERS; i++)
                ck_assert_int_eq(tdh2_share_verify(&scene.shares[i], &scene.ciphertext,
                                                   scene.public_shares[i]) == OK,
                                 i != bad);
            *share = honest;
        }
        /* Another holder's share is valid, but not under this one's key. */
        scene.shares[bad] = scene.shares[(bad + 1) % HOLDERS];
        ck_assert_int_eq(
            tdh2_share_verify(&scene.shares[bad], &scene.ciphertext, scene.public_shares[bad]),
            ERR_PROOF);
        scene.shares[bad] = honest;
    }
    memset(scene.shares[0].element, 0, ELEMENT_BYTES);
    ck_assert_int_eq(tdh2_share_verify(&scene.shares[0], &scene.ciphertext, scene.public_shares[0]),
                     ERR_NON_CANONICAL);
    ck_assert_int_eq(tdh2_combine(message, &scene.ciphertext, scene.shares, HOLDERS, THRESHOLD),
                     ERR_INVALID);
    scene.shares[0] = scene.shares[1];
    ck_assert_int_eq(tdh2_combine(message, &scene.ciphertext, scene.shares, HOLDERS, THRESHOLD),
                     ERR_DUPLICATE);
    ck_assert_int_eq(tdh2_combine(message, &scene.ciphertext, scene.shares, HOLDERS, 0),
                     ERR_INVALID);
}
END_TEST

START_TEST(share_of_another_ciphertext_is_refused) {
    struct scene scene;
    struct dh_share earlier;
    scene_init(&scene);
    share_all(&scene);
    earlier = scene.shares[0];
    encrypt(&scene, scene.commitments[0]);
    share_all(&scene);
    ck_assert_int_eq(tdh2_share_verify(&earlier, &scene.ciphertext, scene.public_shares[0]),
                     ERR_PROOF);
}
END_TEST

/* A sender can prove that he made a ciphertext of nonsense. Then nobody reads it, and all agree. */
START_TEST(nonsense_is_nonsense_for_everyone) {
    struct scene scene;
    uint8_t message[SIZE];
    scene_init(&scene);
    encrypt(&scene, scene.commitments[1]);
    share_all(&scene);
    for (size_t i = 0; i + THRESHOLD <= HOLDERS; i++)
        ck_assert_int_eq(
            tdh2_combine(message, &scene.ciphertext, scene.shares + i, HOLDERS - i, THRESHOLD),
            ERR_MISMATCH);
}
END_TEST

START_TEST(bad_public_key_is_refused) {
    static const uint8_t identity[ELEMENT_BYTES], odd[ELEMENT_BYTES] = {1};
    struct scene scene;
    struct tdh2_randomness randomness;
    scene_init(&scene);
    rng_fill(&scene.rng, &randomness, sizeof randomness);
    ck_assert_int_eq(tdh2_encrypt(scene.bytes, identity, "", 0, MESSAGE, SIZE, &randomness),
                     ERR_INVALID);
    ck_assert_int_eq(tdh2_encrypt(scene.bytes, odd, "", 0, MESSAGE, SIZE, &randomness),
                     ERR_INVALID);
}
END_TEST

START_TEST(empty_message_travels) {
    struct scene scene;
    struct tdh2_randomness randomness;
    uint8_t message[1];
    scene_init(&scene);
    rng_fill(&scene.rng, &randomness, sizeof randomness);
    ck_assert_int_eq(
        tdh2_encrypt(scene.bytes, scene.commitments[0], LABEL, sizeof LABEL, NULL, 0, &randomness),
        OK);
    ck_assert_int_eq(check(&scene, TDH2_OVERHEAD_BYTES), OK);
    for (size_t i = 0; i < THRESHOLD; i++)
        ck_assert_int_eq(
            tdh2_share_make(&scene.shares[i], &scene.ciphertext, &scene.keys[i], randomness.nonce),
            OK);
    ck_assert_int_eq(tdh2_combine(message, &scene.ciphertext, scene.shares, THRESHOLD, THRESHOLD),
                     OK);
}
END_TEST

Suite *threshold_tdh2_suite(void) {
    Suite *suite = suite_create("threshold_tdh2");
    TCase *tcase = tcase_create("threshold_tdh2");
    tcase_add_test(tcase, any_threshold_opens_and_fewer_do_not);
    tcase_add_test(tcase, every_changed_bit_is_refused_by_every_holder);
    tcase_add_test(tcase, label_is_bound);
    tcase_add_test(tcase, bad_share_is_named);
    tcase_add_test(tcase, share_of_another_ciphertext_is_refused);
    tcase_add_test(tcase, nonsense_is_nonsense_for_everyone);
    tcase_add_test(tcase, bad_public_key_is_refused);
    tcase_add_test(tcase, empty_message_travels);
    suite_add_tcase(suite, tcase);
    return suite;
}
