/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Votes and certificates: distinct signers, exact binding, one encoding (checks.md L1, L7). */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "consensus/certificate.h"
#include "crypto/identity.h"

#define MEMBERS 7
#define QUORUM  5
#define CHANNEL 0x2003

struct fixture {
    struct key_directory directory;
    struct identity identities[MEMBERS];
    struct env envs[MEMBERS];
    node_id ids[MEMBERS];
    struct committee committee;
    size_t signature_bytes;
    struct vote_set set;
    struct statement statement;
    struct certificate_memory memory;
};

static void fixture_init(struct fixture *fixture, const char *provider) {
    *fixture = (struct fixture){0};
    key_directory_init(&fixture->directory, suite_find("ed25519", provider), MEMBERS, 3);
    for (node_id node = 0; node < MEMBERS; node++) {
        fixture->ids[node] = node;
        env_init(&fixture->envs[node], node, 1);
        identity_init(&fixture->identities[node], &fixture->directory, node);
        fixture->envs[node].identity = &fixture->identities[node];
        fixture->envs[node].stepping = true;
    }
    fixture->committee = (struct committee){fixture->ids, MEMBERS};
    fixture->signature_bytes = identity_signature_bytes(&fixture->envs[0]);
    vote_set_init(&fixture->set, MEMBERS, fixture->signature_bytes);
    fixture->statement = (struct statement){VOTE_PBFT_COMMIT, CHANNEL, 12, 34, {{5, 6, 7}}};
}

static void fixture_deinit(struct fixture *fixture) {
    vote_set_deinit(&fixture->set);
    for (node_id node = 0; node < MEMBERS; node++) {
        env_deinit(&fixture->envs[node]);
        identity_deinit(&fixture->identities[node]);
    }
    key_directory_deinit(&fixture->directory);
}

static void vote(struct fixture *fixture, uint32_t member, const struct statement *statement) {
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    statement_sign(&fixture->envs[member], statement, signature);
    vote_set_add(&fixture->set, member, &statement->block, signature);
}

static struct certificate certify(struct fixture *fixture, uint32_t needed) {
    struct certificate certificate;
    ck_assert_int_eq(vote_set_certify(&fixture->set, &fixture->statement, needed, &certificate),
                     OK);
    return certificate;
}

static int verify(struct fixture *fixture, const struct certificate *certificate) {
    return certificate_verify(&fixture->memory, &fixture->envs[0], &fixture->committee, certificate,
                              QUORUM);
}

static size_t verifications(const struct fixture *fixture) {
    size_t count = 0;
    const struct effects *out = &fixture->envs[0].out;
    for (size_t i = 0; i < out->count; i++)
        if (out->list[i].type == EFFECT_CHARGE && out->list[i].number == WORK_VERIFY)
            count += out->list[i].a;
    return count;
}

/* Reads @size bytes as one certificate: 0 or the error. */
static int parse(const struct fixture *fixture, struct frame *frame,
                 struct certificate *certificate) {
    struct reader reader;
    reader_init(&reader, frame->bytes, frame->size);
    certificate_read(certificate, &reader, CHANNEL, MEMBERS, fixture->signature_bytes, frame);
    return reader_finish(&reader);
}

START_TEST(what_is_signed) {
    const struct statement statement = {VOTE_HOTSTUFF, 0x0201, 0x0a, 0x0b, {{0xcc}}};
    uint8_t bytes[STATEMENT_BYTES], expected[STATEMENT_BYTES] = "tierchain/vote/1";
    expected[16] = 1;
    expected[17] = 0x01;
    expected[18] = 0x02;
    expected[19] = 0x0a;
    expected[27] = 0x0b;
    expected[35] = 0xcc;
    statement_encode(&statement, bytes);
    ck_assert_mem_eq(bytes, expected, sizeof bytes);
}
END_TEST

