/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/property/committee.h"

#include <string.h>

#include "tests/lib/company.h"
#include "tests/lib/steps.h"

static struct company company;

struct env *committee_env(node_id member) {
    if (company.count == 0)
        company_init(&company, COMMITTEE_MEMBERS, "ed25519", "modelled");
    steps_drain(&company.envs[member]);
    return &company.envs[member];
}

size_t committee_signature_bytes(void) {
    return suite_find("ed25519", "modelled")->signature_bytes;
}

const struct certification *committee_certification(void) {
    static const node_id nodes[COMMITTEE_MEMBERS] = {0, 1, 2, 3};
    static struct certification certification = {
        .scheme = &certificate_list,
        .committee = {nodes, COMMITTEE_MEMBERS},
        .channel = COMMITTEE_CHANNEL,
    };
    certification.signature_bytes = committee_signature_bytes();
    return &certification;
}

void committee_write_certificate(struct writer *writer, enum vote_kind kind, uint64_t view,
                                 uint64_t sequence, uint8_t block, uint32_t signers) {
    uint8_t digest[DIGEST_BYTES], signature[LIMIT_SIGNATURE_BYTES];
    memset(digest, block, sizeof digest);
    trial_bytes(signature, sizeof signature, view);
    write_u8(writer, (uint8_t)kind);
    write_u64(writer, view);
    write_u64(writer, sequence);
    write_bytes(writer, digest, sizeof digest);
    write_u16(writer, COMMITTEE_MEMBERS);
    write_u8(writer, (uint8_t)((1u << signers) - 1));
    for (uint32_t i = 0; i < signers; i++)
        write_bytes(writer, signature, committee_signature_bytes());
}

void committee_write_digest_of(struct writer *writer, uint8_t byte) {
    for (size_t i = 0; i < DIGEST_BYTES; i++)
        write_u8(writer, byte);
}

void committee_write_signature(struct writer *writer) {
    uint8_t signature[LIMIT_SIGNATURE_BYTES];
    trial_bytes(signature, sizeof signature, 1);
    write_bytes(writer, signature, committee_signature_bytes());
}

void committee_sample(struct trial *trial, struct writer *writer) {
    trial_sample(trial, writer->bytes, writer->at);
    writer->at = 0;
}
