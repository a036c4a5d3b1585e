/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * PBFT's messages as a hostile member may send them (forge.h). FETCH, VALUE and DECIDED are signed by
 * nobody: pbft/messages.h writes them as they are, with a forged certificate where one is wanted. */
#ifndef TIERCHAIN_SIM_ADVERSARY_FORGE_PBFT_H
#define TIERCHAIN_SIM_ADVERSARY_FORGE_PBFT_H

#include "consensus/pbft/messages.h"
#include "sim/adversary/forge.h"

#define FORGE_CHANGES 16 /* of one NEW-VIEW */

/* A VIEW-CHANGE with at most one entry, or the signed part of one. */
struct forge_change {
    node_id sender, signer;
    uint64_t view, stable;
    bool has_entry;
    struct pbft_entry entry;
    struct forge_certificate proof, stable_proof; /* of the entry; of stable > 0 */
    const struct pbft_change *heard; /* in a NEW-VIEW: the signed part as its sender has sent it */
};

struct forge_new_view {
    node_id signer;
    uint64_t view;
    uint32_t count;
    struct forge_change changes[FORGE_CHANGES];
    struct forge_certificate stable_proof; /* when a change has stable > 0 */
    uint32_t proof_count;
    struct forge_certificate proofs[2];
};

/* The value of one transaction of the assembly's client, a number, and its name at @sequence. @bytes
 * holds it. */
struct pbft_value forge_value(uint64_t number, uint64_t origin, uint8_t bytes[8]);
struct digest forge_digest(const struct forger *forger, uint64_t sequence,
                           const struct pbft_value *value);

struct frame *forge_pre_prepare(const struct forger *forger, node_id signer, uint64_t view,
                                uint64_t sequence, const struct pbft_value *value);
/* PREPARE, COMMIT or CHECKPOINT as the statement's kind says. */
struct frame *forge_pbft_vote(const struct forger *forger, node_id signer,
                              const struct statement *statement);
struct frame *forge_view_change(const struct forger *forger, const struct forge_change *change);
struct frame *forge_pbft_new_view(const struct forger *forger, const struct forge_new_view *view);
/* One decided value with whatever certificate. */
struct frame *forge_decided(const struct forger *forger, const struct forge_certificate *commit,
                            const struct pbft_value *value);

#endif
