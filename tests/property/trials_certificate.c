/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Votes and certificates. */
#include <string.h>

#include "consensus/certificate.h"
#include "crypto/identity.h"
#include "tests/property/committee.h"

#define ROOM 4096

static int decode_certificate(const uint8_t *bytes, size_t size, struct writer *again) {
    struct certificate certificate;
    struct message message = trial_message(0, bytes, size);
    struct reader reader;
    reader_init(&reader, bytes, size);
    certificate_read(&certificate, &reader, committee_certification(), message.frame);
    const int error = reader_finish(&reader);
    if (error == OK)
        certificate_write(&certificate, again);
    return error;
}

void trial_certificate(struct trial *out) {
    uint8_t bytes[ROOM];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    for (uint32_t signers = 0; signers <= COMMITTEE_MEMBERS; signers++) {
        committee_write_certificate(&writer, VOTE_HOTSTUFF, signers, 0, 1, signers);
        committee_sample(out, &writer);
    }
    out->decode = decode_certificate;
}

/* ---- certificates that say the truth ---- */

static int verify_certificate(const uint8_t *bytes, size_t size) {
    struct certificate_memory memory = {0};
    struct certificate certificate;
    struct message message = trial_message(0, bytes, size);
    struct reader reader;
    reader_init(&reader, bytes, size);
    certificate_read(&certificate, &reader, committee_certification(), message.frame);
    const int error = reader_finish(&reader);
    if (error != OK)
        return error;
    return certificate_verify(&memory, committee_env(0), committee_certification(), &certificate,
                              3);
}

/* Signed by three and by all four, about two blocks. */
void trial_certificate_verify(struct trial *out) {
    for (uint32_t i = 0; i < 4; i++) {
        const uint32_t signers = 3 + i % 2;
        struct statement statement = {
            .kind = VOTE_HOTSTUFF, .channel = COMMITTEE_CHANNEL, .view = 3 + i};
        struct certificate certificate;
        struct vote_set votes;
        uint8_t signature[LIMIT_SIGNATURE_BYTES];
        trial_bytes(&statement.block, sizeof statement.block, i / 2);
        vote_set_init(&votes, committee_certification());
        for (uint32_t member = 0; member < signers; member++) {
            statement_sign(committee_env(member), &statement, signature);
            vote_set_add(&votes, member, &statement.block, signature);
        }
        if (vote_set_certify(&votes, committee_env(0), &statement, signers, &certificate) == OK)
            trial_sample(out, certificate.bytes, certificate.size);
        certificate_drop(&certificate);
        vote_set_deinit(&votes);
    }
    out->verify = verify_certificate;
}

/* u32 signer · u8 kind · u64 view · u64 sequence · digest block · signature */
static int verify_statement(const uint8_t *bytes, size_t size) {
    struct statement statement = {.channel = COMMITTEE_CHANNEL};
    struct reader reader;
    reader_init(&reader, bytes, size);
    const node_id signer = read_u32(&reader);
    statement.kind = (enum vote_kind)read_u8(&reader);
    statement.view = read_u64(&reader);
    statement.sequence = read_u64(&reader);
    read_digest(&reader, &statement.block);
    const uint8_t *signature = read_view(&reader, committee_signature_bytes());
    return statement_verify(committee_env(0), signer, &statement, signature) ? OK : ERR_SIGNATURE;
}

void trial_statement_verify(struct trial *out) {
    for (node_id signer = 0; signer < 2; signer++) {
        struct statement statement = {.kind = VOTE_PBFT_COMMIT,
                                      .channel = COMMITTEE_CHANNEL,
                                      .view = 1,
                                      .sequence = 2 + signer,
                                      .block = {{3}}};
        uint8_t bytes[256], signature[LIMIT_SIGNATURE_BYTES];
        struct writer writer;
        writer_init(&writer, bytes, sizeof bytes);
        statement_sign(committee_env(signer), &statement, signature);
        write_u32(&writer, signer);
        write_u8(&writer, (uint8_t)statement.kind);
        write_u64(&writer, statement.view);
        write_u64(&writer, statement.sequence);
        write_digest(&writer, &statement.block);
        write_bytes(&writer, signature, committee_signature_bytes());
        committee_sample(out, &writer);
    }
    out->verify = verify_statement;
    out->fixed_size = true;
}
