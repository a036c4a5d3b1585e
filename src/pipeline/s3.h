/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * S3, proof of hold: a signed request to every chosen node, and its signed promise back. */
#ifndef TIERCHAIN_PIPELINE_S3_H
#define TIERCHAIN_PIPELINE_S3_H

#include "pipeline/open_tx.h"

/* Signs and sends the requests. */
void s3_request(struct sender *sender, struct open_tx *tx);

/* Checks a promise and keeps it. Errors: ERR_STALE, ERR_MISMATCH, ERR_DUPLICATE, ERR_SIGNATURE,
 * ERR_NOT_MEMBER, ERR_FUTURE. */
int s3_promise(struct sender *sender, struct open_tx *tx, node_id from, const struct hold_ack *ack,
               const uint8_t *signature);

#endif
