/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A faulty leader proposes again what was ordered, late, with a time of its choice. Members whose
 * clocks differ and that did not see the same transactions order the same, each item once. The
 * consensus is played by the test: what it lets the members vote for and decide. */
#include <check.h>
#include <string.h>

#include "base/error.h"
#include "tests/lib/company.h"
#include "tests/lib/steps.h"
#include "tier/chain.h"

#define MEMBERS 4
#define LIFE    (10 * NS_PER_S)

static void idle(struct consensus *self) {
}

static void idle_init(struct consensus *self, const struct consensus_config *config) {
}

static int idle_receive(struct consensus *self, node_id from, const struct message *message) {
    return OK;
}

static void idle_observe(const struct consensus *self, struct consensus_view *view) {
}

static const struct consensus_ops played = {
    .name = "played",
    .size = sizeof(struct consensus),
    .init = idle_init,
    .start = idle,
    .poke = idle,
    .receive = idle_receive,
    .observe = idle_observe,
    .deinit = idle,
};

static struct company company;
static const node_id members[MEMBERS] = {0, 1, 2, 3};
static struct chain chains[MEMBERS];
static uint64_t heights[MEMBERS];
static struct {
    uint32_t count; /* items ordered */
    uint64_t sum;   /* of what, in which order */
} seen[MEMBERS];

static bool valid(void *context, const struct digest *key, const uint8_t *bytes, size_t size) {
    return true;
}

static void ordered(void *context, const struct digest *key, const uint8_t *bytes, size_t size,
                    uint64_t height) {
    size_t member = (size_t)((struct chain *)context - chains);
    seen[member].count++;
    seen[member].sum = 31 * seen[member].sum + key->bytes[0];
}

/* An item's bytes are its expiry. */
static struct once_term term(void *context, const struct digest *key, const uint8_t *bytes,
                             size_t size) {
    struct once_term read = {.kind = ONCE_EXPIRES};
    memcpy(&read.expiry, bytes, sizeof read.expiry);
    return read;
}

static void setup(void) {
    company_init(&company, MEMBERS, "ed25519", "modelled");
    memset(seen, 0, sizeof seen);
    memset(heights, 0, sizeof heights);
    for (uint32_t i = 0; i < MEMBERS; i++) {
        const struct chain_client client = {valid, ordered, NULL, NULL, term, &chains[i]};
        const struct chain_config config = {
            .consensus = &played,
            .channel = tier_channel(TIER_CHAIN_CITY, 0),
            .committee = {members, MEMBERS},
            .view_timeout = NS_PER_S,
            .batch_items = 100,
            .life = LIFE,
        };
        chain_init(&chains[i], &company.envs[i], &config, &client, NULL, 0);
    }
}

static void teardown(void) {
    for (uint32_t i = 0; i < MEMBERS; i++)
        chain_deinit(&chains[i]);
    company_deinit(&company);
}

/* Member @i's clock is i * 150 ms - 225 ms wrong: within what is tolerated, pair by pair. */
static void clocks_at(time_ns now) {
    for (uint32_t i = 0; i < MEMBERS; i++)
        company.envs[i].clock = company.envs[i].physical =
            now + ((time_ns)i * 150 - 225) * NS_PER_MS;
}

static struct digest key_of(uint8_t number) {
    return (struct digest){{number}};
}

/* A batch of one item, as a leader may write it that keeps no rule. */
static struct frame *batch_of(uint8_t number, time_ns expiry, time_ns time) {
    struct frame *frame = frame_new(mempool_batch_bytes(sizeof expiry));
    struct digest key = key_of(number);
    struct writer writer;
    writer_init(&writer, frame->bytes, frame->size);
    write_u64(&writer, (uint64_t)time);
    write_u32(&writer, 1);
    write_digest(&writer, &key);
    write_blob(&writer, &expiry, sizeof expiry);
    ck_assert_int_eq(writer.error, OK);
    return frame;
}

static uint32_t votes(const struct frame *frame) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < MEMBERS; i++) {
        const struct consensus_client *client = &chains[i].consensus->client;
        const struct batch batch = {frame->bytes, frame->size};
        count += client->valid(client->context, batch, PART_ALL);
    }
    return count;
}

static void decide_at(uint32_t member, const struct frame *frame) {
    const struct consensus_client *client = &chains[member].consensus->client;
    const struct decision decision = {.height = ++heights[member],
                                      .batch = {frame->bytes, frame->size}};
    client->decide(client->context, &decision);
}

/* Proposes the batch; it is decided when a quorum votes for it. */
static bool propose(struct frame *frame) {
    const struct committee committee = {members, MEMBERS};
    const bool decided = votes(frame) >= committee_quorum(&committee);
    for (uint32_t i = 0; i < MEMBERS && decided; i++)
        decide_at(i, frame);
    frame_unref(frame);
    return decided;
}

