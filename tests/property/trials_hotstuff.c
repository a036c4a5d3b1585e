/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * HotStuff's messages and records. Samples are written by hand from the formats in the header, not
 * by the encoders under test. */
#include <string.h>

#include "consensus/hotstuff/hotstuff.h"
#include "consensus/hotstuff/journal.h"
#include "tests/property/committee.h"

#define ROOM 4096

static void write_block(struct writer *writer, uint64_t view, uint64_t parent_view,
                        uint8_t parent) {
    uint8_t digest[DIGEST_BYTES];
    memset(digest, parent, sizeof digest);
    write_u64(writer, view);
    write_u64(writer, parent_view);
    write_bytes(writer, digest, sizeof digest);
    write_blob(writer, "a batch", view % 2 == 0 ? 7 : 0);
}

static int decode_block(const uint8_t *bytes, size_t size, struct writer *again) {
    struct block_content block;
    struct reader reader;
    reader_init(&reader, bytes, size);
    block_content_read(&block, &reader);
    const int error = reader_finish(&reader);
    if (error == OK)
        block_content_write(&block, again);
    return error;
}

void trial_hotstuff_block(struct trial *out) {
    uint8_t bytes[ROOM];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    for (uint64_t view = 1; view <= 2; view++) {
        write_block(&writer, view, 0, 3);
        committee_sample(out, &writer);
    }
    out->decode = decode_block;
}

static int decode_proposal(const uint8_t *bytes, size_t size, struct writer *again) {
    struct proposal proposal;
    struct message message = trial_message(MESSAGE_HOTSTUFF_PROPOSAL, bytes, size);
    const int error = proposal_decode(&proposal, committee_certification(), &message);
    if (error == OK)
        trial_again(again, proposal_encode(&proposal, committee_certification()));
    return error;
}

/* With the parent of the view before, and with one that a timeout certificate explains. */
void trial_hotstuff_proposal(struct trial *out) {
    uint8_t bytes[ROOM];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    write_block(&writer, 8, 7, 5);
    committee_write_certificate(&writer, VOTE_HOTSTUFF, 7, 0, 5, 3);
    committee_sample(out, &writer);
    write_block(&writer, 9, 7, 5);
    committee_write_certificate(&writer, VOTE_HOTSTUFF, 7, 0, 5, 3);
    committee_write_certificate(&writer, VOTE_HOTSTUFF_TIMEOUT, 8, 0, 0, 3);
    committee_sample(out, &writer);
    out->decode = decode_proposal;
}

static int decode_vote(const uint8_t *bytes, size_t size, struct writer *again) {
    struct vote vote;
    struct message message = trial_message(MESSAGE_HOTSTUFF_VOTE, bytes, size);
    const int error = vote_decode(&vote, committee_certification(), &message);
    if (error == OK)
        trial_again(again, vote_encode(&vote, committee_certification()));
    return error;
}

void trial_hotstuff_vote(struct trial *out) {
    uint8_t bytes[ROOM];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    write_u64(&writer, 5);
    committee_write_digest_of(&writer, 6);
    committee_write_signature(&writer);
    committee_sample(out, &writer);
    out->decode = decode_vote;
}

static int decode_new_view(const uint8_t *bytes, size_t size, struct writer *again) {
    struct new_view new_view;
    struct message message = trial_message(MESSAGE_HOTSTUFF_NEW_VIEW, bytes, size);
    const int error = new_view_decode(&new_view, committee_certification(), &message);
    if (error == OK)
        trial_again(again, new_view_encode(&new_view, committee_certification()));
    return error;
}

void trial_hotstuff_new_view(struct trial *out) {
    uint8_t bytes[ROOM];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    for (uint8_t timed_out = 0; timed_out <= 1; timed_out++) {
        write_u64(&writer, 9);
        committee_write_signature(&writer);
        committee_write_certificate(&writer, VOTE_HOTSTUFF, 7, 0, 5, 3);
        write_u8(&writer, timed_out);
        if (timed_out)
            committee_write_certificate(&writer, VOTE_HOTSTUFF_TIMEOUT, 8, 0, 0, 3);
        committee_sample(out, &writer);
    }
    out->decode = decode_new_view;
}

