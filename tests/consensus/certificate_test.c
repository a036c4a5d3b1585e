/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Votes and certificates: distinct signers, exact binding, one encoding (checks.md L1, L7). */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "consensus/certificate.h"
#include "crypto/group.h"
#include "crypto/identity.h"
#include "tests/lib/property.h"

#define MEMBERS 7
#define QUORUM  5
#define CHANNEL 0x2003

struct fixture {
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

/* Every scheme with every suite and provider that it works with. */
struct variety {
    const struct certificate_scheme *scheme;
    const char *suite, *provider;
};

static const struct variety varieties[] = {
    {&certificate_list, "ed25519", "real"},
    {&certificate_list, "ed25519", "modelled"},
    {&certificate_list, "ml-dsa-44", "real"},
    {&certificate_list, "ml-dsa-65", "modelled"},
    {&certificate_list, "bls12-381", "modelled"},
    {&certificate_aggregate, "bls12-381", "modelled"},
    /* Not of votes alone: */
    {&certificate_frost, "ed25519", "real"},
    {&certificate_frost, "ed25519", "modelled"},
};

#define FROM_VOTES 6

static void fixture_init(struct fixture *fixture, int variety) {
    const struct suite *suite = suite_find(varieties[variety].suite, varieties[variety].provider);
    *fixture = (struct fixture){0};
    key_directory_init(&fixture->directory, suite, MEMBERS, 3);
    for (node_id node = 0; node < MEMBERS; node++) {
        fixture->ids[node] = node;
        env_init(&fixture->envs[node], node, 1);
        identity_init(&fixture->identities[node], &fixture->directory, node);
        fixture->envs[node].identity = &fixture->identities[node];
        fixture->envs[node].stepping = true;
    }
    fixture->certification = (struct certification){
        .scheme = varieties[variety].scheme,
        .committee = {fixture->ids, MEMBERS},
        .channel = CHANNEL,
        .signature_bytes = suite->signature_bytes,
        .group = &fixture->group,
    };
    ck_assert_int_eq(group_keys_deal(&fixture->group, &frost_ed25519, MEMBERS, QUORUM, 3, CHANNEL,
                                     "certificates"),
                     OK);
    vote_set_init(&fixture->set, &fixture->certification);
    fixture->statement = (struct statement){VOTE_PBFT_COMMIT, CHANNEL, 12, 34, {{5, 6, 7}}};
}

static void fixture_deinit(struct fixture *fixture) {
    vote_set_deinit(&fixture->set);
    for (node_id node = 0; node < MEMBERS; node++) {
        env_deinit(&fixture->envs[node]);
        identity_deinit(&fixture->identities[node]);
    }
    group_keys_deinit(&fixture->group);
    key_directory_deinit(&fixture->directory);
}

static void vote(struct fixture *fixture, uint32_t member, const struct statement *statement) {
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    statement_sign(&fixture->envs[member], statement, signature);
    vote_set_add(&fixture->set, member, &statement->block, signature);
}

/* The certificate of a signing round by the quorum of members from @first on. */
static struct certificate sign_together(struct fixture *fixture, const struct group_keys *keys,
                                        const struct statement *statement, uint32_t first) {
    struct frost_nonces nonces[QUORUM];
    struct frost_commitment list[QUORUM];
    struct frost_share shares[QUORUM];
    struct frost_session session;
    struct certificate certificate;
    struct env *env = &fixture->envs[1];
    uint8_t bytes[STATEMENT_BYTES], signature[FROST_SIGNATURE_BYTES];
    statement_encode(statement, bytes);
    for (uint32_t i = 0; i < QUORUM; i++) {
        group_commit(&fixture->envs[first + i], keys, first + i, &statement->view, 8, &nonces[i]);
        list[i] = nonces[i].commitment;
    }
    ck_assert_int_eq(group_session(env, keys, &session, list, QUORUM, bytes, sizeof bytes), OK);
    for (uint32_t i = 0; i < QUORUM; i++)
        ck_assert_int_eq(group_sign(&fixture->envs[first + i], keys, first + i, &session,
                                    &nonces[i], &shares[i]),
                         OK);
    ck_assert_int_eq(group_aggregate(env, keys, &session, shares, signature), OK);
    certificate_make(&fixture->certification, statement, signature, &certificate);
    return certificate;
}

static struct certificate certify(struct fixture *fixture, uint32_t needed) {
    struct certificate certificate;
    if (needed > 0 && fixture->certification.scheme->signing_hops > 0)
        return sign_together(fixture, &fixture->group, &fixture->statement, 0);
    ck_assert_int_eq(vote_set_certify(&fixture->set, &fixture->envs[1], &fixture->statement, needed,
                                      &certificate),
                     OK);
    return certificate;
}

static int verify(struct fixture *fixture, const struct certificate *certificate) {
    return certificate_verify(&fixture->memory, &fixture->envs[0], &fixture->certification,
                              certificate, QUORUM);
}

/* What a member has charged so far. */
static uint64_t charged(const struct fixture *fixture, node_id node, enum work work) {
    uint64_t count = 0;
    const struct effects *out = &fixture->envs[node].out;
    for (size_t i = 0; i < out->count; i++)
        if (out->list[i].type == EFFECT_CHARGE && out->list[i].number == work)
            count += out->list[i].a;
    return count;
}

/* Every work that verifying a proof charges. */
static uint64_t verifications(const struct fixture *fixture) {
    return charged(fixture, 0, WORK_VERIFY) + charged(fixture, 0, WORK_AGGREGATE_VERIFY);
}

/* Reads @size bytes as one certificate: 0 or the error. */
static int parse(const struct fixture *fixture, struct frame *frame,
                 struct certificate *certificate) {
    struct reader reader;
    reader_init(&reader, frame->bytes, frame->size);
    certificate_read(certificate, &reader, &fixture->certification, frame);
    return reader_finish(&reader);
}

START_TEST(schemes_are_found_and_distinct) {
    size_t count = 0;
    for (const struct certificate_scheme *scheme; (scheme = certificate_scheme_at(count)) != NULL;
         count++) {
        ck_assert_ptr_eq(certificate_scheme_find(scheme->name), scheme);
        ck_assert_uint_gt(strlen(scheme->description), 0);
        ck_assert_uint_gt(strlen(scheme->source), 0);
        if (scheme->suite != NULL)
            ck_assert_ptr_nonnull(suite_find(scheme->suite, "modelled"));
    }
    ck_assert_uint_eq(count, 3);
    ck_assert_ptr_null(certificate_scheme_find("no such scheme"));
}
END_TEST

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
    struct fixture fixture;
    fixture_init(&fixture, _i);
    const bool sums = fixture.certification.scheme == &certificate_aggregate;
    const size_t one = fixture.certification.signature_bytes;
    struct certificate certificate;
    for (uint32_t member = 1; member < QUORUM; member++)
        vote(&fixture, member, &fixture.statement);
    ck_assert_int_eq(
        vote_set_certify(&fixture.set, &fixture.envs[1], &fixture.statement, QUORUM, &certificate),
        ERR_NOT_ENOUGH);
    vote(&fixture, 6, &fixture.statement);
    certificate = certify(&fixture, QUORUM);
    ck_assert_uint_eq(certificate.signers, QUORUM);
    ck_assert_uint_eq(certificate.bitmap[0], 0x5e); /* members 1, 2, 3, 4 and 6 */
    ck_assert(statement_equal(&certificate.statement, &fixture.statement));
    ck_assert_uint_eq(certificate.size, 1 + 8 + 8 + 32 + 2 + 1 + (sums ? one : QUORUM * one));
    ck_assert_uint_eq(charged(&fixture, 1, WORK_AGGREGATE_JOIN), sums ? QUORUM : 0);
    ck_assert_int_eq(verify(&fixture, &certificate), OK);
    ck_assert_uint_eq(charged(&fixture, 0, WORK_VERIFY), sums ? 0 : QUORUM);
    ck_assert_uint_eq(charged(&fixture, 0, WORK_AGGREGATE_VERIFY), sums ? 1 : 0);
    ck_assert_uint_eq(charged(&fixture, 0, WORK_AGGREGATE_JOIN), sums ? QUORUM : 0);
    /* Once what can be verified once. */
    const uint64_t before = verifications(&fixture);
    ck_assert_int_eq(verify(&fixture, &certificate), OK);
    ck_assert_uint_eq(verifications(&fixture), before);
    certificate_drop(&certificate);
    fixture_deinit(&fixture);
}
END_TEST

