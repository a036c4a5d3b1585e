/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Certificates from outside: whatever an honest member sends must be good, for others rest on it. What a
 * quorum is, is reckoned here and not asked of the code that is checked. And the votes of frames, which
 * do not all leave a trace: one content a member, type and position. */
#include <string.h>

#include "agreement/abba_messages.h"
#include "base/rng.h"
#include "consensus/hotstuff/messages.h"
#include "consensus/pbft/messages.h"
#include "sim/assembly/inside.h"

struct visit {
    struct assembly *assembly;
    node_id station;
    uint16_t type;
};

/* n - f, the least number of which any two sets share a correct member: 2 (n - f) - n >= f + 1. */
static uint32_t quorum_of(uint32_t members) {
    return members - (members - 1) / 3;
}

static uint32_t names(const struct certificate *certificate, uint32_t members) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < members; i++)
        count += bitmap_has(certificate->bitmap, i);
    return count;
}

static bool is_genesis(const struct certificate *certificate) {
    return certificate->statement.kind == VOTE_HOTSTUFF && certificate->statement.view == 0 &&
           certificate->signers == 0;
}

static bool is_good(struct assembly *assembly, const struct certificate *certificate) {
    const uint32_t members = assembly->config.count, needed = quorum_of(members);
    struct certification certification = assembly->certification;
    if (certificate->statement.kind != VOTE_HOTSTUFF)
        certification = certification_without_round(&certification);
    if (certification.scheme->names_signers &&
        (certificate->signers < needed || names(certificate, members) != certificate->signers))
        return false;
    const int error = certificate_verify(&assembly->verified, &assembly->checker, &certification,
                                         certificate, needed);
    assembly->checker.out.count = 0; /* what it charged */
    return error == OK;
}

/* FNV-1a by words, for speed: no adversary here aims at it. */
static uint64_t hash_of(const struct certificate *certificate) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325), word;
    size_t at = 0;
    for (; at + sizeof word <= certificate->size; at += sizeof word) {
        memcpy(&word, certificate->bytes + at, sizeof word);
        hash = ((hash ^ word) * UINT64_C(0x100000001b3)) ^ hash >> 29;
    }
    word = certificate->size;
    memcpy(&word, certificate->bytes + at, certificate->size - at);
    return hash_combine(hash, word);
}

static bool is_known(struct assembly *assembly, const struct certificate *certificate) {
    const uint64_t hash = hash_of(certificate);
    uint64_t *place = &assembly->good[hash % ASSEMBLY_GOOD];
    if (*place == hash)
        return true;
    if (!is_good(assembly, certificate))
        return false;
    *place = hash;
    return true;
}

static void look(const struct visit *visit, const struct certificate *certificate) {
    if (certificate->frame == NULL || is_genesis(certificate) ||
        is_known(visit->assembly, certificate))
        return;
    assembly_violate(visit->assembly, RULE_SIGNERS, visit->station, certificate->statement.view,
                     visit->type);
}

static void look_at_proofs(const struct visit *visit, struct reader proofs, uint32_t count,
                           struct frame *frame) {
    struct certificate proof;
    for (uint32_t i = 0; i < count; i++) {
        certificate_read(&proof, &proofs, &visit->assembly->certification, frame);
        if (proofs.error != OK)
            return;
        look(visit, &proof);
    }
}

/* One function for each message that carries certificates. */

static void look_at_proposal(const struct visit *visit, const struct message *message) {
    struct proposal proposal;
    if (proposal_decode(&proposal, &visit->assembly->certification, message) != OK)
        return;
    look(visit, &proposal.justify);
    look(visit, &proposal.timeout);
}

static void look_at_hotstuff_new_view(const struct visit *visit, const struct message *message) {
    struct new_view new_view;
    if (new_view_decode(&new_view, &visit->assembly->certification, message) != OK)
        return;
    look(visit, &new_view.high);
    look(visit, &new_view.timeout);
}

static void look_at_fetch(const struct visit *visit, const struct message *message) {
    struct fetch fetch;
    if (fetch_decode(&fetch, &visit->assembly->certification, message) == OK)
        look(visit, &fetch.high);
}

static void look_at_blocks(const struct visit *visit, const struct message *message) {
    struct blocks blocks;
    if (blocks_decode(&blocks, &visit->assembly->certification, message) != OK)
        return;
    look(visit, &blocks.certificate);
    look(visit, &blocks.timeout);
}

static void look_at_view_change(const struct visit *visit, const struct message *message) {
    struct pbft_view_change change;
    if (pbft_read_view_change(message, &visit->assembly->certification, &change) != OK)
        return;
    look(visit, &change.stable);
    look_at_proofs(visit, change.proofs, change.change.count, message->frame);
}

static void look_at_pbft_new_view(const struct visit *visit, const struct message *message) {
    struct pbft_new_view new_view;
    if (pbft_read_new_view(message, &visit->assembly->certification, &new_view) != OK)
        return;
    if (new_view.count < quorum_of(visit->assembly->config.count))
        assembly_violate(visit->assembly, RULE_SIGNERS, visit->station, new_view.view, visit->type);
    look(visit, &new_view.stable);
    struct reader counted = new_view.proofs; /* the count stands in front of them */
    counted.at -= 2;
    look_at_proofs(visit, new_view.proofs, read_u16(&counted), message->frame);
}

static void look_at_decided(const struct visit *visit, const struct message *message) {
    struct pbft_decided decided[PBFT_DECIDED_MAX];
    uint32_t count;
    if (pbft_read_decided(message, &visit->assembly->certification, decided, &count) != OK)
        return;
    for (uint32_t i = 0; i < count; i++)
        look(visit, &decided[i].commit);
}

static const struct {
    uint16_t type;
    void (*look)(const struct visit *visit, const struct message *message);
} certified[] = {
    {MESSAGE_HOTSTUFF_PROPOSAL, look_at_proposal},
    {MESSAGE_HOTSTUFF_NEW_VIEW, look_at_hotstuff_new_view},
    {MESSAGE_HOTSTUFF_FETCH, look_at_fetch},
    {MESSAGE_HOTSTUFF_BLOCKS, look_at_blocks},
    {MESSAGE_PBFT_VIEW_CHANGE, look_at_view_change},
    {MESSAGE_PBFT_NEW_VIEW, look_at_pbft_new_view},
    {MESSAGE_PBFT_DECIDED, look_at_decided},
};

void assembly_check_signers(struct assembly *assembly, node_id station,
                            const struct message *message) {
    const struct visit visit = {assembly, station, message->type};
    for (size_t i = 0; i < ARRAY_LEN(certified); i++)
        if (certified[i].type == message->type)
            certified[i].look(&visit, message);
    assembly_check_said(assembly, station, message);
}
