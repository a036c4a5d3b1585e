/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * HotStuff's messages as a hostile member may send them (forge.h). A PROPOSAL and BLOCKS carry no
 * signature but their certificates, FETCH none at all: hotstuff/messages.h writes them. */
#ifndef TIERCHAIN_SIM_ADVERSARY_FORGE_HOTSTUFF_H
#define TIERCHAIN_SIM_ADVERSARY_FORGE_HOTSTUFF_H

#include "consensus/hotstuff/messages.h"
#include "sim/adversary/forge.h"

/* A block of @view on the one that @justify certifies; @timeout may be NULL, @payload empty. */
struct block_content forge_block(uint64_t view, const struct certificate *justify,
                                 struct batch payload);
struct frame *forge_proposal(const struct forger *forger, const struct block_content *block,
                             const struct certificate *justify, const struct certificate *timeout);

/* The name that the committee gives to a block. */
struct digest forge_block_id(const struct forger *forger, const struct block_content *block);

struct statement forge_about(const struct forger *forger, enum vote_kind kind, uint64_t view,
                             const struct digest *block); /* NULL: none */

/* A vote; with FROST its commitment is one to nonces that nobody knows. */
struct frame *forge_hotstuff_vote(const struct forger *forger, node_id signer, uint64_t view,
                                  const struct digest *block);

/* That @signer gave up @view; @timeout may be NULL, and is left out unless it is newer than @high. */
struct frame *forge_hotstuff_new_view(const struct forger *forger, node_id signer, uint64_t view,
                                      const struct certificate *high,
                                      const struct certificate *timeout);

/* A chain of blocks, each on the one before, and a certificate of the last. */
struct frame *forge_blocks(const struct forger *forger, const struct block_content *blocks,
                           uint32_t count, const struct certificate *certificate);

struct frame *forge_hotstuff_fetch(const struct forger *forger, uint64_t view,
                                   const struct digest *block, const struct certificate *high);

/* FROST: a request for shares by the first quorum of members with commitments made up, and a share
 * that is none. */
struct frame *forge_sign_request(const struct forger *forger, uint64_t view,
                                 const struct digest *block, uint32_t attempt);
struct frame *forge_share(const struct forger *forger, uint64_t view, uint32_t attempt);

/* Nobody's certificate, on which the first block rests. */
struct certificate forge_genesis(const struct forger *forger);

#endif