static int decode_fetch(const uint8_t *bytes, size_t size, struct writer *again) {
    struct fetch fetch;
    struct message message = trial_message(MESSAGE_HOTSTUFF_FETCH, bytes, size);
    const int error = fetch_decode(&fetch, committee_certification(), &message);
    if (error == OK)
        trial_again(again, fetch_encode(&fetch, committee_certification()));
    return error;
}

void trial_hotstuff_fetch(struct trial *out) {
    uint8_t bytes[ROOM];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    write_u64(&writer, 5);
    committee_write_digest_of(&writer, 6);
    committee_write_certificate(&writer, VOTE_HOTSTUFF, 7, 0, 5, 3);
    committee_sample(out, &writer);
    out->decode = decode_fetch;
}

static int decode_blocks(const uint8_t *bytes, size_t size, struct writer *again) {
    static struct blocks blocks;
    struct message message = trial_message(MESSAGE_HOTSTUFF_BLOCKS, bytes, size);
    const int error = blocks_decode(&blocks, committee_certification(), &message);
    if (error == OK)
        trial_again(again, blocks_encode(&blocks, committee_certification()));
    return error;
}

void trial_hotstuff_blocks(struct trial *out) {
    uint8_t bytes[ROOM];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    for (uint16_t count = 0; count <= 2; count++) {
        write_u16(&writer, count);
        for (uint64_t view = 4; view < 4u + count; view++)
            write_block(&writer, view, view - 1, 5);
        committee_write_certificate(&writer, VOTE_HOTSTUFF, 3u + count, 0, 5, 3);
        write_u8(&writer, count == 2);
        if (count == 2)
            committee_write_certificate(&writer, VOTE_HOTSTUFF_TIMEOUT, 9, 0, 0, 3);
        committee_sample(out, &writer);
    }
    out->decode = decode_blocks;
}

/* ---- the journal ---- */

/* A life that begins with this record writes the same one again: nothing was misunderstood. */
static int decode_journal(const uint8_t *bytes, size_t size, struct writer *again) {
    struct env *env = committee_env(1);
    struct record record = {.slot = 0, .frame = frame_copy(bytes, size)};
    struct consensus_config config = {.env = env,
                                      .committee = committee_certification()->committee,
                                      .channel = COMMITTEE_CHANNEL,
                                      .view_timeout = NS_PER_S,
                                      .records = &record,
                                      .record_count = 1};
    const struct consensus probe = {.channel = COMMITTEE_CHANNEL};
    record.slot = consensus_slot(&probe, 0);
    struct consensus *instance = consensus_new(&hotstuff_rotating.ops, &config);
    struct hotstuff *hotstuff = (struct hotstuff *)instance;
    const bool recovered = hotstuff->recovered;
    journal_save(hotstuff);
    size_t last = env->out.count - 1;
    while (env->out.list[last].type != EFFECT_PERSIST)
        last--;
    const struct frame *saved = env->out.list[last].frame;
    write_bytes(again, saved->bytes, saved->size);
    consensus_free(instance);
    frame_unref(record.frame);
    return recovered ? OK : ERR_UNKNOWN;
}

/* The state; blocks are kept as the messages that they came in. */
void trial_hotstuff_journal(struct trial *out) {
    uint8_t bytes[ROOM];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    for (uint64_t view = 7; view <= 8; view++) {
        write_u64(&writer, view + 2);
        write_u64(&writer, view - 1);
        committee_write_digest_of(&writer, 4);
        write_u64(&writer, view - 2);
        write_u64(&writer, 3);
        committee_write_digest_of(&writer, 3);
        committee_write_certificate(&writer, VOTE_HOTSTUFF, view, 0, 5, 3);
        write_u8(&writer, 0);
        write_u8(&writer, 0);
        committee_sample(out, &writer);
    }
    out->decode = decode_journal;
}