START_TEST(a_quorum_certifies) {
    static const char *const providers[] = {"real", "modelled"};
    struct fixture fixture;
    fixture_init(&fixture, providers[_i]);
    struct certificate certificate;
    for (uint32_t member = 1; member < QUORUM; member++)
        vote(&fixture, member, &fixture.statement);
    ck_assert_int_eq(vote_set_certify(&fixture.set, &fixture.statement, QUORUM, &certificate),
                     ERR_NOT_ENOUGH);
    vote(&fixture, 6, &fixture.statement);
    certificate = certify(&fixture, QUORUM);
    ck_assert_uint_eq(certificate.signers, QUORUM);
    ck_assert_uint_eq(certificate.bitmap[0], 0x5e); /* members 1, 2, 3, 4 and 6 */
    ck_assert(statement_equal(&certificate.statement, &fixture.statement));
    ck_assert_uint_eq(certificate.size, 1 + 8 + 8 + 32 + 2 + 1 + QUORUM * fixture.signature_bytes);
    ck_assert_int_eq(verify(&fixture, &certificate), OK);
    ck_assert_uint_eq(verifications(&fixture), QUORUM);
    /* Once what can be verified once. */
    ck_assert_int_eq(verify(&fixture, &certificate), OK);
    ck_assert_uint_eq(verifications(&fixture), QUORUM);
    certificate_drop(&certificate);
    fixture_deinit(&fixture);
}
END_TEST

START_TEST(a_member_counts_once) {
    struct fixture fixture;
    struct digest other = {{9}};
    fixture_init(&fixture, "modelled");
    vote(&fixture, 2, &fixture.statement);
    ck_assert_int_eq(vote_set_check(&fixture.set, 2, &fixture.statement.block), ERR_DUPLICATE);
    ck_assert_int_eq(vote_set_check(&fixture.set, 2, &other), ERR_CONFLICT);
    ck_assert_int_eq(vote_set_check(&fixture.set, 3, &other), OK);
    struct statement elsewhere = fixture.statement;
    elsewhere.block = other;
    vote(&fixture, 3, &elsewhere);
    ck_assert_uint_eq(vote_set_count(&fixture.set, &fixture.statement.block), 1);
    ck_assert_uint_eq(vote_set_count(&fixture.set, &other), 1);
    ck_assert_uint_eq(fixture.set.count, 2);
    fixture_deinit(&fixture);
}
END_TEST

/* Every field is bound: a certificate that claims anything else does not verify. */
START_TEST(binding) {
    struct fixture fixture;
    fixture_init(&fixture, "real");
    for (uint32_t member = 0; member < QUORUM; member++)
        vote(&fixture, member, &fixture.statement);
    struct certificate certificate = certify(&fixture, QUORUM), altered = certificate;
    struct statement *statement = &altered.statement;
    for (int field = 0; field < 5; field++) {
        struct certificate_memory nothing = {0};
        *statement = certificate.statement;
        statement->kind = field == 0 ? VOTE_PBFT_PREPARE : statement->kind;
        statement->channel ^= field == 1;
        statement->view ^= field == 2;
        statement->sequence ^= field == 3;
        statement->block.bytes[31] ^= field == 4;
        ck_assert_int_eq(
            certificate_verify(&nothing, &fixture.envs[0], &fixture.committee, &altered, QUORUM),
            ERR_SIGNATURE);
    }
    ck_assert_int_eq(verify(&fixture, &certificate), OK);
    certificate_drop(&certificate);
    fixture_deinit(&fixture);
}
END_TEST

START_TEST(too_few_or_false_signers) {
    struct fixture fixture;
    fixture_init(&fixture, "real");
    for (uint32_t member = 0; member < QUORUM; member++)
        vote(&fixture, member, &fixture.statement);
    /* f + 1 signers. */
    struct certificate few = certify(&fixture, 3);
    ck_assert_int_eq(verify(&fixture, &few), ERR_CERTIFICATE);
    ck_assert_uint_eq(verifications(&fixture), 0);
    /* One signature in another's place: the same signer twice under two names. */
    struct certificate full = certify(&fixture, QUORUM), twice;
    struct frame *frame = frame_copy(full.bytes, full.size);
    uint8_t *signatures = frame->bytes + (full.signatures - full.bytes);
    memcpy(signatures + fixture.signature_bytes, signatures, fixture.signature_bytes);
    ck_assert_int_eq(parse(&fixture, frame, &twice), OK);
    ck_assert_int_eq(verify(&fixture, &twice), ERR_SIGNATURE);
    /* A failure is not remembered as a success. */
    ck_assert_int_eq(verify(&fixture, &twice), ERR_SIGNATURE);
    frame_unref(frame);
    certificate_drop(&few);
    certificate_drop(&full);
    fixture_deinit(&fixture);
}
END_TEST

