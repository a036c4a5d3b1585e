/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proof of hold: a holder's signed promise to keep a piece until an expiry, sealed for the sender of
 * the transaction, so that nobody on the way learns who holds what.
 *
 * The sender asks for a promise by its terms; the holder adds its hybrid logical time and signs. It
 * encapsulates a fresh secret to the sender's KEM key; a key derived from that seals promise and
 * signature with XChaCha20-Poly1305. Once opened, promise and signature are evidence for anyone, for
 * the signature covers the promise alone, and that names sender and holder.
 *
 * Pure functions; randomness is an argument, the caller charges the work. Stack: below 32 KiB; with
 * ML-DSA sealing takes its signing's 80 KiB and 8 KiB more. */
#ifndef TIERCHAIN_HOLD_PROMISE_H
#define TIERCHAIN_HOLD_PROMISE_H

#include "base/cursor.h"
#include "base/limits.h"
#include "crypto/suite.h"

struct promise {
    /* The terms: what the sender asks for. */
    struct digest id;         /* of the transaction */
    struct digest commitment; /* to all of its pieces (fragment_commitment) */
    struct digest root;       /* Merkle root over the blocks of this piece (hold/audit.h) */
    uint32_t size;            /* of this piece, 1 … LIMIT_TRANSACTION_BYTES */
    uint16_t index;           /* of this piece */
    node_id sender;
    node_id holder;
    uint64_t nonce; /* of the sender's request: an old promise is no answer to a new one */
    time_ns expiry; /* the piece is kept while the time is below; above 0 */
    /* What the holder adds. */
    uint64_t stamp; /* hybrid logical time of the promise (clock/hlc.h), before its expiry */
};

#define PROMISE_TERMS_BYTES (3 * DIGEST_BYTES + 4 + 2 + 4 + 4 + 8 + 8)
#define PROMISE_BYTES       (PROMISE_TERMS_BYTES + 8)
#define PROMISE_TAG_BYTES   16
#define PROMISE_SEALED_MAX                                                                         \
    (KEM_CIPHERTEXT_SIZE + PROMISE_BYTES + LIMIT_SIGNATURE_BYTES + PROMISE_TAG_BYTES)

/* How far ahead the holder's clock may be. */
#define PROMISE_CLOCK_OFFSET_MAX (LIMIT_CLOCK_AHEAD_MS * NS_PER_MS)

/* The terms alone, as a request carries them. A size or an expiry out of range is ERR_INVALID in the
 * reader. */
void promise_terms_write(struct writer *writer, const struct promise *promise);
void promise_terms_read(struct reader *reader, struct promise *promise);

void promise_write(struct writer *writer, const struct promise *promise);
/* As above; a stamp that is not before the expiry is ERR_INVALID too. */
void promise_read(struct reader *reader, struct promise *promise);

/* Signs; @signature has the suite's size. */
void promise_sign(const struct suite *suite, const uint8_t *secret_key,
                  const struct promise *promise, uint8_t *signature);

/* Whether the owner of @public_key made this promise, at whatever time: OK; ERR_INVALID: a field is
 * out of range; ERR_SIGNATURE. */
int promise_verify(const struct suite *suite, const uint8_t *public_key,
                   const struct promise *promise, const uint8_t *signature);

/* Whether a promise binds at @now: OK; ERR_FUTURE: it was made more than PROMISE_CLOCK_OFFSET_MAX
 * ahead; ERR_EXPIRED. */
int promise_binds(const struct promise *promise, time_ns now);

/* Bytes of a sealed promise: ciphertext of the secret, then promise and signature encrypted, then
 * the tag. */
size_t promise_sealed_bytes(const struct suite *suite);

/* The holder's side: signs with @secret_key and seals for the owner of @sender_key. @seed is
 * SUITE_SEED_BYTES of fresh uniform randomness: used for two promises, it gives away both; to answer
 * again, send the same bytes. ERR_INVALID: a field is out of range; ERR_NON_CANONICAL: @sender_key is
 * no key. */
int promise_seal(const struct suite *suite, const uint8_t *secret_key, const uint8_t *sender_key,
                 const uint8_t seed[SUITE_SEED_BYTES], const struct promise *promise,
                 uint8_t *sealed);

/* What the sender has to open a promise with. */
struct promise_opening {
    const uint8_t *sender_secret; /* KEM_SECRET_SIZE */
    const uint8_t *holder_key;    /* public key of the holder in the suite */
    const struct promise *terms;  /* what was asked for; its stamp is ignored */
    time_ns now;
};

/* The sender's side. Fills @promise and @signature (of the suite's size), on success only.
 * ERR_TRUNCATED, ERR_TRAILING; ERR_PROOF: altered, or sealed for someone else; ERR_STALE: another
 * request's nonce; ERR_MISMATCH: something else was asked for; then those of promise_binds and
 * promise_verify. */
int promise_open(const struct suite *suite, const struct promise_opening *opening,
                 const void *sealed, size_t size, struct promise *promise, uint8_t *signature);

#endif