START_TEST(a_member_counts_once) {
    struct fixture fixture;
    struct digest other = {{9}};
    fixture_init(&fixture, _i);
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
    fixture_init(&fixture, _i);
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
        ck_assert_int_eq(certificate_verify(&nothing, &fixture.envs[0], &fixture.certification,
                                            &altered, QUORUM),
                         ERR_SIGNATURE);
    }
    ck_assert_int_eq(verify(&fixture, &certificate), OK);
    certificate_drop(&certificate);
    fixture_deinit(&fixture);
}
END_TEST

/* The certificate's bytes with its proof, or its bitmap, replaced: what verifying them gives. */
static int verify_altered(struct fixture *fixture, const struct certificate *certificate,
                          const uint8_t *proof, const uint8_t *bitmap) {
    struct certificate altered;
    struct frame *frame = frame_copy(certificate->bytes, certificate->size);
    const size_t proof_at = (size_t)(certificate->proof - certificate->bytes);
    if (proof != NULL)
        memcpy(frame->bytes + proof_at, proof, certificate->size - proof_at);
    if (bitmap != NULL)
        frame->bytes[certificate->bitmap - certificate->bytes] = *bitmap;
    ck_assert_int_eq(parse(fixture, frame, &altered), OK);
    int error = verify(fixture, &altered);
    /* A failure is not remembered as a success. */
    ck_assert_int_eq(verify(fixture, &altered), error);
    frame_unref(frame);
    return error;
}

