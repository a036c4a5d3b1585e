/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Encodings of transfers, statements, items and messages: canonical, complete, and what they bind. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"
#include "shard/item.h"
#include "shard/shard_messages.h"

#define SIGNATURE 64

static const node_id members[2][4] = {{0, 1, 2, 3}, {4, 5, 6, 7}};
static const struct committee committees[2] = {{members[0], 4}, {members[1], 4}};
static const struct shard_map map = {7, 2, 0x10, committees};

/* Keys of eight members and an origin, node 8; one env speaks for whoever is asked. */
struct bench {
    struct key_directory directory;
    struct identity identity;
    struct env env;
};

static void bench_init(struct bench *bench) {
    key_directory_init(&bench->directory, suite_find("ed25519", "modelled"), 9, 1);
    env_init(&bench->env, 0, 1);
    bench->env.stepping = true;
    identity_init(&bench->identity, &bench->directory, 0);
    bench->env.identity = &bench->identity;
}

static struct env *as(struct bench *bench, node_id node) {
    identity_deinit(&bench->identity);
    identity_init(&bench->identity, &bench->directory, node);
    bench->env.out.count = 0;
    return &bench->env;
}

static void bench_deinit(struct bench *bench) {
    identity_deinit(&bench->identity);
    env_deinit(&bench->env);
    key_directory_deinit(&bench->directory);
}

static uint8_t signature[SIGNATURE];

static struct transfer sample(void) {
    return (struct transfer){
        .epoch = 7,
        .origin = 8,
        .number = 3,
        .part_count = 2,
        .parts = {{0, true, 11, 50}, {1, false, 12, 50}},
        .signature = signature,
    };
}

static int read_back(const struct transfer *transfer, struct transfer *again) {
    uint8_t bytes[TRANSFER_BYTES_MAX];
    struct writer writer;
    struct reader reader;
    writer_init(&writer, bytes, sizeof bytes);
    transfer_write(&writer, transfer, SIGNATURE);
    ck_assert_uint_eq(writer.at, transfer_bytes(transfer, SIGNATURE));
    reader_init(&reader, bytes, writer.at);
    transfer_read(&reader, again, SIGNATURE);
    return reader_finish(&reader);
}

static void refuse(void (*spoil)(struct transfer *), int reason) {
    struct transfer transfer = sample(), again;
    spoil(&transfer);
    ck_assert_int_eq(read_back(&transfer, &again), reason);
}

static void unbalance(struct transfer *transfer) {
    transfer->parts[1].amount = 51;
}

static void swap(struct transfer *transfer) {
    struct transfer_part first = transfer->parts[0];
    transfer->parts[0] = transfer->parts[1];
    transfer->parts[1] = first;
    transfer->sender = 1;
}

static void repeat(struct transfer *transfer) {
    transfer->parts[1].shard = 0;
    transfer->parts[1].account = 11;
}

static void nothing(struct transfer *transfer) {
    transfer->parts[0].amount = transfer->parts[1].amount = 0;
}

static void too_much(struct transfer *transfer) {
    transfer->parts[0].amount = transfer->parts[1].amount = TRANSFER_AMOUNT_MAX + 1;
}

static void sender_credited(struct transfer *transfer) {
    transfer->sender = 1;
}

static void sender_beyond(struct transfer *transfer) {
    transfer->sender = 2;
}

static void number_zero(struct transfer *transfer) {
    transfer->number = 0;
}

START_TEST(bad_transfers_are_refused) {
    struct transfer transfer = sample(), again;
    ck_assert_int_eq(read_back(&transfer, &again), OK);
    refuse(unbalance, ERR_INVALID);
    refuse(swap, ERR_NON_CANONICAL);
    refuse(repeat, ERR_NON_CANONICAL);
    refuse(nothing, ERR_INVALID);
    refuse(too_much, ERR_INVALID);
    refuse(sender_credited, ERR_INVALID);
    refuse(sender_beyond, ERR_INVALID);
    refuse(number_zero, ERR_INVALID);
}
END_TEST

