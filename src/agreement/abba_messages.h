/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The messages of binary agreement (abba.h):
 *
 *   BVAL, AUX, CONF, TERM  u64 instance · u16 round · u8 set (bit 0: false, bit 1: true)
 *   COIN                   u64 instance · u16 round · element 32 · challenge 32 · response 32
 *
 * A set holds one value, in CONF also both. The holder of a coin share is the sender. */
#ifndef TIERCHAIN_AGREEMENT_ABBA_MESSAGES_H
#define TIERCHAIN_AGREEMENT_ABBA_MESSAGES_H

#include "crypto/threshold/dh_share.h"
#include "wire/message.h"

#define ABBA_ROUNDS 1024 /* that can be named; no run comes near: abba.h */

/* Sets of truth values. */
enum { SET_FALSE = 1, SET_TRUE = 2, SET_BOTH = 3 };

struct abba_message {
    uint16_t type;
    uint64_t instance;
    uint16_t round; /* TERM: from the round after it on, the sender stays with its value */
    uint8_t set;
    struct dh_share share; /* COIN; the holder is not on the wire */
};

struct frame *abba_encode(const struct abba_message *in, uint16_t channel);

/* Errors: ERR_TRUNCATED, ERR_TRAILING; ERR_NON_CANONICAL for an impossible set; ERR_LIMIT for a
 * round beyond ABBA_ROUNDS; ERR_UNKNOWN_TYPE for a message of another module. */
int abba_decode(struct abba_message *out, const struct message *message);

#endif
