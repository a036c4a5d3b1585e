/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * HoneyBadger's messages as a hostile member may send them: of its broadcasts, its agreements, and its
 * own. None is signed; what proves them are Merkle branches and the proofs of coin shares. Instances are
 * epoch << 8 | lane. */
#ifndef TIERCHAIN_SIM_ADVERSARY_FORGE_HONEYBADGER_H
#define TIERCHAIN_SIM_ADVERSARY_FORGE_HONEYBADGER_H

#include "agreement/abba_messages.h"
#include "agreement/broadcast_messages.h"
#include "consensus/honeybadger/messages.h"
#include "sim/adversary/forge.h"

/* All pieces of a message, under one root. */
struct forge_pieces {
    uint32_t members, needed; /* n; k = n - 2f */
    size_t size, piece_size;  /* of the message, of each piece */
    uint8_t *bytes;
    struct digest *nodes;
    struct digest commitment;
};

/* A proposal as an epoch expects it: the batch with its form before it. Unless @consistent the pieces
 * behind the first k belong to no codeword with them: other subsets give other messages, while every
 * branch is good (checks.md RB-1). */
void forge_pieces_init(struct forge_pieces *pieces, const struct committee *committee,
                       struct batch batch, bool consistent);
void forge_pieces_deinit(struct forge_pieces *pieces);

/* The VAL for, or the ECHO of, member @index. */
struct frame *forge_piece(const struct forger *forger, const struct forge_pieces *pieces,
                          uint16_t type, uint64_t instance, uint32_t index);
struct frame *forge_ready(const struct forger *forger, uint64_t instance,
                          const struct digest *commitment);

/* BVAL, AUX, CONF or TERM. */
struct frame *forge_abba(const struct forger *forger, uint16_t type, uint64_t instance,
                         uint16_t round, uint8_t set);
/* A coin share with a proof that proves nothing. */
struct frame *forge_coin(const struct forger *forger, uint64_t instance, uint16_t round);

/* @open: as if it took part in the epoch; it has nothing of any lane. */
struct frame *forge_honeybadger_fetch(const struct forger *forger, uint64_t epoch, bool open);
/* That epoch @first had this outcome: @batch by each of the first quorum of members. */
struct frame *forge_outcome(const struct forger *forger, uint64_t first, struct batch batch);

#endif
