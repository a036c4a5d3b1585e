/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Votes and certificates rule by rule, with modelled signatures: what a second can tell (everything else
 * is in certificate_test.c). */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "consensus/certificate.h"
#include "crypto/group.h"
#include "crypto/identity.h"
#include "sim/assembly/assembly.h"

enum {
    MEMBERS = 7,
    QUORUM = 5,
    CHANNEL = 0x2003,
    KIND_AT = 0,
    COUNT_AT = 1 + 8 + 8 + DIGEST_BYTES
};

struct bench {
    struct key_directory directory;
    struct identity identities[MEMBERS];
    struct env envs[MEMBERS];
    node_id ids[MEMBERS];
    struct certification certification;
    struct group_keys group;
    struct vote_set set;
    struct statement statement;
    struct certificate_memory memory;
};

static const struct certificate_scheme *const schemes[] = {
    &certificate_list, &certificate_aggregate, &certificate_frost};

enum { FROM_VOTES = 2 };

static void bench_init(struct bench *bench, int scheme) {
    const char *name = schemes[scheme]->suite == NULL ? "ed25519" : schemes[scheme]->suite;
    const struct suite *suite = suite_find(name, "modelled");
    memset(bench, 0, sizeof *bench);
    key_directory_init(&bench->directory, suite, MEMBERS, 3);
    for (node_id node = 0; node < MEMBERS; node++) {
        bench->ids[node] = node;
        env_init(&bench->envs[node], node, 1);
        identity_init(&bench->identities[node], &bench->directory, node);
        bench->envs[node].identity = &bench->identities[node];
        bench->envs[node].stepping = true;
    }
    bench->certification = (struct certification){
        .scheme = schemes[scheme],
        .committee = {bench->ids, MEMBERS},
        .channel = CHANNEL,
        .signature_bytes = suite->signature_bytes,
        .group = &bench->group,
    };
    ck_assert_int_eq(
        group_keys_deal(&bench->group, &frost_ed25519, MEMBERS, QUORUM, 3, CHANNEL, "rules"), OK);
    vote_set_init(&bench->set, &bench->certification);
    bench->statement = (struct statement){.kind = VOTE_PBFT_COMMIT,
                                          .channel = CHANNEL,
                                          .view = 12,
                                          .sequence = 34,
                                          .block = {{5, 6, 7}}};
}

static void bench_deinit(struct bench *bench) {
    vote_set_deinit(&bench->set);
    for (node_id node = 0; node < MEMBERS; node++) {
        env_deinit(&bench->envs[node]);
        identity_deinit(&bench->identities[node]);
    }
    group_keys_deinit(&bench->group);
    key_directory_deinit(&bench->directory);
}

static void vote(struct bench *bench, uint32_t member) {
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    statement_sign(&bench->envs[member], &bench->statement, signature);
    vote_set_add(&bench->set, member, &bench->statement.block, signature);
}

/* Of the first five members, as votes or in a signing round. */
static struct certificate certify(struct bench *bench) {
    struct frost_nonces nonces[QUORUM];
    struct frost_commitment list[QUORUM];
    struct frost_share shares[QUORUM];
    struct frost_session session;
    struct certificate certificate;
    uint8_t bytes[STATEMENT_BYTES], signature[FROST_SIGNATURE_BYTES];
    if (bench->certification.scheme->signing_hops == 0) {
        for (uint32_t member = 0; member < QUORUM; member++)
            vote(bench, member);
        ck_assert_int_eq(
            vote_set_certify(&bench->set, &bench->envs[1], &bench->statement, QUORUM, &certificate),
            OK);
        return certificate;
    }
    statement_encode(&bench->statement, bytes);
    for (uint32_t i = 0; i < QUORUM; i++) {
        group_commit(&bench->envs[i], &bench->group, i, "once", 4, &nonces[i]);
        list[i] = nonces[i].commitment;
    }
    ck_assert_int_eq(
        group_session(&bench->envs[0], &bench->group, &session, list, QUORUM, bytes, sizeof bytes),
        OK);
    for (uint32_t i = 0; i < QUORUM; i++)
        ck_assert_int_eq(
            group_sign(&bench->envs[i], &bench->group, i, &session, &nonces[i], &shares[i]), OK);
    ck_assert_int_eq(group_aggregate(&bench->envs[0], &bench->group, &session, shares, signature),
                     OK);
    certificate_make(&bench->certification, &bench->statement, signature, &certificate);
    return certificate;
}

