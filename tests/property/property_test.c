/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The property helper itself: planted bugs are found, and shrunk to the smallest input there is. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/property.h"

static enum verdict holds_if(bool condition) {
    return condition ? VERDICT_ACCEPTED : VERDICT_BROKEN;
}

static enum verdict without_42_17(void *context, const uint8_t *bytes, size_t size) {
    return holds_if(memmem(bytes, size, "\x42\x17", 2) == NULL);
}

static enum verdict below_five_bytes(void *context, const uint8_t *bytes, size_t size) {
    return holds_if(size < 5);
}

static enum verdict sum_below_300(void *context, const uint8_t *bytes, size_t size) {
    unsigned sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += bytes[i];
    return holds_if(sum < 300);
}

static enum verdict crashes_at_9c(void *context, const uint8_t *bytes, size_t size) {
    if (size > 0 && bytes[0] >= 0x9c)
        abort();
    return VERDICT_REFUSED;
}

static enum verdict reads_past_the_end(void *context, const uint8_t *bytes, size_t size) {
    const volatile uint8_t *at = bytes;
    return size > 3 && at[size] == 0 ? VERDICT_ACCEPTED : VERDICT_REFUSED;
}

/* A decoder of length and bytes that forgets to refuse what follows. */
static enum verdict forgets_the_rest(void *context, const uint8_t *bytes, size_t size) {
    if (size == 0 || bytes[0] > size - 1)
        return VERDICT_REFUSED;
    return holds_if((size_t)bytes[0] + 1 == size);
}

static enum verdict thresholds(void *context, const uint8_t *bytes, size_t size) {
    return holds_if(property_number(bytes, 0) < 1000 || property_number(bytes, 1) < 77);
}

static const struct sample planted[] = {{"some text with \x42\x17 in it", 23}, {"\x05hello", 6}};

static const struct shrunk {
    struct property property;
    const void *smallest;
    size_t size;
} bugs[] = {
    {{.name = "42 17", .samples = planted, .sample_count = 2, .check = without_42_17},
     "\x42\x17",
     2},
    {{.name = "42 17 at random", .cases = 2000000, .check = without_42_17}, "\x42\x17", 2},
    {{.name = "five bytes", .check = below_five_bytes}, "\0\0\0\0\0", 5},
    {{.name = "crash", .check = crashes_at_9c}, "\x9c", 1},
    {{.name = "past the end", .check = reads_past_the_end}, "\0\0\0\0", 4},
    {{.name = "rest", .samples = planted, .sample_count = 2, .check = forgets_the_rest}, "\0\0", 2},
    {{.name = "numbers", .numbers = 2, .limit = {UINT64_MAX, 5000}, .check = thresholds},
     "\xe8\x03\0\0\0\0\0\0\x4d\0\0\0\0\0\0",
     16},
};

START_TEST(planted_bugs_shrink_to_the_minimum) {
    const struct shrunk *bug = &bugs[_i];
    struct property_result result;
    property_run(&bug->property, &result);
    ck_assert_msg(result.broken, "%s was not found", bug->property.name);
    ck_assert_msg(result.size == bug->size && memcmp(result.bytes, bug->smallest, bug->size) == 0,
                  "%s: shrunk to %zu bytes, %02x…", bug->property.name, result.size,
                  result.size > 0 ? result.bytes[0] : 0);
    ck_assert_uint_ge(result.found_size, result.size);
    ck_assert_uint_eq(result.cases, result.number);
    property_result_deinit(&result);
}
END_TEST

/* A sum has many smallest inputs: no byte can vanish or become less. */
START_TEST(a_local_minimum_is_reached) {
    const struct property property = {.name = "sum", .check = sum_below_300};
    struct property_result result;
    property_run(&property, &result);
    ck_assert(result.broken);
    unsigned sum = 0;
    for (size_t i = 0; i < result.size; i++)
        sum += result.bytes[i];
    ck_assert_uint_eq(sum, 300);
    property_result_deinit(&result);
}
END_TEST

START_TEST(the_same_seed_finds_the_same_case) {
    const struct property property = {.name = "sum", .check = sum_below_300};
    struct property_result first, second, third;
    property_run(&property, &first);
    property_run(&property, &second);
    setenv("TIERCHAIN_SEED", "2", 1);
    property_run(&property, &third);
    ck_assert_uint_eq(first.number, second.number);
    ck_assert_uint_eq(first.found_size, second.found_size);
    ck_assert_mem_eq(first.bytes, second.bytes, first.size);
    ck_assert_uint_eq(third.seed, 2);
    ck_assert(third.number != first.number || third.found_size != first.found_size);
    property_result_deinit(&first);
    property_result_deinit(&second);
    property_result_deinit(&third);
}
END_TEST

