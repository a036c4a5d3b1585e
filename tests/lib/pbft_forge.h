/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * PBFT's messages as a hostile member of a world of four may send them: written field by field, signed
 * with the keys of any member, and with one flaw. */
#ifndef TIERCHAIN_TESTS_PBFT_FORGE_H
#define TIERCHAIN_TESTS_PBFT_FORGE_H

#include "consensus/pbft/messages.h"
#include "tests/lib/consensus_world.h"

#define FORGE_MEMBERS 4

/* A certificate: who signed it (bit i: member i), and who signed something else instead. */
struct forge_certificate {
    struct statement statement;
    uint32_t signers, false_signers;
};

/* A VIEW-CHANGE with at most one entry, or the signed part of one. */
struct forge_change {
    node_id sender, signer;
    uint64_t view, stable;
    bool has_entry;
    struct pbft_entry entry;
    struct forge_certificate proof, stable_proof; /* of the entry; of stable > 0 */
};

struct forge_new_view {
    node_id signer;
    uint64_t view;
    uint32_t count;
    struct forge_change changes[FORGE_MEMBERS];
    struct forge_certificate stable_proof; /* when a change has stable > 0 */
    uint32_t proof_count;
    struct forge_certificate proofs[2];
};

struct certification forge_certification(struct world *world);

/* The value of one transaction, and its name at @sequence. @bytes holds it. */
struct pbft_value forge_value(uint64_t number, uint64_t origin, uint8_t bytes[8]);
struct digest forge_digest(struct world *world, uint64_t sequence, const struct pbft_value *value);

struct frame *forge_pre_prepare(struct world *world, node_id signer, uint64_t view,
                                uint64_t sequence, const struct pbft_value *value);
/* PREPARE, COMMIT or CHECKPOINT as the statement's kind says. */
struct frame *forge_vote(struct world *world, node_id signer, const struct statement *statement);
struct frame *forge_view_change(struct world *world, const struct forge_change *change);
struct frame *forge_new_view(struct world *world, const struct forge_new_view *view);

#endif
