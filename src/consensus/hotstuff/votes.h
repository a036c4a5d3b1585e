/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Votes: casting the own one, and collecting those of a view as the leader of the next. A quorum's
 * last vote makes the certificate, or starts the signing round that makes it (signing.h). */
#ifndef TIERCHAIN_CONSENSUS_HOTSTUFF_VOTES_H
#define TIERCHAIN_CONSENSUS_HOTSTUFF_VOTES_H

#include "consensus/certificate.h"

struct hotstuff;
struct block;
struct message;

void votes_init(struct hotstuff *self);
void votes_deinit(struct hotstuff *self);

/* Votes for @block, of the current view; proposes it first when it is the own one. */
void votes_cast(struct hotstuff *self, struct block *block);

/* Says again what brought this member here, when nothing has come of it: its last vote, and its own
 * proposal if that is the newest. */
void votes_say_again(struct hotstuff *self);

int votes_receive(struct hotstuff *self, node_id from, const struct message *message);

/* What a vote says. */
struct statement votes_statement(const struct hotstuff *self, uint64_t view,
                                 const struct digest *block);

/* A certificate was made here, with @from's part as the last; takes over the reference. */
void votes_certified(struct hotstuff *self, struct certificate *certificate, node_id from);

/* Forgets votes that are of no use any more. */
void votes_forget(struct hotstuff *self);

#endif