/* Refuses all but the samples. */
static enum verdict known(void *context, const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < ARRAY_LEN(planted); i++)
        if (size == planted[i].size && memcmp(bytes, planted[i].bytes, size) == 0)
            return VERDICT_ACCEPTED;
    return VERDICT_REFUSED;
}

START_TEST(every_case_counts_and_the_environment_multiplies) {
    const struct property property = {
        .name = "known", .samples = planted, .sample_count = 2, .check = known};
    struct property_result result;
    property_holds(&property, &result);
    ck_assert_uint_eq(result.cases, PROPERTY_CASES);
    ck_assert_uint_eq(result.refused + result.accepted, PROPERTY_CASES);
    ck_assert_uint_gt(result.accepted, PROPERTY_CASES / 20); /* genuine samples are among them */
    ck_assert_uint_gt(result.refused, PROPERTY_CASES / 2);
    setenv("TIERCHAIN_CASES", "3", 1);
    property_holds(&property, &result);
    ck_assert_uint_eq(result.cases, 3 * PROPERTY_CASES);
}
END_TEST

START_TEST(each_byte_of_each_sample_is_cut_flipped_and_set) {
    const struct property property = {
        .name = "edits", .samples = planted, .sample_count = 2, .check = known};
    const size_t bytes = planted[0].size + planted[1].size;
    uint8_t input[PROPERTY_ROOM];
    size_t cuts = 0, flips = 0;
    for (uint64_t number = 0; number < 14 * bytes; number++) {
        const struct sample *sample = &planted[number >= 14 * planted[0].size];
        const size_t size = property_make(&property, 1, number, input);
        cuts += size < sample->size && memcmp(input, sample->bytes, size) == 0;
        size_t different = 0;
        for (size_t i = 0; size == sample->size && i < size; i++)
            different += (size_t)__builtin_popcount(input[i] ^ ((const uint8_t *)sample->bytes)[i]);
        flips += different == 1;
    }
    ck_assert_uint_eq(cuts, bytes);
    ck_assert_uint_ge(flips, 8 * bytes);
}
END_TEST

START_TEST(a_fixed_size_is_kept) {
    const struct property property = {.name = "fixed",
                                      .samples = planted,
                                      .sample_count = 2,
                                      .fixed_size = true,
                                      .random_per_mille = 500};
    uint8_t input[PROPERTY_ROOM];
    size_t changed = 0;
    for (uint64_t number = 0; number < PROPERTY_CASES; number++) {
        const size_t size = property_make(&property, 1, number, input);
        const struct sample *sample = &planted[size != planted[0].size];
        ck_assert_uint_eq(size, sample->size);
        changed += memcmp(input, sample->bytes, size) != 0;
    }
    ck_assert_uint_gt(changed, PROPERTY_CASES / 2);
}
END_TEST

START_TEST(inputs_vary_and_stay_in_their_room) {
    const struct property mutated = {
        .name = "room", .room = 64, .samples = planted, .sample_count = 2};
    const struct property numbers = {.name = "limits", .numbers = 3, .limit = {0, 9, UINT64_MAX}};
    uint8_t input[PROPERTY_ROOM];
    size_t longest = 0, large = 0;
    for (uint64_t number = 0; number < PROPERTY_CASES; number++) {
        longest = size_max(longest, property_make(&mutated, 1, number, input));
        ck_assert_uint_eq(property_make(&numbers, 1, number, input), 24);
        ck_assert_uint_eq(property_number(input, 0), 0);
        ck_assert_uint_le(property_number(input, 1), 9);
        large += property_number(input, 2) > UINT32_MAX;
    }
    ck_assert_uint_le(longest, property_room(&mutated));
    ck_assert_uint_gt(longest, planted[0].size);
    ck_assert(large > PROPERTY_CASES / 4 && large < PROPERTY_CASES);
}
END_TEST

Suite *property_suite(void) {
    Suite *suite = suite_create("property");
    TCase *tcase = tcase_create("property");
    tcase_add_loop_test(tcase, planted_bugs_shrink_to_the_minimum, 0, ARRAY_LEN(bugs));
    tcase_add_test(tcase, a_local_minimum_is_reached);
    tcase_add_test(tcase, the_same_seed_finds_the_same_case);
    tcase_add_test(tcase, every_case_counts_and_the_environment_multiplies);
    tcase_add_test(tcase, each_byte_of_each_sample_is_cut_flipped_and_set);
    tcase_add_test(tcase, a_fixed_size_is_kept);
    tcase_add_test(tcase, inputs_vary_and_stay_in_their_room);
    suite_add_tcase(suite, tcase);
    return suite;
}