/* Votes of a member outside the committee, who signs as well as he can. */
static void vote_as_foreigner(struct fixture *fixture, uint32_t member) {
    struct key_directory directory;
    struct identity identity, own = fixture->identities[member];
    key_directory_init(&directory, fixture->directory.suite, MEMBERS, 4);
    identity_init(&identity, &directory, member);
    fixture->envs[member].identity = &identity;
    vote(fixture, member, &fixture->statement);
    fixture->envs[member].identity = &fixture->identities[member];
    fixture->identities[member] = own;
    identity_deinit(&identity);
    key_directory_deinit(&directory);
}

START_TEST(too_few_or_false_signers) {
    struct fixture fixture;
    fixture_init(&fixture, _i);
    const size_t one = fixture.certification.signature_bytes;
    for (uint32_t member = 0; member < QUORUM; member++)
        vote(&fixture, member, &fixture.statement);
    /* f + 1 signers. */
    struct certificate few = certify(&fixture, 3), full = certify(&fixture, QUORUM);
    ck_assert_int_eq(verify(&fixture, &few), ERR_CERTIFICATE);
    ck_assert_uint_eq(verifications(&fixture), 0);
    /* The same signer twice under two names. */
    uint8_t *proof = calloc(QUORUM, one);
    if (fixture.certification.scheme == &certificate_aggregate) {
        for (uint32_t i = 0; i < QUORUM; i++)
            identity_aggregate(&fixture.envs[1], proof,
                               vote_set_signature(&fixture.set, i == 1 ? 0 : i));
    } else {
        memcpy(proof, full.proof, QUORUM * one);
        memcpy(proof + one, proof, one);
    }
    ck_assert_int_eq(verify_altered(&fixture, &full, proof, NULL), ERR_SIGNATURE);
    /* Someone else's name. */
    const uint8_t others = 0x3e;
    ck_assert_int_eq(verify_altered(&fixture, &full, NULL, &others), ERR_SIGNATURE);
    /* A proof by nobody. */
    memset(proof, 0, QUORUM * one);
    ck_assert_int_eq(verify_altered(&fixture, &full, proof, NULL), ERR_SIGNATURE);
    ck_assert_int_eq(verify(&fixture, &full), OK);
    free(proof);
    certificate_drop(&few);
    certificate_drop(&full);
    fixture_deinit(&fixture);
}
END_TEST

