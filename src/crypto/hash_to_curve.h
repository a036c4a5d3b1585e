/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Hashing to edwards25519 (RFC 9380), the suites edwards25519_XMD:SHA-512_ELL2_NU_ and _RO_: a
 * point of the prime-order subgroup whose logarithm nobody knows. Inputs are public: the time
 * depends on them. Points are encoded as in RFC 8032. */
#ifndef TIERCHAIN_CRYPTO_HASH_TO_CURVE_H
#define TIERCHAIN_CRYPTO_HASH_TO_CURVE_H

#include "crypto/field25519.h"

#define CURVE_POINT_BYTES 32

/* What is hashed; all borrowed. */
struct hash_input {
    const void *tag; /* domain separation tag, unique for each use: 1 to 255 bytes */
    size_t tag_size;
    const void *salt; /* hashed in front of the message (RFC 9381 5.4.1.2); may be empty */
    size_t salt_size;
    const void *message;
    size_t message_size;
};

/* expand_message_xmd with SHA-512 (RFC 9380 5.3.1). 0, or ERR_INVALID for a tag of another size or
 * more than 255 * 64 bytes of output. */
int expand_message(uint8_t *out, size_t size, const struct hash_input *input);

/* map_to_curve (RFC 9380 6.8.2): the point on the curve, of any order, that belongs to @value. */
void map_to_curve(uint8_t point[CURVE_POINT_BYTES], const struct field25519 *value);

/* The nonuniform suite NU: cheap, enough for a VRF. 0, or ERR_INVALID as in expand_message. */
int encode_to_curve(uint8_t point[CURVE_POINT_BYTES], const struct hash_input *input);

/* The suite RO, indistinguishable from a random oracle. Errors of encode_to_curve. */
int hash_to_curve(uint8_t point[CURVE_POINT_BYTES], const struct hash_input *input);

/* out = 8 * point; false when @point is not on the curve. */
bool clear_cofactor(uint8_t out[CURVE_POINT_BYTES], const uint8_t point[CURVE_POINT_BYTES]);

#endif
