/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A city orders no record whose holders the sender has chosen, neither from the sender itself nor in
 * a leader's batch, however good the promises are. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "clock/hlc.h"
#include "select/rendezvous.h"
#include "tests/lib/company.h"
#include "tests/lib/steps.h"
#include "tier/city.h"

#define NODES      24
#define MEMBERS    4
#define SENDER     9
#define CANDIDATES 10
#define HOLDERS    5
#define ACKS       4
#define TOLERANCE  1
#define NOW        (100 * NS_PER_S)

static struct company company;
static struct presence presence;
static const node_id members[MEMBERS] = {0, 1, 2, 3};
static struct city cities[MEMBERS];

static void setup(void) {
    company_init(&company, NODES, "ed25519", "modelled");
    company_at(&company, NOW);
    presence_init(&presence);
    for (node_id node = 0; node < NODES; node++) {
        const struct place_candidate entry = {node, 1, {(int32_t)node * 100, 0}};
        presence_login(&presence, &entry);
    }
    const struct city_config config = {
        .chain = {.consensus = consensus_find("pbft"),
                  .channel = tier_channel(TIER_CHAIN_CITY, 0),
                  .committee = {members, MEMBERS},
                  .view_timeout = NS_PER_S,
                  .batch_items = 10,
                  .batch_delay = NS_PER_S,
                  .life = 30 * NS_PER_S},
        .acks = ACKS,
        .presence = &presence,
        .selection = {NULL, 0, CANDIDATES, HOLDERS, TOLERANCE},
    };
    for (uint32_t i = 0; i < MEMBERS; i++)
        city_init(&cities[i], &company.envs[i], &config, NULL, 0);
}

static void teardown(void) {
    for (uint32_t i = 0; i < MEMBERS; i++)
        city_deinit(&cities[i]);
    presence_deinit(&presence);
    company_deinit(&company);
}

/* The lot's holders, the best first; nodes stand on a line, so the nearest are known. */
static void named(const uint8_t lot[VRF_OUTPUT_SIZE], node_id holders[HOLDERS]) {
    static const node_id nearest[CANDIDATES] = {8, 10, 7, 11, 6, 12, 5, 13, 4, 14};
    struct rendezvous_rank ranks[HOLDERS];
    (void)rendezvous_select(nearest, CANDIDATES, lot, VRF_OUTPUT_SIZE, ranks, HOLDERS);
    for (size_t i = 0; i < HOLDERS; i++)
        holders[i] = ranks[i].id;
}

/* A record whose first @friends holders are 20, 21 …, with good promises of all. */
static struct frame *submission(uint64_t number, uint32_t friends, struct digest *id) {
    static uint8_t signatures[HOLDERS][LIMIT_SIGNATURE_BYTES];
    const struct suite *suite = company.directory.suite;
    uint8_t lot[VRF_OUTPUT_SIZE];
    node_id holders[HOLDERS];
    struct writer writer;
    struct tx_record record = {.content = {{3}},
                               .origin = SENDER,
                               .number = number,
                               .expiry = NOW + 20 * NS_PER_S,
                               .size = 100,
                               .pieces = HOLDERS,
                               .needed = 3,
                               .promise_count = ACKS};
    transaction_id(&record.id, SENDER, number, record.expiry, &record.content);
    *id = record.id;
    identity_vrf_prove(&company.envs[SENDER], record.id.bytes, DIGEST_BYTES, record.proof, lot);
    named(lot, holders);
    for (uint32_t i = 0; i < ACKS; i++) {
        struct promise promise;
        record.promises[i] =
            (struct record_promise){.holder = i < friends ? 20 + i : holders[i],
                                    .index = (uint16_t)i,
                                    .stamp = hlc_stamp(NOW / NS_PER_MS, (uint16_t)i),
                                    .signature = signatures[i]};
        tx_record_promise(&record, i, &promise);
        promise_sign(suite, company.identities[promise.holder].secret_key, &promise, signatures[i]);
    }
    struct frame *frame = message_new(MESSAGE_TX_SUBMIT, tier_channel(TIER_CHAIN_CITY, 0),
                                      tx_record_bytes(&record, suite->signature_bytes), &writer);
    tx_record_write(&writer, &record, suite->signature_bytes);
    ck_assert_int_eq(writer.error, OK);
    return frame;
}

static int submit(uint32_t member, struct frame *frame) {
    struct message message;
    ck_assert_int_eq(message_parse(&message, frame), OK);
    return city_submit(&cities[member], SENDER, &message);
}

/* Whether the member votes for a batch of that one record. */
static bool votes_for(uint32_t member, const struct digest *id, const struct frame *frame) {
    const struct consensus_client *client = &cities[member].chain.consensus->client;
    struct message message;
    struct writer writer;
    ck_assert_int_eq(message_parse(&message, frame), OK);
    struct frame *batch = frame_new(mempool_batch_bytes(message.size));
    writer_init(&writer, batch->bytes, batch->size);
    write_u64(&writer, NOW);
    write_u32(&writer, 1);
    write_digest(&writer, id);
    write_blob(&writer, message.body, message.size);
    ck_assert_int_eq(writer.error, OK);
    const bool votes =
        client->valid(client->context, (struct batch){batch->bytes, batch->size}, PART_ALL);
    frame_unref(batch);
    return votes;
}

START_TEST(every_member_refuses_friends) {
    for (uint64_t number = 1; number <= 20; number++) {
        for (uint32_t friends = 0; friends <= ACKS; friends += 2) {
            struct digest id;
            struct frame *frame = submission(4 * number + friends / 2, friends, &id);
            for (uint32_t member = 0; member < MEMBERS; member++) {
                ck_assert_int_eq(votes_for(member, &id, frame), friends == 0);
                ck_assert_int_eq(submit(member, frame), friends == 0 ? OK : ERR_MISMATCH);
            }
            frame_unref(frame);
        }
    }
}
END_TEST

/* A member that has lost sight of one holder tolerates that, of two it does not. */
START_TEST(each_member_judges_by_its_own_list) {
    struct digest id;
    struct frame *frame = submission(1, 0, &id);
    uint8_t lot[VRF_OUTPUT_SIZE], proof[VRF_PROOF_SIZE];
    node_id holders[HOLDERS];
    struct presence ours;
    identity_vrf_prove(&company.envs[SENDER], id.bytes, DIGEST_BYTES, proof, lot);
    named(lot, holders);
    presence_init(&ours);
    for (node_id node = 0; node < NODES; node++)
        presence_login(&ours, &presence.entries[node]);
    cities[1].config.presence = &ours;
    presence_logout(&ours, holders[0]);
    ck_assert(votes_for(1, &id, frame));
    presence_logout(&ours, holders[1]);
    ck_assert(!votes_for(1, &id, frame));
    ck_assert_int_eq(submit(1, frame), ERR_MISMATCH);
    ck_assert_int_eq(submit(0, frame), OK);
    frame_unref(frame);
    presence_deinit(&ours);
}
END_TEST

Suite *city_holders_suite(void) {
    Suite *suite = suite_create("city_holders");
    TCase *tests = tcase_create("city_holders");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, every_member_refuses_friends);
    tcase_add_test(tests, each_member_judges_by_its_own_list);
    suite_add_tcase(suite, tests);
    return suite;
}
