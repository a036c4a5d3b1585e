/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One full node alone, driven by hand: node 9, with 5, 6 and 7 linked to it; the representatives
 * are 0 to 3. */
#include "tier/announce.h"

#include <check.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"
#include "crypto/identity.h"
#include "tests/lib/steps.h"

#define CHANNEL         0x1000
#define REPRESENTATIVES 4
#define SELF            9
#define T1              NS_PER_S
#define PAYLOAD_MAX     (ANNOUNCEMENT_BYTES + LIMIT_SIGNATURE_BYTES)

static const node_id representatives[REPRESENTATIVES] = {0, 1, 2, 3};

struct bench {
    struct process process;
    struct key_directory directory;
    struct identity identity;
    struct announce announce;
    struct decision decision; /* what the next SUBMIT decides */
    int dropped;              /* what the last receive returned */
};

static void bench_step(struct process *process, const struct event *event) {
    struct bench *bench = container_of(process, struct bench, process);
    struct message message;
    if (event->type == EVENT_START) {
        announce_start(&bench->announce);
    } else if (event->type == EVENT_SUBMIT) {
        announce_decided(&bench->announce, &bench->decision);
    } else {
        ck_assert_int_eq(message_parse(&message, event->frame), OK);
        bench->dropped = announce_receive(&bench->announce, event->from, &message);
    }
}

static void bench_init(struct bench *bench, node_id self) {
    struct event start = {.type = EVENT_START};
    struct announce_config config = {
        .seed = 1,
        .channel = CHANNEL,
        .announcers = {representatives, REPRESENTATIVES},
        .join_spread = 0,
        .shuffle_period = 1000 * NS_PER_S,
        .heartbeat_period = 1000 * NS_PER_S,
        .request_timeout = 100 * NS_PER_S,
        .missing_timeout = T1,
        .graft_timeout = NS_PER_S / 10,
    };
    ck_assert_int_ge(sodium_init(), 0);
    *bench = (struct bench){.process.step = bench_step};
    env_init(&bench->process.env, self, 1);
    key_directory_init(&bench->directory, suite_find("ed25519", "modelled"), 12, 1);
    identity_init(&bench->identity, &bench->directory, self);
    bench->process.env.identity = &bench->identity;
    announce_init(&bench->announce, &bench->process.env, &config);
    process_step(&bench->process, &start, 0);
}

static void bench_deinit(struct bench *bench) {
    announce_deinit(&bench->announce);
    identity_deinit(&bench->identity);
    key_directory_deinit(&bench->directory);
    env_deinit(&bench->process.env);
}

static int hear(struct bench *bench, node_id from, time_ns at, struct frame *frame) {
    steps_message(&bench->process, from, at, frame);
    return bench->dropped;
}

static void link_peer(struct bench *bench, node_id peer, time_ns at) {
    struct hyparview_message neighbor = {.type = MESSAGE_HYPARVIEW_NEIGHBOR, .flag = true};
    ck_assert_int_eq(hear(bench, peer, at, hyparview_encode(&neighbor, CHANNEL)), OK);
}

static size_t sent(const struct bench *bench, node_id to, uint16_t type) {
    return steps_sent(&bench->process.env, to, type);
}

static size_t traced(const struct bench *bench, enum trace_point point) {
    size_t count = 0;
    for (size_t i = 0; i < bench->process.env.out.count; i++) {
        const struct effect *effect = &bench->process.env.out.list[i];
        count += effect->type == EFFECT_TRACE && effect->number == point;
    }
    return count;
}

/* A block's id that tells its height and @fork. */
static struct digest block(uint64_t height, uint8_t fork) {
    struct digest digest = {{0}};
    memcpy(digest.bytes, &height, sizeof height);
    digest.bytes[DIGEST_BYTES - 1] = (uint8_t)(fork + 1);
    return digest;
}

static struct announcement news(uint64_t height, node_id announcer) {
    return (struct announcement){
        .height = height,
        .block = block(height, 0),
        .batch = block(height, 100),
        .previous = block(height - 1, 0),
        .previous_announcer = (announcer + REPRESENTATIVES - 1) % REPRESENTATIVES,
        .announcer = announcer,
    };
}

