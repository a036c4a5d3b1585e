/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A sender does not choose its holders: whoever has about the same list of who is present finds out.
 * And one whose list is a little older is not taken for a cheat. */
#include "pipeline/s1.h"

#include <check.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"
#include "select/rendezvous.h"
#include "tests/lib/company.h"
#include "tests/lib/steps.h"

#define NODES      60
#define CANDIDATES 20
#define HOLDERS    10
#define TOLERANCE  3
#define MEMBER     1
#define SENDER     0

static const struct s1_rule rule = {NULL, 0, CANDIDATES, HOLDERS, TOLERANCE};

static struct company company;
static struct presence everyone;
static uint64_t counter;

static void setup(void) {
    struct rng rng;
    company_init(&company, 2, "ed25519", "modelled");
    presence_init(&everyone);
    rng_init(&rng, 1, 0, "places");
    for (node_id node = 0; node < NODES; node++) {
        const struct place_candidate entry = {
            node,
            (uint32_t)rng_below(&rng, 3),
            {(int32_t)rng_below(&rng, 1000), (int32_t)rng_below(&rng, 1000)}};
        presence_login(&everyone, &entry);
    }
}

static void teardown(void) {
    presence_deinit(&everyone);
    company_deinit(&company);
}

static struct presence copy_of(const struct presence *presence) {
    struct presence copy;
    presence_init(&copy);
    for (size_t i = 0; i < presence->count; i++)
        presence_login(&copy, &presence->entries[i]);
    return copy;
}

/* Another list that lacks some of the entries, at most @most, never the sender's. */
static struct presence lacking(const struct presence *presence, struct rng *rng, uint32_t most) {
    struct presence copy = copy_of(presence);
    for (uint64_t i = rng_below(rng, most + 1); i > 0; i--)
        presence_logout(&copy, 1 + (node_id)rng_below(rng, NODES - 1));
    return copy;
}

static void lot_of(uint64_t number, uint8_t lot[VRF_OUTPUT_SIZE]) {
    struct rng rng;
    rng_init(&rng, number, 0, "lot");
    rng_fill(&rng, lot, VRF_OUTPUT_SIZE);
}

/* The holders by the definition: rank by place, sort by lot. */
static void honest_record(const struct presence *presence, const uint8_t lot[VRF_OUTPUT_SIZE],
                          struct tx_record *record) {
    const struct place_candidate *self = presence_find(presence, SENDER);
    const struct place_query query = {.area = self->area, .at = self->at};
    struct place_rank best[NODES];
    struct rendezvous_rank holders[HOLDERS];
    node_id candidates[CANDIDATES];
    size_t ranked = place_rank(&query, presence->entries, presence->count, best, NODES), count = 0;
    for (size_t i = 0; i < ranked && count < CANDIDATES; i++)
        if (best[i].node != SENDER)
            candidates[count++] = best[i].node;
    ck_assert_int_eq(rendezvous_select(candidates, count, lot, VRF_OUTPUT_SIZE, holders, HOLDERS),
                     HOLDERS);
    *record = (struct tx_record){.origin = SENDER, .promise_count = HOLDERS};
    for (size_t i = 0; i < HOLDERS; i++)
        record->promises[i].holder = holders[i].id;
}

static int judge(const struct presence *presence, const struct tx_record *record,
                 const uint8_t lot[VRF_OUTPUT_SIZE]) {
    int error = s1_confirm(&company.envs[MEMBER], presence, &rule, record, lot);
    steps_drain(&company.envs[MEMBER]);
    return error;
}

START_TEST(the_lots_holders_are_accepted_and_no_others) {
    uint8_t lot[VRF_OUTPUT_SIZE];
    struct tx_record record;
    for (counter = 0; counter < 200; counter++) {
        lot_of(counter, lot);
        honest_record(&everyone, lot, &record);
        ck_assert_int_eq(judge(&everyone, &record, lot), OK);
        lot_of(counter + 1000, lot); /* the holders of another lot */
        struct tx_record other;
        honest_record(&everyone, lot, &other);
        uint32_t foreign = 0;
        for (size_t i = 0; i < HOLDERS; i++) {
            size_t j = 0;
            while (j < HOLDERS && other.promises[j].holder != record.promises[i].holder)
                j++;
            foreign += j == HOLDERS;
        }
        if (foreign > TOLERANCE)
            ck_assert_int_eq(judge(&everyone, &record, lot), ERR_MISMATCH);
    }
}
END_TEST

/* Both lists lack some of those that are there: they differ by three at most. */
START_TEST(an_older_list_is_no_fraud) {
    struct rng rng;
    rng_init(&rng, 2, 0, "ages");
    for (counter = 0; counter < 20000; counter++) {
        uint8_t lot[VRF_OUTPUT_SIZE];
        struct tx_record record;
        const uint32_t mine = (uint32_t)rng_below(&rng, TOLERANCE + 1);
        struct presence its = lacking(&everyone, &rng, mine),
                        ours = lacking(&everyone, &rng, TOLERANCE - mine);
        lot_of(counter, lot);
        honest_record(&its, lot, &record);
        ck_assert_int_eq(judge(&ours, &record, lot), OK);
        presence_deinit(&its);
        presence_deinit(&ours);
    }
}
END_TEST