/* Every field but the signature is part of the session. */
START_TEST(a_session_binds_everything) {
    struct transfer variants[10];
    struct digest sessions[ARRAY_LEN(variants)];
    for (size_t i = 0; i < ARRAY_LEN(variants); i++)
        variants[i] = sample();
    variants[1].epoch++;
    variants[2].origin++;
    variants[3].number++;
    variants[4].sender++;
    variants[5].part_count--;
    variants[6].parts[0].shard++;
    variants[7].parts[0].debit = false;
    variants[8].parts[1].account++;
    variants[9].parts[1].amount++;
    for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
        transfer_session(&variants[i], &sessions[i]);
        for (size_t k = 0; k < i; k++)
            ck_assert_mem_ne(&sessions[i], &sessions[k], sizeof sessions[0]);
    }
}
END_TEST

/* Card 22: nothing said to one shard, in one epoch or session, counts in another. */
START_TEST(a_signature_binds_everything) {
    struct bench bench;
    uint8_t bytes[LIMIT_SIGNATURE_BYTES];
    struct shard_statement said = {SHARD_COMMIT, 7, 0, 1, {{5}}, 9}, other[6];
    bench_init(&bench);
    shard_statement_sign(as(&bench, 2), &said, bytes);
    ck_assert(shard_statement_verify(&bench.env, 2, &said, bytes));
    ck_assert(!shard_statement_verify(&bench.env, 3, &said, bytes));
    for (size_t i = 0; i < ARRAY_LEN(other); i++)
        other[i] = said;
    other[0].word = SHARD_ABORT;
    other[1].epoch--;
    other[2].speaker = 2;
    other[3].listener = 2;
    other[4].session.bytes[31]++;
    other[5].ticket--;
    for (size_t i = 0; i < ARRAY_LEN(other); i++) {
        ck_assert(!shard_statement_verify(&bench.env, 2, &other[i], bytes));
        ck_assert(!shard_statement_equal(&said, &other[i]));
    }
    bench_deinit(&bench);
}
END_TEST

/* A proof by the members whose bits are set in @signers, with the signature of number @bad spoilt. */
static int check_spoilt(struct bench *bench, const struct shard_statement *statement,
                        uint8_t signers, uint16_t shard, size_t bad) {
    struct shard_item item = {.kind = SHARD_ITEM_PROOF, .session = statement->session}, again;
    uint8_t signatures[8 * SIGNATURE] = {0};
    size_t taken = 0;
    for (uint32_t i = 0; i < 4; i++)
        if (signers >> i & 1)
            shard_statement_sign(as(bench, members[statement->speaker % 2][i]), statement,
                                 &signatures[SIGNATURE * taken++]);
    if (bad < taken)
        signatures[SIGNATURE * bad] ^= 1;
    item.proof = (struct shard_proof){*statement, 0, &signers, signatures};
    struct frame *frame = shard_item_encode(&item, &map, SIGNATURE);
    int error = shard_item_decode(&again, frame->bytes, frame->size, &map, SIGNATURE);
    if (error == OK)
        error = shard_item_verify(&bench->env, &again, &map, shard);
    frame_unref(frame);
    return error;
}

static int check_proof(struct bench *bench, const struct shard_statement *statement,
                       uint8_t signers, uint16_t shard) {
    return check_spoilt(bench, statement, signers, shard, SIZE_MAX);
}

START_TEST(a_proof_is_f_plus_one_signatures) {
    struct bench bench;
    struct shard_statement said = {SHARD_ACCEPT, 7, 1, 0, {{5}}, 9};
    bench_init(&bench);
    ck_assert_int_eq(check_proof(&bench, &said, 0x3, 0), OK);
    ck_assert_int_eq(check_proof(&bench, &said, 0xa, 0), OK);
    ck_assert_int_eq(check_proof(&bench, &said, 0x1, 0), ERR_NOT_ENOUGH);
    ck_assert_int_eq(check_proof(&bench, &said, 0x7, 0), ERR_NOT_ENOUGH); /* one form only */
    ck_assert_int_eq(check_proof(&bench, &said, 0x12, 0), ERR_NON_CANONICAL);
    ck_assert_int_eq(check_proof(&bench, &said, 0x3, 1), ERR_INVALID); /* another listener */
    ck_assert_int_eq(check_spoilt(&bench, &said, 0xa, 0, 0), ERR_SIGNATURE);
    ck_assert_int_eq(check_spoilt(&bench, &said, 0xa, 0, 1), ERR_SIGNATURE);
    said.epoch = 6;
    ck_assert_int_eq(check_proof(&bench, &said, 0x3, 0), ERR_STALE);
    said.epoch = 7;
    said.ticket = 0;
    ck_assert_int_eq(check_proof(&bench, &said, 0x3, 0), ERR_NON_CANONICAL);
    said.ticket = 1;
    said.word = SHARD_REJECT;
    ck_assert_int_eq(check_proof(&bench, &said, 0x3, 0), ERR_NON_CANONICAL);
    bench_deinit(&bench);
}
END_TEST