/* The signed payload of @in; returns its size. */
static size_t sign(const struct bench *bench, const struct announcement *in,
                   uint8_t payload[PAYLOAD_MAX]) {
    static const char domain[] = "tierchain announcement";
    const struct suite *suite = bench->directory.suite;
    uint8_t statement[sizeof domain + ANNOUNCEMENT_BYTES];
    struct identity identity;
    identity_init(&identity, &bench->directory, in->announcer % 12);
    announcement_write(in, CHANNEL, payload);
    memcpy(statement, domain, sizeof domain);
    memcpy(statement + sizeof domain, payload, ANNOUNCEMENT_BYTES);
    suite->sign(suite, identity.secret_key, statement, sizeof statement,
                payload + ANNOUNCEMENT_BYTES);
    identity_deinit(&identity);
    return ANNOUNCEMENT_BYTES + suite->signature_bytes;
}

static struct digest id_of(const struct bench *bench, uint64_t height, struct digest name) {
    uint8_t bytes[2 + 8 + DIGEST_BYTES];
    struct writer writer;
    struct digest id;
    writer_init(&writer, bytes, sizeof bytes);
    write_u16(&writer, CHANNEL);
    write_u64(&writer, height);
    write_digest(&writer, &name);
    bench->directory.suite->hash(&id, bytes, sizeof bytes);
    return id;
}

/* A GOSSIP of @payload in the tree of representative @tree. */
static struct frame *gossip(struct digest id, const uint8_t *payload, size_t size, node_id tree) {
    struct plumtree_message message = {
        .type = MESSAGE_PLUMTREE_GOSSIP, .id = id, .payload = payload, .size = size};
    return plumtree_encode(&message, (uint16_t)(CHANNEL + tree));
}

static int announce(struct bench *bench, const struct announcement *in, node_id tree, time_ns at) {
    uint8_t payload[PAYLOAD_MAX];
    size_t size = sign(bench, in, payload);
    struct digest id = id_of(bench, in->height, in->block);
    return hear(bench, 5, at, gossip(id, payload, size, tree));
}

START_TEST(news_is_delivered_once_and_passed_on) {
    struct bench bench;
    struct announcement in = news(1, 0);
    bench_init(&bench, SELF);
    for (node_id peer = 5; peer <= 7; peer++)
        link_peer(&bench, peer, 0);
    ck_assert_int_eq(announce(&bench, &in, 0, 0), OK);
    ck_assert_uint_eq(traced(&bench, TRACE_ANNOUNCED), 1);
    ck_assert_uint_eq(sent(&bench, 5, MESSAGE_PLUMTREE_GOSSIP), 0);
    ck_assert_uint_eq(sent(&bench, 6, MESSAGE_PLUMTREE_GOSSIP), 1);
    ck_assert_uint_eq(sent(&bench, 7, MESSAGE_PLUMTREE_GOSSIP), 1);
    ck_assert_int_eq(announce(&bench, &in, 0, 0), ERR_DUPLICATE);
    ck_assert_uint_eq(traced(&bench, TRACE_ANNOUNCED), 0);
    /* Plumtree has forgotten the id; the window has not forgotten the height. */
    ck_assert_int_eq(announce(&bench, &in, 0, PLUMTREE_ID_LIFE + 1), ERR_DUPLICATE);
    ck_assert_uint_eq(traced(&bench, TRACE_ANNOUNCED), 0);
    bench_deinit(&bench);
}
END_TEST

START_TEST(what_is_not_a_representatives_word_is_refused) {
    struct bench bench;
    uint8_t payload[PAYLOAD_MAX];
    bench_init(&bench, SELF);
    link_peer(&bench, 5, 0);
    struct announcement in = news(1, 4);
    ck_assert_int_eq(announce(&bench, &in, 0, 0), ERR_NOT_MEMBER);
    in = news(1, 1);
    ck_assert_int_eq(announce(&bench, &in, 0, 0), ERR_NOT_MEMBER); /* in another's tree */
    ck_assert_int_eq(announce(&bench, &in, REPRESENTATIVES, 0), ERR_MISMATCH);
    size_t size = sign(&bench, &in, payload);
    ck_assert_int_eq(hear(&bench, 5, 0, gossip(block(7, 7), payload, size, 1)), ERR_MISMATCH);
    payload[ANNOUNCEMENT_BYTES] ^= 1;
    struct digest id = id_of(&bench, 1, in.block);
    ck_assert_int_eq(hear(&bench, 5, 0, gossip(id, payload, size, 1)), ERR_SIGNATURE);
    ck_assert_int_eq(hear(&bench, 5, 0, gossip(id, payload, size - 1, 1)), ERR_TRUNCATED);
    in = news(0, 1);
    ck_assert_int_eq(announce(&bench, &in, 1, 0), ERR_INVALID);
    /* None of that stands in the way of the truth. */
    in = news(1, 1);
    ck_assert_int_eq(announce(&bench, &in, 1, 0), OK);
    bench_deinit(&bench);
}
END_TEST