/* The worst that three entries can do: each of them pushes a node that is better by lot out of the
 * sender's candidates, or stands before a holder by place. */
START_TEST(the_tolerance_is_tight) {
    uint32_t tight = 0;
    for (counter = 0; counter < 300; counter++) {
        uint8_t lot[VRF_OUTPUT_SIZE];
        struct tx_record record;
        lot_of(counter, lot);
        honest_record(&everyone, lot, &record);
        /* The member lacks one, two, … of the holders. */
        struct presence ours = copy_of(&everyone);
        for (uint32_t lost = 1; lost <= TOLERANCE + 1; lost++) {
            presence_logout(&ours, record.promises[lost - 1].holder);
            const int error = judge(&ours, &record, lot);
            ck_assert_int_eq(error, lost <= TOLERANCE ? OK : ERR_MISMATCH);
        }
        presence_deinit(&ours);
        /* The sender lacks the first four by place, or by lot: a list that is too old. */
        struct presence its = copy_of(&everyone);
        for (uint32_t lost = 0; lost <= TOLERANCE; lost++)
            presence_logout(&its, record.promises[lost].holder);
        honest_record(&its, lot, &record);
        tight += judge(&everyone, &record, lot) != OK;
        presence_deinit(&its);
    }
    ck_assert_uint_ge(tight, 100);
}
END_TEST

/* A sender that names its friends: those that hold what it likes, not what the lot says. */
START_TEST(friends_are_refused) {
    struct rng rng;
    rng_init(&rng, 3, 0, "friends");
    for (counter = 0; counter < 2000; counter++) {
        uint8_t lot[VRF_OUTPUT_SIZE];
        struct tx_record record;
        struct presence ours = lacking(&everyone, &rng, TOLERANCE);
        lot_of(counter, lot);
        honest_record(&everyone, lot, &record);
        for (uint32_t i = 0; i <= TOLERANCE; i++) /* strangers to the lists */
            record.promises[rng_below(&rng, 2) == 0 ? i : HOLDERS - 1 - i].holder = NODES + 5 + i;
        uint32_t absent = 0;
        for (size_t i = 0; i < HOLDERS; i++)
            absent += presence_find(&ours, record.promises[i].holder) == NULL;
        if (absent > TOLERANCE)
            ck_assert_int_eq(judge(&ours, &record, lot), ERR_MISMATCH);
        /* One that is present, but the farthest of all. */
        honest_record(&everyone, lot, &record);
        const struct place_candidate *self = presence_find(&everyone, SENDER);
        const struct place_query query = {.area = self->area, .at = self->at};
        struct place_rank best[NODES];
        ck_assert_uint_eq(place_rank(&query, everyone.entries, NODES, best, NODES), NODES);
        record.promises[rng_below(&rng, HOLDERS)].holder = best[NODES - 1].node;
        ck_assert_int_eq(judge(&everyone, &record, lot), ERR_MISMATCH);
        presence_deinit(&ours);
    }
}
END_TEST

START_TEST(nobody_holds_for_itself_or_sends_unseen) {
    uint8_t lot[VRF_OUTPUT_SIZE];
    struct tx_record record;
    lot_of(1, lot);
    honest_record(&everyone, lot, &record);
    struct presence ours = copy_of(&everyone);
    presence_logout(&ours, SENDER);
    ck_assert_int_eq(judge(&ours, &record, lot), ERR_UNKNOWN);
    presence_deinit(&ours);
    record.promises[4].holder = SENDER;
    ck_assert_int_eq(judge(&everyone, &record, lot), ERR_MISMATCH);
}
END_TEST

START_TEST(the_ranking_has_its_price) {
    struct env *env = &company.envs[MEMBER];
    uint8_t lot[VRF_OUTPUT_SIZE];
    struct tx_record record;
    lot_of(1, lot);
    honest_record(&everyone, lot, &record);
    ck_assert_int_eq(s1_confirm(env, &everyone, &rule, &record, lot), OK);
    ck_assert_uint_eq(company_charged(&company, MEMBER, WORK_PLACE_RANK), NODES);
    ck_assert_int_eq(s1_confirm(env, &everyone, &rule, &record, lot), OK);
    ck_assert_uint_eq(company_charged(&company, MEMBER, WORK_RENDEZVOUS), CANDIDATES + TOLERANCE);
}
END_TEST

Suite *s1_suite(void) {
    Suite *suite = suite_create("s1");
    TCase *tests = tcase_create("s1");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, the_lots_holders_are_accepted_and_no_others);
    tcase_add_test(tests, an_older_list_is_no_fraud);
    tcase_add_test(tests, the_tolerance_is_tight);
    tcase_add_test(tests, friends_are_refused);
    tcase_add_test(tests, nobody_holds_for_itself_or_sends_unseen);
    tcase_add_test(tests, the_ranking_has_its_price);
    suite_add_tcase(suite, tests);
    return suite;
}
