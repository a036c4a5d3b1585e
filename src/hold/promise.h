/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proof of hold that stands alone: a holder's signed promise to keep a piece until an expiry, sealed
 * for the sender of the transaction, so that nobody on the way learns who holds what.
 *
 * The holder encapsulates a fresh secret to the sender's NTRU key; a key derived from it seals
 * promise and signature with XChaCha20-Poly1305. Once opened, promise and signature are evidence for
 * anyone, for the signature covers the promise alone, and that names sender and holder.
 *
 * Pure functions; randomness is an argument, the caller charges the work. Stack: below 32 KiB; with
 * ML-DSA sealing takes its signing's 80 KiB and 8 KiB more. */
#ifndef TIERCHAIN_HOLD_PROMISE_H
#define TIERCHAIN_HOLD_PROMISE_H

#include "base/cursor.h"
#include "base/limits.h"
#include "crypto/ntru.h"
#include "crypto/suite.h"

struct promise {
    struct digest id;   /* of the transaction */
    struct digest root; /* Merkle root over the blocks of the piece (hold/audit.h) */
    uint32_t size;      /* of the piece in bytes */
    uint16_t index;     /* of the piece */
    node_id sender;
    node_id holder;
    uint64_t nonce; /* of the sender's request: an old promise is no answer to a new one */
    time_ns issued;
    time_ns expiry; /* the piece is kept while the time is below; above @issued, which is >= 0 */
};

#define PROMISE_BYTES     (2 * DIGEST_BYTES + 4 + 2 + 4 + 4 + 8 + 8 + 8)
#define PROMISE_TAG_BYTES 16
#define PROMISE_SEALED_MAX                                                                         \
    (NTRU_CIPHERTEXT_BYTES + PROMISE_BYTES + LIMIT_SIGNATURE_BYTES + PROMISE_TAG_BYTES)

/* How far ahead the holder's clock may be. */
#define PROMISE_CLOCK_OFFSET_MAX (500 * NS_PER_MS)

void promise_write(struct writer *writer, const struct promise *promise);
/* Times out of order are ERR_INVALID in the reader. */
void promise_read(struct reader *reader, struct promise *promise);

/* Signs; @signature has the suite's size. */
void promise_sign(const struct suite *suite, const uint8_t *secret_key,
                  const struct promise *promise, uint8_t *signature);

/* Whether the promise binds at @now: OK; ERR_INVALID: its times are out of order; ERR_FUTURE: it was
 * issued more than PROMISE_CLOCK_OFFSET_MAX ahead; ERR_EXPIRED; ERR_SIGNATURE. */
int promise_verify(const struct suite *suite, const uint8_t *public_key,
                   const struct promise *promise, time_ns now, const uint8_t *signature);

/* Bytes of a sealed promise: ciphertext of the secret, then promise and signature encrypted, then
 * the tag. */
size_t promise_sealed_bytes(const struct suite *suite);

/* The holder's side: signs with @secret_key and seals for the owner of @sender_key. @sample is fresh
 * uniform randomness: used twice, it gives away both promises. ERR_INVALID: times out of order;
 * ERR_NON_CANONICAL: @sender_key is no key. */
int promise_seal(const struct suite *suite, const uint8_t *secret_key,
                 const uint8_t sender_key[NTRU_PUBLIC_BYTES],
                 const uint8_t sample[NTRU_SAMPLE_BYTES], const struct promise *promise,
                 uint8_t *sealed);

/* What the sender has to open a promise with. */
struct promise_opening {
    const uint8_t *sender_secret;  /* NTRU_SECRET_BYTES */
    const uint8_t *holder_key;     /* public key of the holder in the suite */
    const struct promise *request; /* what was asked for: every field but @issued */
    time_ns now;
};

/* The sender's side. Fills @promise and @signature (of the suite's size), on success only.
 * ERR_TRUNCATED, ERR_TRAILING; ERR_PROOF: altered, or sealed for someone else; ERR_STALE: another
 * request's nonce; ERR_MISMATCH: something else was asked for; and those of promise_verify. */
int promise_open(const struct suite *suite, const struct promise_opening *opening,
                 const void *sealed, size_t size, struct promise *promise, uint8_t *signature);

#endif