START_TEST(foreign_signers_and_other_statements) {
    struct fixture fixture;
    fixture_init(&fixture, _i);
    for (uint32_t member = 0; member < QUORUM - 1; member++)
        vote(&fixture, member, &fixture.statement);
    vote_as_foreigner(&fixture, QUORUM - 1);
    struct certificate foreign = certify(&fixture, QUORUM);
    ck_assert_int_eq(verify(&fixture, &foreign), ERR_SIGNATURE);
    vote_set_deinit(&fixture.set);
    vote_set_init(&fixture.set, &fixture.certification);
    for (uint32_t member = 0; member < QUORUM; member++) {
        uint8_t signature[LIMIT_SIGNATURE_BYTES];
        struct statement said = fixture.statement;
        said.view += member == 3;
        statement_sign(&fixture.envs[member], &said, signature);
        vote_set_add(&fixture.set, member, &said.block, signature);
    }
    struct certificate mixed = certify(&fixture, QUORUM);
    ck_assert_int_eq(verify(&fixture, &mixed), ERR_SIGNATURE);
    certificate_drop(&foreign);
    certificate_drop(&mixed);
    fixture_deinit(&fixture);
}
END_TEST

/* Whoever signs for the group, the certificate looks the same; it costs one verification. */
START_TEST(a_group_certifies) {
    struct fixture fixture;
    fixture_init(&fixture, _i);
    for (uint32_t first = 0; first <= MEMBERS - QUORUM; first++) {
        struct certificate_memory nothing = {0};
        struct certificate certificate =
            sign_together(&fixture, &fixture.group, &fixture.statement, first);
        ck_assert_uint_eq(certificate.signers, QUORUM);
        ck_assert_ptr_null(certificate.bitmap);
        ck_assert_uint_eq(certificate.size, 1 + 8 + 8 + 32 + 2 + 64);
        ck_assert(statement_equal(&certificate.statement, &fixture.statement));
        ck_assert_int_eq(certificate_verify(&nothing, &fixture.envs[0], &fixture.certification,
                                            &certificate, QUORUM),
                         OK);
        ck_assert_uint_eq(charged(&fixture, 0, WORK_VERIFY), first + 1);
        /* A higher bar than the key's threshold is not met. */
        ck_assert_int_eq(certificate_verify(&nothing, &fixture.envs[0], &fixture.certification,
                                            &certificate, QUORUM + 1),
                         ERR_CERTIFICATE);
        certificate_drop(&certificate);
    }
    fixture_deinit(&fixture);
}
END_TEST

START_TEST(foreign_groups_and_other_statements) {
    struct fixture fixture;
    struct group_keys other;
    fixture_init(&fixture, _i);
    ck_assert_int_eq(
        group_keys_deal(&other, &frost_ed25519, MEMBERS, QUORUM, 3, CHANNEL + 1, "certificates"),
        OK);
    struct certificate foreign = sign_together(&fixture, &other, &fixture.statement, 0);
    ck_assert_int_eq(verify(&fixture, &foreign), ERR_SIGNATURE);
    struct statement said = fixture.statement;
    said.view++;
    struct certificate elsewhere = sign_together(&fixture, &fixture.group, &said, 0);
    struct frame *frame = frame_copy(elsewhere.bytes, elsewhere.size);
    struct certificate claimed;
    frame->bytes[1]--; /* the view's lowest byte */
    ck_assert_int_eq(parse(&fixture, frame, &claimed), OK);
    ck_assert(statement_equal(&claimed.statement, &fixture.statement));
    ck_assert_int_eq(verify(&fixture, &claimed), ERR_SIGNATURE);
    ck_assert_int_eq(verify(&fixture, &claimed), ERR_SIGNATURE);
    frame_unref(frame);
    certificate_drop(&foreign);
    certificate_drop(&elsewhere);
    group_keys_deinit(&other);
    fixture_deinit(&fixture);
}
END_TEST