START_TEST(an_item_verifies_its_transfer) {
    struct bench bench;
    uint8_t bytes[LIMIT_SIGNATURE_BYTES];
    struct shard_item item = {.kind = SHARD_ITEM_PREPARE, .transfer = sample()};
    bench_init(&bench);
    item.transfer.signature = bytes;
    transfer_session(&item.transfer, &item.session);
    transfer_sign(as(&bench, 8), &item.session, bytes);
    ck_assert_int_eq(shard_item_verify(&bench.env, &item, &map, 0), OK);
    ck_assert_int_eq(shard_item_verify(&bench.env, &item, &map, 1), OK);
    transfer_sign(as(&bench, 3), &item.session, bytes); /* not the origin */
    ck_assert_int_eq(shard_item_verify(&bench.env, &item, &map, 0), ERR_SIGNATURE);
    item.transfer.parts[1].shard = 2; /* there are two shards */
    ck_assert_int_eq(shard_item_verify(&bench.env, &item, &map, 0), ERR_INVALID);
    item.transfer.parts[0].shard = item.transfer.parts[1].shard = 1;
    ck_assert_int_eq(shard_item_verify(&bench.env, &item, &map, 0), ERR_INVALID);
    item.transfer.epoch = 6;
    ck_assert_int_eq(shard_item_verify(&bench.env, &item, &map, 1), ERR_STALE);
    bench_deinit(&bench);
}
END_TEST

static struct frame *random_item(struct rng *rng, uint8_t *pool) {
    struct shard_item item = {.kind = (enum shard_item_kind)(1 + rng_below(rng, 3))};
    static uint8_t bitmap;
    rng_fill(rng, pool, 8 * SIGNATURE);
    if (item.kind == SHARD_ITEM_PREPARE) {
        item.transfer = sample();
        item.transfer.signature = pool;
        item.transfer.number = 1 + rng_below(rng, 1000);
        for (size_t i = 0; i < 2; i++)
            item.transfer.parts[i].account = rng_next(rng);
    } else if (item.kind == SHARD_ITEM_PROOF) {
        bitmap = rng_chance(rng, 1, 2) ? 0x6 : 0x9;
        item.proof = (struct shard_proof){
            {(enum shard_word)(1 + rng_below(rng, 5)), 7, 1, 0, {{1}}, 1}, 0, &bitmap, pool};
        if (item.proof.statement.word == SHARD_REJECT)
            item.proof.statement.ticket = 0;
    }
    return shard_item_encode(&item, &map, SIGNATURE);
}

/* Spoils up to three bytes, or cuts, or appends. */
static struct frame *mutate(struct rng *rng, struct frame *frame) {
    size_t size = frame->size;
    if (rng_chance(rng, 1, 8))
        size = rng_below(rng, size + 1);
    else if (rng_chance(rng, 1, 8))
        size += 1 + rng_below(rng, 3);
    struct frame *spoilt = frame_new(size);
    memcpy(spoilt->bytes, frame->bytes, size_min(size, frame->size));
    for (uint64_t i = rng_below(rng, 4); i > 0 && size > 0; i--)
        spoilt->bytes[rng_below(rng, rng_chance(rng, 1, 2) ? size_min(size, 60) : size)] =
            (uint8_t)(rng_chance(rng, 1, 2) ? rng_below(rng, 4) : rng_below(rng, 256));
    frame_unref(frame);
    return spoilt;
}