static int verify(struct bench *bench, const struct certificate *certificate, uint32_t needed) {
    return certificate_verify(&bench->memory, &bench->envs[0], &bench->certification, certificate,
                              needed);
}

static int read_altered(struct bench *bench, const struct certificate *certificate, size_t at,
                        uint8_t value, struct certificate *out, struct frame **frame) {
    struct reader reader;
    *frame = frame_copy(certificate->bytes, certificate->size);
    (*frame)->bytes[at] = value;
    reader_init(&reader, (*frame)->bytes, (*frame)->size);
    certificate_read(out, &reader, &bench->certification, *frame);
    return reader_finish(&reader);
}

/* A certificate with one byte changed: why it is not read, or does not verify; twice, since a failure must
 * not be remembered as a success. */
static int altered(struct bench *bench, const struct certificate *certificate, size_t at,
                   uint8_t value) {
    struct certificate other;
    struct frame *frame;
    int error = read_altered(bench, certificate, at, value, &other, &frame);
    if (error == OK) {
        error = verify(bench, &other, QUORUM);
        ck_assert_int_eq(verify(bench, &other, QUORUM), error);
    }
    frame_unref(frame);
    return error;
}

/* What is certified is the whole statement. */
START_TEST(every_field_is_signed) {
    struct bench bench;
    bench_init(&bench, _i);
    struct certificate good = certify(&bench), claims = good;
    struct statement *statement = &claims.statement;
    for (int field = 0; field < 5; field++) {
        struct certificate_memory nothing = {0};
        *statement = good.statement;
        statement->kind = field == 0 ? VOTE_PBFT_PREPARE : statement->kind;
        statement->channel ^= field == 1;
        statement->view ^= field == 2;
        statement->sequence ^= field == 3;
        statement->block.bytes[31] ^= field == 4;
        ck_assert_int_eq(
            certificate_verify(&nothing, &bench.envs[0], &bench.certification, &claims, QUORUM),
            ERR_SIGNATURE);
    }
    ck_assert_int_eq(verify(&bench, &good, QUORUM), OK);
    certificate_drop(&good);
    bench_deinit(&bench);
}
END_TEST

/* Distinct members of one mind count, and a quorum of them is needed. */
START_TEST(a_quorum_of_members_who_voted_once) {
    struct bench bench;
    struct digest other = {{9}};
    uint8_t signature[LIMIT_SIGNATURE_BYTES] = {0};
    struct certificate certificate;
    bench_init(&bench, _i);
    for (uint32_t member = 0; member < QUORUM - 1; member++)
        vote(&bench, member);
    ck_assert_int_eq(vote_set_check(&bench.set, 0, &bench.statement.block), ERR_DUPLICATE);
    ck_assert_int_eq(vote_set_check(&bench.set, 0, &other), ERR_CONFLICT);
    vote_set_add(&bench.set, 6, &other, signature);
    ck_assert_uint_eq(vote_set_count(&bench.set, &bench.statement.block), QUORUM - 1);
#define CERTIFY(needed)                                                                            \
    vote_set_certify(&bench.set, &bench.envs[1], &bench.statement, needed, &certificate)
    ck_assert_int_eq(CERTIFY(QUORUM), ERR_NOT_ENOUGH);
    ck_assert_int_eq(CERTIFY(QUORUM - 1), OK);
    ck_assert_int_eq(verify(&bench, &certificate, QUORUM), ERR_CERTIFICATE);
    ck_assert_int_eq(verify(&bench, &certificate, QUORUM - 1), OK);
    ck_assert_int_eq(verify(&bench, &certificate, QUORUM), ERR_CERTIFICATE);
#undef CERTIFY
    certificate_drop(&certificate);
    bench_deinit(&bench);
}
END_TEST

/* Every signature is checked, under the member's name; what is known to be good makes nothing else so. */
START_TEST(every_part_of_the_proof_counts) {
    struct bench bench;
    bench_init(&bench, _i);
    const size_t one = bench.certification.signature_bytes;
    struct certificate good = certify(&bench);
    ck_assert_int_eq(verify(&bench, &good, QUORUM), OK);
    const size_t proof = (size_t)(good.proof - good.bytes);
    for (size_t at = proof; at < good.size; at += one)
        ck_assert_int_eq(altered(&bench, &good, at, good.bytes[at] ^ 1), ERR_SIGNATURE);
    if (good.bitmap != NULL) /* 1 to 5 instead of 0 to 4 */
        ck_assert_int_eq(altered(&bench, &good, (size_t)(good.bitmap - good.bytes), 0x3e),
                         ERR_SIGNATURE);
    certificate_drop(&good);
    bench_deinit(&bench);
}
END_TEST

