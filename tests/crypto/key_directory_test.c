/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The key directory: KEM keys come into being when they are needed, and no earlier or later use of
 * another's changes them. */
#include "crypto/identity.h"

#include <check.h>
#include <string.h>

#include "base/error.h"
#include "tests/lib/company.h"

#define COMPANY 5

static const char *const providers[] = {"real", "modelled"};

START_TEST(kem_keys_are_made_on_first_use) {
    struct company company;
    company_init(&company, COMPANY, "ed25519", providers[_i]);
    for (node_id node = 0; node < COMPANY; node++)
        ck_assert_ptr_null(company.directory.kem_keys[node]);
    ck_assert_ptr_nonnull(identity_kem_key(&company.envs[1], 3));
    for (node_id node = 0; node < COMPANY; node++)
        ck_assert_int_eq(company.directory.kem_keys[node] != NULL, node == 3);
    ck_assert_ptr_null(identity_kem_key(&company.envs[1], COMPANY));
    ck_assert_ptr_null(identity_public_key(&company.envs[1], COMPANY));
    ck_assert_ptr_null(identity_vrf_key(&company.envs[1], COMPANY));
    company_deinit(&company);
}
END_TEST

START_TEST(the_order_of_use_changes_no_key) {
    struct company upwards, downwards;
    company_init(&upwards, COMPANY, "ed25519", providers[_i]);
    company_init(&downwards, COMPANY, "ed25519", providers[_i]);
    for (node_id node = 0; node < COMPANY; node++) {
        identity_kem_key(&upwards.envs[0], node);
        identity_kem_key(&downwards.envs[0], COMPANY - 1 - node);
    }
    for (node_id node = 0; node < COMPANY; node++) {
        ck_assert_mem_eq(upwards.directory.kem_keys[node], downwards.directory.kem_keys[node],
                         sizeof(struct kem_keys));
        for (node_id other = 0; other < node; other++)
            ck_assert_mem_ne(identity_kem_key(&upwards.envs[0], node),
                             identity_kem_key(&upwards.envs[0], other), KEM_PUBLIC_SIZE);
    }
    company_deinit(&upwards);
    company_deinit(&downwards);
}
END_TEST

START_TEST(each_node_opens_what_is_for_it) {
    struct company company;
    uint8_t seed[SUITE_SEED_BYTES] = {1}, ciphertext[KEM_CIPHERTEXT_SIZE];
    uint8_t sent[KEM_SHARED_SIZE], received[KEM_SHARED_SIZE];
    company_init(&company, COMPANY, "ed25519", providers[_i]);
    const struct suite *suite = identity_suite(&company.envs[0]);
    ck_assert_int_eq(
        suite->kem_encaps(identity_kem_key(&company.envs[0], 2), seed, ciphertext, sent), OK);
    for (node_id node = 0; node < COMPANY; node++) {
        ck_assert_int_eq(
            suite->kem_decaps(identity_kem_secret(&company.envs[node]), ciphertext, received), OK);
        ck_assert_int_eq(memcmp(sent, received, sizeof sent) == 0, node == 2);
    }
    company_deinit(&company);
}
END_TEST

Suite *key_directory_suite(void) {
    Suite *suite = suite_create("key_directory");
    TCase *tcase = tcase_create("key_directory");
    const int count = ARRAY_LEN(providers);
    tcase_add_loop_test(tcase, kem_keys_are_made_on_first_use, 0, count);
    tcase_add_loop_test(tcase, the_order_of_use_changes_no_key, 0, count);
    tcase_add_loop_test(tcase, each_node_opens_what_is_for_it, 0, count);
    suite_add_tcase(suite, tcase);
    return suite;
}
