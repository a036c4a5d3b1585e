/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Quorum arithmetic for every committee size (checks.md QA-1). */
#include <check.h>

#include "consensus/committee.h"

START_TEST(quorums_intersect_in_a_correct_member) {
    for (uint32_t n = 1; n <= LIMIT_COMMITTEE; n++) {
        struct committee committee = {NULL, n};
        uint32_t f = committee_faults(&committee), q = committee_quorum(&committee);
        ck_assert_uint_ge(n, 3 * f + 1);
        ck_assert_uint_lt(n, 3 * (f + 1) + 1); /* f is the largest */
        ck_assert_uint_ge(2 * q - n, f + 1);
        ck_assert_uint_le(q, n - f);
        ck_assert_uint_eq(q, 2 * n / 3 + 1);
        ck_assert_uint_eq(committee_validity(&committee), f + 1);
    }
}
END_TEST

START_TEST(published_sizes) {
    static const uint32_t table[][3] = {{1, 0, 1},  {3, 0, 3},    {4, 1, 3},    {5, 1, 4},
                                        {6, 1, 5},  {7, 2, 5},    {8, 2, 6},    {9, 2, 7},
                                        {10, 3, 7}, {31, 10, 21}, {100, 33, 67}};
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct committee committee = {NULL, table[i][0]};
        ck_assert_uint_eq(committee_faults(&committee), table[i][1]);
        ck_assert_uint_eq(committee_quorum(&committee), table[i][2]);
    }
}
END_TEST

START_TEST(members_have_their_index) {
    const node_id members[] = {9, 4, 70};
    struct committee committee = {members, 3};
    ck_assert_uint_eq(committee_index(&committee, 9), 0);
    ck_assert_uint_eq(committee_index(&committee, 70), 2);
    ck_assert_uint_eq(committee_index(&committee, 1), MEMBER_NONE);
    ck_assert_uint_eq(committee_index(&committee, NODE_NONE), MEMBER_NONE);
}
END_TEST

Suite *committee_suite(void) {
    Suite *suite = suite_create("committee");
    TCase *tcase = tcase_create("committee");
    tcase_add_test(tcase, quorums_intersect_in_a_correct_member);
    tcase_add_test(tcase, published_sizes);
    tcase_add_test(tcase, members_have_their_index);
    suite_add_tcase(suite, tcase);
    return suite;
}
