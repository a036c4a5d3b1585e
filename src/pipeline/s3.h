/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * S3, proof of hold: a signed request to every chosen node, and its promise back, sealed for the
 * sender. */
#ifndef TIERCHAIN_PIPELINE_S3_H
#define TIERCHAIN_PIPELINE_S3_H

#include "pipeline/hold_messages.h"
#include "pipeline/open_tx.h"

/* Signs and sends the requests. */
void s3_request(struct sender *sender, struct open_tx *tx);

/* Asks those again that have not promised; a slot without a request gets one. */
void s3_again(struct sender *sender, struct open_tx *tx);

/* Opens and checks a promise and keeps it. Errors: ERR_NOT_MEMBER, ERR_DUPLICATE, and those of
 * promise_open. */
int s3_promise(struct sender *sender, struct open_tx *tx, node_id from, const struct hold_ack *ack);

/* What the holder of piece @index was asked for. */
void s3_terms(const struct open_tx *tx, uint32_t index, struct promise *terms);

#endif