START_TEST(contradictions_and_the_past_are_refused) {
    struct bench bench;
    bench_init(&bench, SELF);
    link_peer(&bench, 5, 0);
    struct announcement in = news(100, 0), fork = news(100, 1), old = news(36, 0);
    ck_assert_int_eq(announce(&bench, &in, 0, 0), OK);
    fork.block = block(100, 1);
    ck_assert_int_eq(announce(&bench, &fork, 1, 0), ERR_CONFLICT);
    ck_assert_int_eq(announce(&bench, &old, 0, 0), ERR_STALE); /* 64 behind */
    old = news(37, 0);
    ck_assert_int_eq(announce(&bench, &old, 0, 0), OK);
    /* A liar about the future spoils nobody's window but its own. */
    struct announcement lie = news(UINT64_MAX, 3), next = news(101, 1), own = news(102, 3);
    ck_assert_int_eq(announce(&bench, &lie, 3, 0), OK);
    ck_assert_int_eq(announce(&bench, &next, 1, 0), OK);
    ck_assert_int_eq(announce(&bench, &own, 3, 0), ERR_STALE);
    bench_deinit(&bench);
}
END_TEST

/* Height 2 never came: it is asked for, in its announcer's tree, and then it is there. */
START_TEST(gaps_are_noticed_and_filled) {
    struct bench bench;
    struct announcement first = news(1, 0), second = news(2, 1), third = news(3, 2);
    bench_init(&bench, SELF);
    link_peer(&bench, 5, 0);
    link_peer(&bench, 6, 0);
    ck_assert_int_eq(announce(&bench, &first, 0, 0), OK);
    ck_assert_int_eq(announce(&bench, &third, 2, 0), OK);
    steps_timer(&bench.process, T1 - 1);
    ck_assert_uint_eq(sent(&bench, 5, MESSAGE_PLUMTREE_GRAFT), 0); /* it may be on its way */
    steps_timer(&bench.process, T1);
    ck_assert_uint_eq(sent(&bench, 5, MESSAGE_PLUMTREE_GRAFT), 1);
    steps_timer(&bench.process, T1 + NS_PER_S / 10);
    ck_assert_uint_eq(sent(&bench, 6, MESSAGE_PLUMTREE_GRAFT), 1);
    ck_assert_int_eq(announce(&bench, &second, 1, T1 + NS_PER_S / 5), OK);
    ck_assert_uint_eq(traced(&bench, TRACE_ANNOUNCED), 1);
    /* Nothing is missing any more, and what lies before one's first news is not missing. */
    steps_timer(&bench.process, 3 * T1);
    ck_assert_uint_eq(sent(&bench, 5, MESSAGE_PLUMTREE_GRAFT), 0);
    ck_assert_uint_eq(sent(&bench, 6, MESSAGE_PLUMTREE_GRAFT), 0);
    bench_deinit(&bench);
}
END_TEST

static struct plumtree_message offered(const struct bench *bench, node_id to) {
    const struct effects *out = &bench->process.env.out;
    struct plumtree_message ihave = {0};
    for (size_t i = 0; i < out->count; i++) {
        struct message message;
        const struct effect *effect = &out->list[i];
        if (effect->type != EFFECT_SEND || effect->number != to)
            continue;
        ck_assert_int_eq(message_parse(&message, effect->frame), OK);
        if (message.type == MESSAGE_PLUMTREE_IHAVE && message.channel == CHANNEL)
            ck_assert_int_eq(plumtree_decode(&ihave, &message), OK);
    }
    return ihave;
}

