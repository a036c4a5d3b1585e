/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * PBFT's messages. Samples are written by hand from the formats in the source, not by the encoders
 * under test. */
#include <string.h>

#include "tests/property/committee.h"

#define ROOM 4096

static int decode_pre_prepare(const uint8_t *bytes, size_t size, struct writer *again) {
    struct pbft_pre_prepare read;
    struct message message = trial_message(MESSAGE_PBFT_PRE_PREPARE, bytes, size);
    const int error = pbft_read_pre_prepare(&message, committee_certification(), &read);
    if (error == OK)
        trial_again(again, pbft_write_pre_prepare(committee_certification(), &read));
    return error;
}

static void write_value(struct writer *writer, uint64_t origin) {
    write_u64(writer, origin);
    write_blob(writer, "a batch", origin > 0 ? 7 : 0);
}

/* A batch, and the null request. */
void trial_pbft_pre_prepare(struct trial *out) {
    uint8_t bytes[ROOM];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    for (uint64_t origin = 0; origin <= 1; origin++) {
        write_u64(&writer, 2);
        write_u64(&writer, 70);
        write_value(&writer, origin);
        committee_write_signature(&writer);
        committee_sample(out, &writer);
    }
    out->decode = decode_pre_prepare;
}

static int decode_pbft_vote(const uint8_t *bytes, size_t size, struct writer *again) {
    struct pbft_vote read;
    struct message message = trial_message(MESSAGE_PBFT_PREPARE, bytes, size);
    const int error = pbft_read_vote(&message, committee_certification(), &read);
    if (error == OK)
        trial_again(again, pbft_write_vote(MESSAGE_PBFT_PREPARE, committee_certification(), &read));
    return error;
}

void trial_pbft_vote(struct trial *out) {
    uint8_t bytes[ROOM];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    write_u64(&writer, 2);
    write_u64(&writer, 70);
    committee_write_digest_of(&writer, 5);
    committee_write_signature(&writer);
    committee_sample(out, &writer);
    out->decode = decode_pbft_vote;
}

static int decode_pbft_fetch(const uint8_t *bytes, size_t size, struct writer *again) {
    struct pbft_fetch read;
    struct message message = trial_message(MESSAGE_PBFT_FETCH, bytes, size);
    const int error = pbft_read_fetch(&message, &read);
    if (error == OK)
        trial_again(again, pbft_write_fetch(committee_certification(), &read));
    return error;
}

void trial_pbft_fetch(struct trial *out) {
    uint8_t bytes[ROOM];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    write_u64(&writer, 3);
    write_u64(&writer, 1);
    write_u64(&writer, 128);
    write_u64(&writer, 130);
    committee_write_digest_of(&writer, 5);
    committee_sample(out, &writer);
    out->decode = decode_pbft_fetch;
}

static int decode_pbft_held(const uint8_t *bytes, size_t size, struct writer *again) {
    struct pbft_held read;
    struct message message = trial_message(MESSAGE_PBFT_VALUE, bytes, size);
    const int error = pbft_read_held(&message, &read);
    if (error == OK)
        trial_again(again, pbft_write_held(COMMITTEE_CHANNEL, &read));
    return error;
}

void trial_pbft_held(struct trial *out) {
    uint8_t bytes[ROOM];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    for (uint64_t origin = 0; origin <= 1; origin++) {
        write_u64(&writer, 70);
        write_value(&writer, origin);
        committee_sample(out, &writer);
    }
    out->decode = decode_pbft_held;
}

static int decode_decided(const uint8_t *bytes, size_t size, struct writer *again) {
    static struct pbft_decided read[PBFT_DECIDED_MAX];
    uint32_t count;
    struct message message = trial_message(MESSAGE_PBFT_DECIDED, bytes, size);
    const int error = pbft_read_decided(&message, committee_certification(), read, &count);
    if (error == OK)
        trial_again(again, pbft_write_decided(committee_certification(), read, count));
    return error;
}

void trial_pbft_decided(struct trial *out) {
    uint8_t bytes[ROOM];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    for (uint16_t count = 1; count <= 2; count++) {
        write_u16(&writer, count);
        for (uint64_t i = 0; i < count; i++) {
            committee_write_certificate(&writer, VOTE_PBFT_COMMIT, 1, 7 + i, 5, 3);
            write_value(&writer, i);
        }
        committee_sample(out, &writer);
    }
    out->decode = decode_decided;
}

/* The signed part and its signature. */
static void write_change(struct writer *writer, uint64_t view, uint64_t stable, uint16_t count) {
    write_u64(writer, view);
    write_u64(writer, stable);
    write_u16(writer, count);
    for (uint16_t i = 1; i <= count; i++) {
        write_u64(writer, stable + i);
        write_u64(writer, view - 1);
        committee_write_digest_of(writer, (uint8_t)i);
        write_u64(writer, i - 1u); /* of the first nothing is said */
        committee_write_digest_of(writer, i > 1 ? 7 : 0);
    }
    committee_write_signature(writer);
}

/* Writes what was read field by field: nothing between the parts, nothing left out. */
static void write_parsed_change(struct writer *writer, const struct pbft_change *change) {
    struct pbft_entry entry;
    write_u64(writer, change->view);
    write_u64(writer, change->stable);
    write_u16(writer, (uint16_t)change->count);
    for (uint32_t i = 0; i < change->count; i++) {
        pbft_change_entry(change, i, &entry);
        write_u64(writer, entry.sequence);
        write_u64(writer, entry.view);
        write_digest(writer, &entry.digest);
        write_u64(writer, entry.origin);
        write_digest(writer, &entry.content);
    }
    write_bytes(writer, change->signature, committee_signature_bytes());
}

