/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proof of hold, the holder's side: a request comes (S3), its piece comes (S4), and once both are
 * here and the piece fits its root, the holder signs the promise. Pieces are dropped at their
 * expiry. */
#ifndef TIERCHAIN_PIPELINE_HOLDER_H
#define TIERCHAIN_PIPELINE_HOLDER_H

#include "env/env.h"
#include "wire/message.h"

struct held_piece;

struct holder {
    struct env *env;
    struct held_piece *pieces; /* by transaction id, in order of arrival */
    struct timer expiry;
};

void holder_init(struct holder *holder, struct env *env);
void holder_deinit(struct holder *holder);

/* Both return 0 or the reason for the drop: ERR_SIGNATURE, ERR_EXPIRED, ERR_PROOF … */
int holder_request(struct holder *holder, node_id from, const struct message *message);
int holder_piece(struct holder *holder, node_id from, const struct message *message);

#endif