/* Nothing below its first news shows a node what it missed while it joined: its neighbours do. */
START_TEST(a_new_neighbour_is_offered_what_it_missed_while_it_joined) {
    struct bench bench, joiner;
    struct announcement missed = news(1, 0), next = news(2, 1);
    time_ns joining = (1 + ANNOUNCE_ATTEMPTS) * 100 * NS_PER_S; /* no spread */
    bench_init(&bench, SELF);
    link_peer(&bench, 5, 0);
    ck_assert_int_eq(announce(&bench, &missed, 0, 0), OK);
    link_peer(&bench, 6, NS_PER_S);
    ck_assert_uint_eq(sent(&bench, 6, MESSAGE_PLUMTREE_IHAVE), 1);
    struct plumtree_message ihave = offered(&bench, 6);
    struct digest id = id_of(&bench, 1, missed.block);
    ck_assert_mem_eq(&ihave.id, &id, sizeof id);
    ck_assert_uint_eq(ihave.round, 1);
    /* Not what is older than any join. */
    link_peer(&bench, 7, joining);
    ck_assert_uint_eq(sent(&bench, 7, MESSAGE_PLUMTREE_IHAVE), 0);
    /* The joiner asks for it, and has no use for the offer of what it knows. */
    bench_init(&joiner, 6);
    link_peer(&joiner, 5, NS_PER_S);
    ck_assert_int_eq(announce(&joiner, &next, 1, NS_PER_S), OK);
    ck_assert_int_eq(hear(&joiner, 5, NS_PER_S, plumtree_encode(&ihave, CHANNEL)), OK);
    steps_timer(&joiner.process, NS_PER_S + T1);
    ck_assert_uint_eq(sent(&joiner, 5, MESSAGE_PLUMTREE_GRAFT), 1);
    ck_assert_int_eq(announce(&joiner, &missed, 0, NS_PER_S + T1), OK);
    ck_assert_uint_eq(traced(&joiner, TRACE_ANNOUNCED), 1);
    ck_assert_int_eq(hear(&joiner, 5, NS_PER_S + T1, plumtree_encode(&ihave, CHANNEL)), OK);
    steps_timer(&joiner.process, NS_PER_S + 3 * T1);
    ck_assert_uint_eq(sent(&joiner, 5, MESSAGE_PLUMTREE_GRAFT), 0);
    bench_deinit(&joiner);
    bench_deinit(&bench);
}
END_TEST

START_TEST(what_no_neighbour_has_makes_it_join_again) {
    struct bench bench;
    time_ns at = NS_PER_S; /* though it has just joined */
    struct announcement first = news(1, 0), third = news(3, 2), fifth = news(5, 0);
    bench_init(&bench, SELF);
    link_peer(&bench, 5, 0);
    ck_assert_int_eq(announce(&bench, &first, 0, 0), OK);
    ck_assert_int_eq(announce(&bench, &third, 2, at), OK);
    steps_timer(&bench.process, at + T1);
    ck_assert_uint_eq(sent(&bench, 5, MESSAGE_PLUMTREE_GRAFT), 1);
    ck_assert_uint_eq(sent(&bench, 1, MESSAGE_HYPARVIEW_JOIN), 0);
    steps_timer(&bench.process, at + T1 + NS_PER_S / 10);
    ck_assert_uint_eq(sent(&bench, 1, MESSAGE_HYPARVIEW_JOIN), 1); /* it announced height 2 */
    /* Not again so soon. */
    ck_assert_int_eq(announce(&bench, &fifth, 0, at + 2 * T1), OK);
    steps_timer(&bench.process, at + 3 * T1);
    steps_timer(&bench.process, at + 4 * T1);
    ck_assert_uint_eq(sent(&bench, 3, MESSAGE_HYPARVIEW_JOIN), 0);
    bench_deinit(&bench);
}
END_TEST