static void write_proofs(struct writer *writer, struct reader proofs, uint32_t count,
                         struct frame *frame) {
    struct certificate proof;
    for (uint32_t i = 0; i < count; i++) {
        certificate_read(&proof, &proofs, committee_certification(), frame);
        certificate_write(&proof, writer);
    }
}

static int decode_view_change(const uint8_t *bytes, size_t size, struct writer *again) {
    struct pbft_view_change read;
    struct pbft_value value;
    struct message message = trial_message(MESSAGE_PBFT_VIEW_CHANGE, bytes, size);
    const int error = pbft_read_view_change(&message, committee_certification(), &read);
    if (error != OK)
        return error;
    write_parsed_change(again, &read.change);
    if (read.change.stable > 0)
        certificate_write(&read.stable, again);
    write_proofs(again, read.proofs, read.change.count, message.frame);
    for (uint32_t i = 0; i < read.change.count; i++) {
        pbft_read_value(&read.values, message.frame, &value);
        pbft_write_value(again, &value);
    }
    return OK;
}

void trial_pbft_view_change(struct trial *out) {
    uint8_t bytes[ROOM];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    for (uint16_t count = 0; count <= 2; count++) {
        const uint64_t stable = count == 1 ? 0 : 128;
        write_change(&writer, 6, stable, count);
        if (stable > 0)
            committee_write_certificate(&writer, VOTE_PBFT_CHECKPOINT, 0, stable, 9, 3);
        for (uint16_t i = 1; i <= count; i++)
            committee_write_certificate(&writer, VOTE_PBFT_PREPARE, 5, stable + i, (uint8_t)i, 3);
        for (uint16_t i = 1; i <= count; i++)
            write_value(&writer, i % 2);
        committee_sample(out, &writer);
    }
    out->decode = decode_view_change;
}

static int decode_pbft_new_view(const uint8_t *bytes, size_t size, struct writer *again) {
    static struct pbft_new_view read;
    struct message message = trial_message(MESSAGE_PBFT_NEW_VIEW, bytes, size);
    const int error = pbft_read_new_view(&message, committee_certification(), &read);
    if (error != OK)
        return error;
    write_u64(again, read.view);
    write_u16(again, (uint16_t)read.count);
    for (uint32_t i = 0; i < read.count; i++) {
        write_u16(again, (uint16_t)read.senders[i]);
        write_parsed_change(again, &read.changes[i]);
    }
    if (read.stable.frame != NULL)
        certificate_write(&read.stable, again);
    struct certificate proof;
    uint16_t proofs = 0;
    for (struct reader at = read.proofs; at.at < read.proofs_end; proofs++)
        certificate_read(&proof, &at, committee_certification(), message.frame);
    write_u16(again, proofs);
    write_proofs(again, read.proofs, proofs, message.frame);
    write_bytes(again, read.signature, committee_signature_bytes());
    return OK;
}

void trial_pbft_new_view(struct trial *out) {
    uint8_t bytes[ROOM];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    for (uint64_t stable = 0; stable <= 128; stable += 128) {
        write_u64(&writer, 6);
        write_u16(&writer, 3);
        for (uint16_t sender = 0; sender < 3; sender++) {
            write_u16(&writer, sender);
            write_change(&writer, 6, sender == 1 ? stable : 0, sender);
        }
        if (stable > 0)
            committee_write_certificate(&writer, VOTE_PBFT_CHECKPOINT, 0, stable, 9, 3);
        write_u16(&writer, 1);
        committee_write_certificate(&writer, VOTE_PBFT_PREPARE, 5, stable + 1, 1, 3);
        committee_write_signature(&writer);
        committee_sample(out, &writer);
    }
    out->decode = decode_pbft_new_view;
}

/* u32 signer · signed bytes · signature */
static int verify_pbft(const uint8_t *bytes, size_t size) {
    const size_t front = size - committee_signature_bytes();
    struct reader reader;
    reader_init(&reader, bytes, size);
    const node_id signer = read_u32(&reader);
    return pbft_verify(committee_env(0), PBFT_SIGNS_CHANGE, COMMITTEE_CHANNEL, signer, bytes + 4,
                       front - 4, bytes + front)
               ? OK
               : ERR_SIGNATURE;
}

/* One under the other domain is not among the samples: a vote for a change starts no view. */
void trial_pbft_verify(struct trial *out) {
    for (node_id signer = 0; signer < 3; signer++) {
        uint8_t bytes[256], signature[LIMIT_SIGNATURE_BYTES];
        struct writer writer;
        writer_init(&writer, bytes, sizeof bytes);
        write_u32(&writer, signer);
        write_bytes(&writer, "what a view change says", 23);
        pbft_sign(committee_env(signer), PBFT_SIGNS_CHANGE, COMMITTEE_CHANNEL, bytes + 4, 23,
                  signature);
        write_bytes(&writer, signature, committee_signature_bytes());
        committee_sample(out, &writer);
    }
    out->verify = verify_pbft;
    out->fixed_size = true;
}