static void all_have_ordered(uint32_t count) {
    for (uint32_t i = 0; i < MEMBERS; i++) {
        ck_assert_uint_eq(seen[i].count, count);
        ck_assert_uint_eq(seen[i].sum, seen[0].sum);
        ck_assert_uint_eq(once_count(&chains[i].pool.once), once_count(&chains[0].pool.once));
    }
}

START_TEST(it_is_ordered_once_however_late) {
    const time_ns start = 100 * NS_PER_S, expiry = start + LIFE;
    clocks_at(start);
    ck_assert(propose(batch_of(1, expiry, start)));
    for (time_ns now = start; now < start + 3 * LIFE; now += LIFE / 20) {
        clocks_at(now);
        (void)propose(batch_of(1, expiry, now));
        (void)propose(batch_of(1, expiry, start)); /* a time at which it was good */
        (void)propose(batch_of(1, expiry, 0));
        ck_assert(propose(batch_of((uint8_t)(2 + (now - start) / (LIFE / 20)), now + LIFE, now)));
    }
    all_have_ordered(1 + 60);
    ck_assert_uint_le(once_count(&chains[0].pool.once), 20 + 1);
}
END_TEST

/* Else it would be the leader who says when records expire, and their promises are void. */
START_TEST(no_leader_moves_time_beyond_the_others_clocks) {
    const time_ns now = 100 * NS_PER_S, ahead = 900 * NS_PER_MS;
    clocks_at(now);
    ck_assert(!propose(batch_of(1, now + LIFE, now + ahead)));
    ck_assert(!propose(batch_of(1, now + LIFE, -1)));
    ck_assert_int_eq(chains[0].pool.once.time, 0);
    /* The member that is last allows the least: 500 ms beyond its own clock. */
    struct frame *frame = batch_of(1, now + LIFE, now + 275 * NS_PER_MS);
    ck_assert_uint_eq(votes(frame), MEMBERS);
    frame_unref(frame);
    frame = batch_of(1, now + LIFE, now + 275 * NS_PER_MS + 1);
    ck_assert_uint_eq(votes(frame), MEMBERS - 1);
    frame_unref(frame);
}
END_TEST

START_TEST(what_does_not_fit_its_batch_gets_no_vote) {
    const time_ns now = 100 * NS_PER_S;
    clocks_at(now);
    ck_assert(!propose(batch_of(1, now, now)));
    ck_assert(!propose(batch_of(1, now + LIFE + 2 * ONCE_ERROR + 1, now)));
    ck_assert(!propose(batch_of(1, now + LIFE, 0))); /* too far for a batch so old */
    ck_assert(propose(batch_of(1, now + LIFE + 2 * ONCE_ERROR, now)));
    all_have_ordered(1);
}
END_TEST

/* One that was down replays the same decisions much later, by another clock. */
START_TEST(a_member_that_catches_up_orders_the_same) {
    struct frame *frames[30];
    const time_ns start = 100 * NS_PER_S;
    for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
        const time_ns now = start + (time_ns)i * NS_PER_S;
        frames[i] = batch_of((uint8_t)(i % 3), start + (time_ns)(i % 3) * NS_PER_S + LIFE, now);
        for (uint32_t member = 0; member < MEMBERS - 1; member++)
            decide_at(member, frames[i]);
    }
    clocks_at(start + 1000 * NS_PER_S);
    for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
        decide_at(MEMBERS - 1, frames[i]);
        frame_unref(frames[i]);
    }
    all_have_ordered(3);
}
END_TEST

/* The chain neither proposes nor waits for what has expired by its member's clock. */
START_TEST(a_chain_without_work_falls_quiet) {
    struct chain *chain = &chains[0];
    const struct consensus_client *client = &chain->consensus->client;
    const time_ns now = 100 * NS_PER_S, expiry = now + NS_PER_S;
    const struct digest key = key_of(1);
    clocks_at(now);
    ck_assert_int_eq(chain_submit(chain, &key, &expiry, sizeof expiry), OK);
    ck_assert(client->pending(client->context));
    struct frame *frame = client->next_batch(client->context, NULL, 0, PART_ALL);
    ck_assert_ptr_nonnull(frame);
    ck_assert_uint_eq(votes(frame), MEMBERS);
    frame_unref(frame);
    clocks_at(now + 2 * NS_PER_S);
    ck_assert_ptr_null(client->next_batch(client->context, NULL, 0, PART_ALL));
    ck_assert(!client->pending(client->context));
}
END_TEST

Suite *reproposed_suite(void) {
    Suite *suite = suite_create("reproposed");
    TCase *tests = tcase_create("reproposed");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, it_is_ordered_once_however_late);
    tcase_add_test(tests, no_leader_moves_time_beyond_the_others_clocks);
    tcase_add_test(tests, what_does_not_fit_its_batch_gets_no_vote);
    tcase_add_test(tests, a_member_that_catches_up_orders_the_same);
    tcase_add_test(tests, a_chain_without_work_falls_quiet);
    suite_add_tcase(suite, tests);
    return suite;
}