START_TEST(silence_makes_it_join_again) {
    struct bench bench;
    struct announcement in = news(1, 0);
    time_ns patience = ANNOUNCE_SILENCE * 1000 * NS_PER_S;
    bench_init(&bench, SELF);
    link_peer(&bench, 5, 0);
    ck_assert_int_eq(announce(&bench, &in, 0, NS_PER_S), OK);
    steps_timer(&bench.process, patience + NS_PER_S - 1);
    size_t joins = 0;
    steps_timer(&bench.process, patience + NS_PER_S);
    for (node_id to = 0; to < REPRESENTATIVES; to++)
        joins += sent(&bench, to, MESSAGE_HYPARVIEW_JOIN);
    ck_assert_uint_eq(joins, 1);
    bench_deinit(&bench);
}
END_TEST

static void decide(struct bench *bench, uint64_t height, node_id proposer, time_ns at) {
    struct event event = {.type = EVENT_SUBMIT};
    bench->decision = (struct decision){
        .height = height, .proposer = proposer, .block = block(height, 0), .batch = {NULL, 0}};
    steps_drain(&bench->process.env);
    process_step(&bench->process, &event, at);
}

/* The announcement that the last step sent to @to. */
static struct announcement announced_to(const struct bench *bench, node_id to) {
    const struct effects *out = &bench->process.env.out;
    struct announcement sent_news = {0};
    for (size_t i = 0; i < out->count; i++) {
        struct message message;
        struct plumtree_message gossip;
        const uint8_t *signature;
        const struct effect *effect = &out->list[i];
        if (effect->type != EFFECT_SEND || effect->number != to)
            continue;
        ck_assert_int_eq(message_parse(&message, effect->frame), OK);
        ck_assert_int_eq(plumtree_decode(&gossip, &message), OK);
        ck_assert_int_eq(announcement_read(&sent_news, CHANNEL, gossip.payload, gossip.size,
                                           bench->directory.suite->signature_bytes, &signature),
                         OK);
    }
    return sent_news;
}

START_TEST(an_announcement_names_the_block_below) {
    struct bench bench;
    bench_init(&bench, 2);
    link_peer(&bench, 5, 0);
    decide(&bench, 1, 2, 1);
    steps_timer(&bench.process, 1);
    ck_assert_uint_eq(announced_to(&bench, 5).height, 1);
    ck_assert_uint_eq(announced_to(&bench, 5).previous_announcer, NODE_NONE);
    decide(&bench, 2, 3, 2);
    decide(&bench, 3, 2, 2);
    steps_timer(&bench.process, 2);
    struct announcement third = announced_to(&bench, 5);
    struct digest below = block(2, 0), own = block(3, 0);
    ck_assert_uint_eq(third.height, 3);
    ck_assert_uint_eq(third.announcer, 2);
    ck_assert_uint_eq(third.previous_announcer, 3);
    ck_assert_mem_eq(&third.previous, &below, sizeof below);
    ck_assert_mem_eq(&third.block, &own, sizeof own);
    /* 4 to 8 were skipped: what is below 9 is not known. */
    decide(&bench, 9, 2, 3);
    steps_timer(&bench.process, 3);
    ck_assert_uint_eq(announced_to(&bench, 5).previous_announcer, NODE_NONE);
    bench_deinit(&bench);
}
END_TEST

START_TEST(a_representative_announces_its_own_blocks) {
    struct bench bench;
    bench_init(&bench, 2);
    decide(&bench, 1, 1, 0);
    decide(&bench, 2, 2, 0);
    ck_assert_uint_eq(traced(&bench, TRACE_ANNOUNCE), 0); /* held back: no link yet */
    steps_timer(&bench.process, 0);
    ck_assert_uint_eq(traced(&bench, TRACE_ANNOUNCE), 0);
    link_peer(&bench, 5, 1);
    steps_timer(&bench.process, 1);
    ck_assert_uint_eq(traced(&bench, TRACE_ANNOUNCE), 1);
    ck_assert_uint_eq(sent(&bench, 5, MESSAGE_PLUMTREE_GOSSIP), 1);
    decide(&bench, 3, 3, 2);
    steps_timer(&bench.process, 2);
    ck_assert_uint_eq(traced(&bench, TRACE_ANNOUNCE), 0); /* another's to announce */
    /* In a step of its own: what the deciding step sends does not wait for the signature. */
    decide(&bench, 4, 2, 3);
    ck_assert_uint_eq(sent(&bench, 5, MESSAGE_PLUMTREE_GOSSIP), 0);
    steps_timer(&bench.process, 3);
    ck_assert_uint_eq(sent(&bench, 5, MESSAGE_PLUMTREE_GOSSIP), 1);
    /* It knows the truth about what it has decided itself. */
    struct announcement lie = news(3, 3);
    lie.block = block(3, 1);
    ck_assert_int_eq(announce(&bench, &lie, 3, 4), ERR_CONFLICT);
    bench_deinit(&bench);
}
END_TEST