START_TEST(what_cannot_be_is_not_read) {
    struct bench bench;
    bench_init(&bench, _i);
    struct certificate good = certify(&bench);
    ck_assert_int_eq(altered(&bench, &good, KIND_AT, 0), ERR_INVALID);
    ck_assert_int_eq(altered(&bench, &good, KIND_AT, VOTE_KIND_LAST + 1), ERR_INVALID);
    ck_assert_int_eq(altered(&bench, &good, COUNT_AT, MEMBERS + 1), ERR_MISMATCH);
    if (good.bitmap != NULL)
        ck_assert_int_eq(altered(&bench, &good, (size_t)(good.bitmap - good.bytes), 0x9f),
                         ERR_NON_CANONICAL);
    certificate_drop(&good);
    bench_deinit(&bench);
}
END_TEST

/* A group's signature stands for as many as its key needs, and nobody's for nobody. */
START_TEST(a_group_stands_for_its_threshold) {
    static const uint8_t nobody[FROST_SIGNATURE_BYTES];
    struct bench bench;
    struct certificate empty;
    bench_init(&bench, 2);
    struct certificate good = certify(&bench);
    ck_assert_uint_eq(good.signers, QUORUM);
    ck_assert_int_eq(verify(&bench, &good, QUORUM), OK);
    ck_assert_int_eq(verify(&bench, &good, QUORUM + 1), ERR_CERTIFICATE);
    certificate_make(&bench.certification, &bench.statement, nobody, &empty);
    ck_assert_uint_eq(empty.signers, 0);
    ck_assert_int_eq(verify(&bench, &empty, QUORUM), ERR_CERTIFICATE);
    certificate_drop(&empty);
    certificate_drop(&good);
    bench_deinit(&bench);
}
END_TEST

/* Someone outside who says again to member 0 what member 1 says to it. */
struct echo {
    struct assembly *assembly;
    uint64_t said;
};

static time_ns route(void *context, const struct assembly_message *message) {
    struct echo *echo = context;
    if (message->from != 1 || message->to != 0)
        return message->delay;
    echo->said++;
    assembly_inject(echo->assembly, 9, 0, message->now + message->delay - 1,
                    frame_ref((struct frame *)message->frame));
    return message->delay;
}

/* Whatever someone says who is no member, word for word as a member: it is dropped for that reason. */
START_TEST(outsiders_are_not_heard) {
    static const char *const variants[] = {"pbft", "hotstuff", "hotstuff-sticky", "honeybadger"};
    struct echo echo = {0};
    const struct assembly_config config = {.ops = consensus_find(variants[_i]),
                                           .count = 4,
                                           .delay = 10 * NS_PER_MS,
                                           .view_timeout = 400 * NS_PER_MS,
                                           .seed = 1,
                                           .route = route,
                                           .context = &echo};
    struct assembly *assembly = echo.assembly = assembly_new(&config);
    assembly_submit(assembly, NS_PER_S, 8);
    assembly_run(assembly, 3 * NS_PER_S);
    ck_assert_uint_gt(echo.said, 4);
    ck_assert_uint_eq(assembly_dropped(assembly, ERR_NOT_MEMBER), echo.said);
    ck_assert_uint_eq(assembly_decided(assembly), 8);
    ck_assert_ptr_null(assembly_violation(assembly));
    assembly_free(assembly);
}
END_TEST

Suite *certificate_rules_suite(void) {
    Suite *suite = suite_create("certificate_rules");
    TCase *tcase = tcase_create("certificate_rules");
    tcase_add_loop_test(tcase, every_field_is_signed, 0, ARRAY_LEN(schemes));
    tcase_add_loop_test(tcase, a_quorum_of_members_who_voted_once, 0, FROM_VOTES);
    tcase_add_loop_test(tcase, every_part_of_the_proof_counts, 0, ARRAY_LEN(schemes));
    tcase_add_loop_test(tcase, what_cannot_be_is_not_read, 0, ARRAY_LEN(schemes));
    tcase_add_test(tcase, a_group_stands_for_its_threshold);
    tcase_add_loop_test(tcase, outsiders_are_not_heard, 0, 4);
    suite_add_tcase(suite, tcase);
    return suite;
}