START_TEST(what_decodes_encodes_to_the_same) {
    struct rng rng;
    uint8_t pool[8 * SIGNATURE];
    int accepted = 0, rejected = 0;
    rng_init(&rng, 1, 0, "items");
    for (int round = 0; round < 100000; round++) {
        struct frame *frame = mutate(&rng, random_item(&rng, pool));
        struct shard_item item;
        if (shard_item_decode(&item, frame->bytes, frame->size, &map, SIGNATURE) == OK) {
            struct frame *again = shard_item_encode(&item, &map, SIGNATURE);
            ck_assert_uint_eq(again->size, frame->size);
            ck_assert_mem_eq(again->bytes, frame->bytes, frame->size);
            frame_unref(again);
            accepted++;
        } else {
            rejected++;
        }
        frame_unref(frame);
    }
    ck_assert_int_gt(accepted, 20000);
    ck_assert_int_gt(rejected, 20000);
}
END_TEST

static struct frame *encode_again(const struct message *message) {
    struct shard_prepare prepare;
    struct shard_signed statement;
    struct shard_result result;
    if (message->type == MESSAGE_SHARD_PREPARE)
        return shard_prepare_decode(&prepare, message, SIGNATURE)
                   ? NULL
                   : shard_prepare_encode(&prepare, message->channel, SIGNATURE);
    if (message->type == MESSAGE_SHARD_STATEMENT)
        return shard_signed_decode(&statement, message, SIGNATURE)
                   ? NULL
                   : shard_signed_encode(&statement, message->channel, SIGNATURE);
    return shard_result_decode(&result, message) ? NULL
                                                 : shard_result_encode(&result, message->channel);
}

static struct frame *random_message(struct rng *rng, uint8_t *pool) {
    struct shard_prepare prepare = {(uint16_t)rng_below(rng, 3), rng_below(rng, 3), sample()};
    struct shard_signed statement = {
        {(enum shard_word)(1 + rng_below(rng, 5)), 7, 1, 0, {{1}}, rng_below(rng, 2)}, pool};
    struct shard_result result = {(enum shard_word)(3 + rng_below(rng, 2)), {{2}}};
    rng_fill(rng, pool, SIGNATURE);
    prepare.transfer.signature = pool;
    if (prepare.asker == 2)
        prepare.asker = SHARD_NONE;
    switch (rng_below(rng, 3)) {
    case 0:
        return shard_prepare_encode(&prepare, 1, SIGNATURE);
    case 1:
        return shard_signed_encode(&statement, 1, SIGNATURE);
    default:
        return shard_result_encode(&result, 1);
    }
}

START_TEST(messages_are_canonical) {
    struct rng rng;
    uint8_t pool[SIGNATURE];
    int accepted = 0, rejected = 0;
    rng_init(&rng, 1, 0, "messages");
    for (int round = 0; round < 100000; round++) {
        struct frame *frame = random_message(&rng, pool);
        struct message message;
        struct writer body;
        ck_assert_int_eq(message_parse(&message, frame), OK);
        uint16_t type = message.type;
        struct frame *spoilt = mutate(&rng, frame_copy(message.body, message.size));
        frame_unref(frame);
        frame = message_new(type, 1, spoilt->size, &body);
        write_bytes(&body, spoilt->bytes, spoilt->size);
        frame_unref(spoilt);
        ck_assert_int_eq(message_parse(&message, frame), OK);
        struct frame *again = encode_again(&message);
        if (again != NULL) {
            ck_assert_uint_eq(again->size, frame->size);
            ck_assert_mem_eq(again->bytes, frame->bytes, frame->size);
        }
        accepted += again != NULL;
        rejected += again == NULL;
        frame_unref(again);
        frame_unref(frame);
    }
    ck_assert_int_gt(accepted, 20000);
    ck_assert_int_gt(rejected, 20000);
}
END_TEST

Suite *shard_codec_suite(void) {
    Suite *suite = suite_create("shard_codec");
    TCase *tests = tcase_create("codec");
    tcase_add_test(tests, bad_transfers_are_refused);
    tcase_add_test(tests, a_session_binds_everything);
    tcase_add_test(tests, a_signature_binds_everything);
    tcase_add_test(tests, a_proof_is_f_plus_one_signatures);
    tcase_add_test(tests, an_item_verifies_its_transfer);
    tcase_add_test(tests, what_decodes_encodes_to_the_same);
    tcase_add_test(tests, messages_are_canonical);
    suite_add_tcase(suite, tests);
    return suite;
}