START_TEST(a_heartbeat_over_no_link_is_answered) {
    struct bench bench;
    struct writer body;
    bench_init(&bench, SELF);
    link_peer(&bench, 5, 0);
    struct frame *heartbeat = message_new(MESSAGE_HEARTBEAT, CHANNEL, 0, &body);
    ck_assert_int_eq(hear(&bench, 5, 0, frame_ref(heartbeat)), OK);
    ck_assert_int_eq(hear(&bench, 6, 0, heartbeat), ERR_NOT_MEMBER);
    ck_assert_uint_eq(sent(&bench, 6, MESSAGE_HYPARVIEW_DISCONNECT), 1);
    heartbeat = message_new(MESSAGE_HEARTBEAT, CHANNEL + 1, 0, &body);
    ck_assert_int_eq(hear(&bench, 5, 0, heartbeat), ERR_MISMATCH);
    bench_deinit(&bench);
}
END_TEST

/* Altered, cut and random announcements: decoded ones encode to the same bytes, and nothing but
 * the very bytes that were signed is delivered. */
START_TEST(random_payloads_are_refused) {
    struct bench bench;
    struct rng rng;
    size_t decoded = 0;
    bench_init(&bench, SELF);
    link_peer(&bench, 5, 0);
    rng_init(&rng, 1, 0, "mutation");
    for (uint32_t round = 0; round < 100000; round++) {
        uint8_t payload[PAYLOAD_MAX + 1] = {0}, again[ANNOUNCEMENT_BYTES];
        const uint8_t *signature;
        struct announcement in = news(1 + round % 8, 1), out;
        size_t size = sign(&bench, &in, payload), signature_bytes = size - ANNOUNCEMENT_BYTES;
        payload[rng_below(&rng, size)] ^= (uint8_t)(1 + rng_below(&rng, 255));
        if (rng_chance(&rng, 1, 4))
            size = rng_below(&rng, size + 2);
        if (rng_chance(&rng, 1, 8))
            rng_fill(&rng, payload + 2, ANNOUNCEMENT_BYTES - 2);
        struct digest id = block(round, 3);
        if (announcement_read(&out, CHANNEL, payload, size, signature_bytes, &signature) == OK) {
            announcement_write(&out, CHANNEL, again);
            ck_assert_mem_eq(again, payload, sizeof again);
            ck_assert_ptr_eq(signature, payload + ANNOUNCEMENT_BYTES);
            id = id_of(&bench, out.height, out.block);
            decoded++;
        }
        ck_assert_int_ne(hear(&bench, 5, 0, gossip(id, payload, size, 1)), OK);
    }
    ck_assert_uint_gt(decoded, 50000);
    ck_assert_uint_eq(bench.announce.first, 0);
    struct announcement in = news(1, 1);
    ck_assert_int_eq(announce(&bench, &in, 1, 0), OK);
    bench_deinit(&bench);
}
END_TEST

Suite *announce_suite(void) {
    Suite *suite = suite_create("announce");
    TCase *tests = tcase_create("announce");
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, news_is_delivered_once_and_passed_on);
    tcase_add_test(tests, what_is_not_a_representatives_word_is_refused);
    tcase_add_test(tests, contradictions_and_the_past_are_refused);
    tcase_add_test(tests, gaps_are_noticed_and_filled);
    tcase_add_test(tests, a_new_neighbour_is_offered_what_it_missed_while_it_joined);
    tcase_add_test(tests, what_no_neighbour_has_makes_it_join_again);
    tcase_add_test(tests, silence_makes_it_join_again);
    tcase_add_test(tests, an_announcement_names_the_block_below);
    tcase_add_test(tests, a_representative_announces_its_own_blocks);
    tcase_add_test(tests, a_heartbeat_over_no_link_is_answered);
    tcase_add_test(tests, random_payloads_are_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
