/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consensus/scheme.h"

#include <string.h>

#include "base/error.h"
#include "consensus/certificate.h"
#include "crypto/group.h"
#include "crypto/identity.h"

/* list: the signatures in ascending order of the member's index. */

static size_t list_bytes(const struct certification *certification, uint32_t signers) {
    return signers * certification->signature_bytes;
}

static void list_prove(struct env *env, const struct vote_set *set, const uint8_t *bitmap,
                       struct writer *proof) {
    const struct certification *certification = set->certification;
    (void)env;
    for (uint32_t member = 0; member < certification->committee.count; member++)
        if (bitmap_has(bitmap, member))
            write_bytes(proof, vote_set_signature(set, member), certification->signature_bytes);
}

static bool list_verify(struct env *env, const struct certification *certification,
                        const struct certificate *certificate) {
    const struct committee *committee = &certification->committee;
    const uint8_t *signature = certificate->proof;
    for (uint32_t member = 0; member < committee->count; member++) {
        if (!bitmap_has(certificate->bitmap, member))
            continue;
        if (!statement_verify(env, committee->members[member], &certificate->statement, signature))
            return false;
        signature += certification->signature_bytes;
    }
    return true;
}

const struct certificate_scheme certificate_list = {
    .name = "list",
    .description = "a bitmap and one signature a signer, for any suite",
    .source = "Castro, Liskov: Practical Byzantine Fault Tolerance, OSDI 1999 (signature version)",
    .names_signers = true,
    .proof_bytes = list_bytes,
    .prove = list_prove,
    .verify = list_verify,
};

/* aggregate: the sum of the signatures. Nobody's sum takes no room: genesis has one. */

static size_t aggregate_bytes(const struct certification *certification, uint32_t signers) {
    return signers == 0 ? 0 : certification->signature_bytes;
}

static void aggregate_prove(struct env *env, const struct vote_set *set, const uint8_t *bitmap,
                            struct writer *proof) {
    const struct certification *certification = set->certification;
    uint8_t sum[LIMIT_SIGNATURE_BYTES] = {0};
    uint32_t signers = 0;
    for (uint32_t member = 0; member < certification->committee.count; member++) {
        if (!bitmap_has(bitmap, member))
            continue;
        identity_aggregate(env, sum, vote_set_signature(set, member));
        signers++;
    }
    write_bytes(proof, sum, aggregate_bytes(certification, signers));
}

static bool aggregate_verify(struct env *env, const struct certification *certification,
                             const struct certificate *certificate) {
    const struct committee *committee = &certification->committee;
    node_id signers[LIMIT_COMMITTEE];
    uint8_t bytes[STATEMENT_BYTES];
    uint32_t count = 0;
    for (uint32_t member = 0; member < committee->count; member++)
        if (bitmap_has(certificate->bitmap, member))
            signers[count++] = committee->members[member];
    statement_encode(&certificate->statement, bytes);
    return identity_aggregate_verify(env, signers, count, bytes, sizeof bytes, certificate->proof);
}

const struct certificate_scheme certificate_aggregate = {
    .name = "aggregate",
    .description = "a bitmap and the sum of the signatures",
    .source = "Boneh, Drijvers, Neven: Compact Multi-Signatures for Smaller Blockchains, 2018",
    .suite = "bls12-381",
    .names_signers = true,
    .proof_bytes = aggregate_bytes,
    .prove = aggregate_prove,
    .verify = aggregate_verify,
};

/* frost: a signature of the group; all zero stands for nobody's. */

static size_t frost_bytes(const struct certification *certification, uint32_t signers) {
    (void)certification;
    (void)signers;
    return FROST_SIGNATURE_BYTES;
}

static void frost_prove(struct env *env, const struct vote_set *set, const uint8_t *bitmap,
                        struct writer *proof) {
    static const uint8_t nobody[FROST_SIGNATURE_BYTES];
    (void)env;
    (void)set;
    (void)bitmap;
    write_bytes(proof, nobody, sizeof nobody);
}

static bool frost_verify_proof(struct env *env, const struct certification *certification,
                               const struct certificate *certificate) {
    uint8_t bytes[STATEMENT_BYTES];
    statement_encode(&certificate->statement, bytes);
    return group_verify(env, certification->group, bytes, sizeof bytes, certificate->proof);
}

const struct certificate_scheme certificate_frost = {
    .name = "frost",
    .description = "one signature of the committee as a group",
    .source = "Connolly, Komlo, Goldberg, Wood: RFC 9591, 2024",
    .suite = "ed25519",
    .signing_hops = 2,
    .proof_bytes = frost_bytes,
    .prove = frost_prove,
    .verify = frost_verify_proof,
};

struct certification certification_without_round(const struct certification *certification) {
    struct certification votes = *certification;
    if (votes.scheme->signing_hops > 0)
        votes.scheme = &certificate_list;
    return votes;
}

static const struct certificate_scheme *const schemes[] = {
    &certificate_list,
    &certificate_aggregate,
    &certificate_frost,
    NULL,
};

const struct certificate_scheme *certificate_scheme_find(const char *name) {
    for (size_t i = 0; schemes[i] != NULL; i++)
        if (strcmp(schemes[i]->name, name) == 0)
            return schemes[i];
    return NULL;
}

const struct certificate_scheme *certificate_scheme_at(size_t index) {
    return index < ARRAY_LEN(schemes) ? schemes[index] : NULL;
}