START_TEST(the_memory_forgets_the_oldest) {
    struct fixture fixture;
    struct certificate first = {0}, certificate;
    fixture_init(&fixture, "modelled");
    for (uint64_t view = 1; view <= CERTIFICATE_MEMORY + 1; view++) {
        fixture.statement.view = view;
        vote_set_deinit(&fixture.set);
        vote_set_init(&fixture.set, MEMBERS, fixture.signature_bytes);
        for (uint32_t member = 0; member < QUORUM; member++)
            vote(&fixture, member, &fixture.statement);
        certificate = certify(&fixture, QUORUM);
        certificate_remember(&fixture.memory, &fixture.envs[0], &certificate);
        if (view == 1)
            certificate_keep(&first, &certificate);
        ck_assert_int_eq(verify(&fixture, &certificate), OK);
        ck_assert_uint_eq(verifications(&fixture), 0);
        certificate_drop(&certificate);
    }
    ck_assert_int_eq(verify(&fixture, &first), OK);
    ck_assert_uint_eq(verifications(&fixture), QUORUM);
    certificate_drop(&first);
    fixture_deinit(&fixture);
}
END_TEST

/* Every byte of an encoding matters: what decodes encodes to the same bytes, and all truncations
 * and stray bits are refused. */
START_TEST(one_encoding) {
    struct fixture fixture;
    fixture_init(&fixture, "modelled");
    for (uint32_t member = 0; member < QUORUM; member++)
        vote(&fixture, member, &fixture.statement);
    struct certificate certificate = certify(&fixture, QUORUM), again;
    for (size_t size = 0; size < certificate.size; size++) {
        struct frame *frame = frame_copy(certificate.bytes, size);
        ck_assert_int_eq(parse(&fixture, frame, &again), ERR_TRUNCATED);
        frame_unref(frame);
    }
    uint32_t accepted = 0;
    for (size_t bit = 0; bit < 8 * certificate.size; bit++) {
        struct frame *frame = frame_copy(certificate.bytes, certificate.size);
        frame->bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        if (parse(&fixture, frame, &again) == OK) {
            struct writer writer;
            uint8_t *bytes = calloc(1, frame->size);
            writer_init(&writer, bytes, frame->size);
            certificate_write(&again, &writer);
            ck_assert_uint_eq(writer.at, frame->size);
            ck_assert_mem_eq(bytes, frame->bytes, frame->size);
            ck_assert_int_ne(verify(&fixture, &again), OK);
            free(bytes);
            accepted++;
        }
        frame_unref(frame);
    }
    ck_assert_uint_gt(accepted, 0);
    struct frame *frame = frame_copy(certificate.bytes, certificate.size);
    frame->bytes[1 + 8 + 8 + 32 + 2] |= 0x80; /* member 7 of 0 … 6 */
    ck_assert_int_eq(parse(&fixture, frame, &again), ERR_NON_CANONICAL);
    frame->bytes[1 + 8 + 8 + 32] = MEMBERS + 1;
    ck_assert_int_eq(parse(&fixture, frame, &again), ERR_MISMATCH);
    frame->bytes[0] = 0;
    ck_assert_int_eq(parse(&fixture, frame, &again), ERR_INVALID);
    frame_unref(frame);
    certificate_drop(&certificate);
    fixture_deinit(&fixture);
}
END_TEST

Suite *certificate_suite(void) {
    Suite *suite = suite_create("certificate");
    TCase *tcase = tcase_create("certificate");
    tcase_add_test(tcase, what_is_signed);
    tcase_add_loop_test(tcase, a_quorum_certifies, 0, 2);
    tcase_add_test(tcase, a_member_counts_once);
    tcase_add_test(tcase, binding);
    tcase_add_test(tcase, too_few_or_false_signers);
    tcase_add_test(tcase, the_memory_forgets_the_oldest);
    tcase_add_test(tcase, one_encoding);
    suite_add_tcase(suite, tcase);
    return suite;
}