START_TEST(the_memory_forgets_the_oldest) {
    struct fixture fixture;
    struct certificate first = {0}, certificate;
    fixture_init(&fixture, _i);
    for (uint64_t view = 1; view <= CERTIFICATE_MEMORY + 1; view++) {
        fixture.statement.view = view;
        vote_set_deinit(&fixture.set);
        vote_set_init(&fixture.set, &fixture.certification);
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
    ck_assert_uint_gt(verifications(&fixture), 0);
    certificate_drop(&first);
    fixture_deinit(&fixture);
}
END_TEST

/* Nobody signs genesis: a certificate of no signer, whose size the formula knows. */
START_TEST(nobodys_certificate) {
    struct fixture fixture;
    struct certificate certificate;
    fixture_init(&fixture, _i);
    certificate = certify(&fixture, 0);
    ck_assert_uint_eq(certificate.signers, 0);
    ck_assert_uint_eq(certificate.size, certificate_bytes(&fixture.certification, 0));
    ck_assert_int_eq(verify(&fixture, &certificate), ERR_CERTIFICATE);
    certificate_drop(&certificate);
    fixture_deinit(&fixture);
}
END_TEST

/* The size on the wire, for committees of any size (protocols.md 1). */
START_TEST(sizes_on_the_wire) {
    static const struct {
        uint32_t count, quorum;
        size_t list, aggregate, frost; /* with ed25519, bls12-381 and ed25519 */
    } rows[] = {
        {4, 3, 51 + 1 + 3 * 64, 51 + 1 + 96, 51 + 64},
        {13, 9, 51 + 2 + 9 * 64, 51 + 2 + 96, 51 + 64},
        {100, 67, 51 + 13 + 67 * 64, 51 + 13 + 96, 51 + 64},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct certification list = {
            .scheme = &certificate_list, .committee.count = rows[i].count, .signature_bytes = 64};
        struct certification aggregate = {.scheme = &certificate_aggregate,
                                          .committee.count = rows[i].count,
                                          .signature_bytes = 96};
        struct certification frost = {
            .scheme = &certificate_frost, .committee.count = rows[i].count, .signature_bytes = 64};
        ck_assert_uint_eq(committee_quorum(&list.committee), rows[i].quorum);
        ck_assert_uint_eq(certificate_bytes(&frost, rows[i].quorum), rows[i].frost);
        ck_assert_uint_eq(certificate_bytes(&list, rows[i].quorum), rows[i].list);
        ck_assert_uint_eq(certificate_bytes(&aggregate, rows[i].quorum), rows[i].aggregate);
    }
}
END_TEST

/* A certificate over which inputs are made, and the bytes that are no alteration. */
struct reading {
    struct fixture fixture;
    struct certificate certificate;
};

/* What is read is written the same way, and verifies only when it is the one that was made. */
static enum verdict reads(void *context, const uint8_t *bytes, size_t size) {
    struct reading *reading = context;
    struct fixture *fixture = &reading->fixture;
    struct certificate certificate;
    struct frame *frame = frame_copy(bytes, size);
    enum verdict verdict = VERDICT_REFUSED;
    if (parse(fixture, frame, &certificate) == OK) {
        uint8_t *again = calloc(1, size);
        struct writer writer;
        writer_init(&writer, again, size);
        certificate_write(&certificate, &writer);
        bool same = size == reading->certificate.size &&
                    memcmp(bytes, reading->certificate.bytes, size) == 0;
        bool written = writer.error == OK && writer.at == size && memcmp(again, bytes, size) == 0;
        bool good = verify(fixture, &certificate) == OK;
        verdict = written && good == same ? VERDICT_ACCEPTED : VERDICT_BROKEN;
        free(again);
    }
    for (node_id node = 0; node < MEMBERS; node++)
        fixture->envs[node].out.count = 0; /* charges hold no frames */
    frame_unref(frame);
    return verdict;
}

START_TEST(one_encoding) {
    struct reading reading;
    struct property_result result;
    fixture_init(&reading.fixture, _i);
    for (uint32_t member = 0; member < QUORUM; member++)
        vote(&reading.fixture, member, &reading.fixture.statement);
    reading.certificate = certify(&reading.fixture, QUORUM);
    struct sample sample = {reading.certificate.bytes, reading.certificate.size};
    struct property property = {.name = "certificate",
                                .cases = strcmp(varieties[_i].provider, "real") == 0 ? 10000 : 0,
                                .samples = &sample,
                                .sample_count = 1,
                                .check = reads,
                                .context = &reading};
    property_holds(&property, &result);
    ck_assert_uint_gt(result.accepted, 1000);
    ck_assert_uint_gt(result.refused, 1000);
    certificate_drop(&reading.certificate);
    fixture_deinit(&reading.fixture);
}
END_TEST

START_TEST(refused_with_their_reasons) {
    struct fixture fixture;
    struct certificate again;
    fixture_init(&fixture, _i);
    for (uint32_t member = 0; member < QUORUM; member++)
        vote(&fixture, member, &fixture.statement);
    struct certificate certificate = certify(&fixture, QUORUM);
    struct frame *frame = frame_copy(certificate.bytes, certificate.size);
    if (certificate.bitmap != NULL) {
        frame->bytes[1 + 8 + 8 + 32 + 2] |= 0x80; /* member 7 of 0 … 6 */
        ck_assert_int_eq(parse(&fixture, frame, &again), ERR_NON_CANONICAL);
    }
    frame->bytes[1 + 8 + 8 + 32] = MEMBERS + 1;
    ck_assert_int_eq(parse(&fixture, frame, &again), ERR_MISMATCH);
    frame->bytes[0] = 0;
    ck_assert_int_eq(parse(&fixture, frame, &again), ERR_INVALID);
    frame_unref(frame);
    for (size_t size = 0; size < certificate.size; size++) {
        frame = frame_copy(certificate.bytes, size);
        ck_assert_int_eq(parse(&fixture, frame, &again), ERR_TRUNCATED);
        frame_unref(frame);
    }
    certificate_drop(&certificate);
    fixture_deinit(&fixture);
}
END_TEST

Suite *certificate_suite(void) {
    Suite *suite = suite_create("certificate");
    TCase *tcase = tcase_create("certificate");
    const int count = ARRAY_LEN(varieties);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, schemes_are_found_and_distinct);
    tcase_add_test(tcase, what_is_signed);
    tcase_add_test(tcase, sizes_on_the_wire);
    tcase_add_loop_test(tcase, a_quorum_certifies, 0, FROM_VOTES);
    tcase_add_loop_test(tcase, a_member_counts_once, 0, FROM_VOTES);
    tcase_add_loop_test(tcase, binding, 0, count);
    tcase_add_loop_test(tcase, too_few_or_false_signers, 0, FROM_VOTES);
    tcase_add_loop_test(tcase, foreign_signers_and_other_statements, 0, FROM_VOTES);
    tcase_add_loop_test(tcase, a_group_certifies, FROM_VOTES, count);
    tcase_add_loop_test(tcase, foreign_groups_and_other_statements, FROM_VOTES, count);
    tcase_add_loop_test(tcase, the_memory_forgets_the_oldest, 0, count);
    tcase_add_loop_test(tcase, nobodys_certificate, 0, count);
    tcase_add_loop_test(tcase, refused_with_their_reasons, 0, count);
    tcase_add_loop_test(tcase, one_encoding, 0, count);
    suite_add_tcase(suite, tcase);
    return suite;
}
