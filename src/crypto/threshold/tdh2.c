/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/threshold/tdh2.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/cursor.h"
#include "base/error.h"

static const char SENDER_DOMAIN[] = "TDH2 ciphertext"; /* H2 of the paper */
static const char SHARE_DOMAIN[] = "TDH2 share";       /* H4 */

/* Every key is fresh, so a constant nonce never meets the same key twice. */
static const uint8_t SEAL_NONCE[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];

static_assert(TDH2_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "one key");
static_assert(TDH2_TAG_BYTES == crypto_aead_xchacha20poly1305_ietf_ABYTES, "one tag");

/* g^ of the paper: nobody knows its logarithm. */
static void second_generator(uint8_t out[ELEMENT_BYTES]) {
    uint8_t hash[64];
    crypto_hash_sha512(hash, (const uint8_t *)"TDH2 g^", 7);
    crypto_core_ristretto255_from_hash(out, hash);
}

/* H1: out = key xor hash(element), its own inverse. */
static void mask_key(uint8_t out[TDH2_KEY_BYTES], const uint8_t key[TDH2_KEY_BYTES],
                     const uint8_t element[ELEMENT_BYTES]) {
    crypto_hash_sha512_state state;
    uint8_t hash[64];
    crypto_hash_sha512_init(&state);
    crypto_hash_sha512_update(&state, (const uint8_t *)"TDH2 mask", 9);
    crypto_hash_sha512_update(&state, element, ELEMENT_BYTES);
    crypto_hash_sha512_final(&state, hash);
    for (size_t i = 0; i < TDH2_KEY_BYTES; i++)
        out[i] = key[i] ^ hash[i];
    sodium_memzero(hash, sizeof hash);
}

/* What the sender's proof binds besides its elements: the label, the masked key and, so that no
 * server opens a changed message either, the sealed bytes. */
static void hash_context(uint8_t out[64], const void *label, size_t label_size,
                         const uint8_t masked_key[TDH2_KEY_BYTES], const uint8_t *sealed,
                         size_t sealed_size) {
    crypto_hash_sha512_state state;
    struct writer writer;
    uint8_t length[8];
    writer_init(&writer, length, sizeof length);
    write_u64(&writer, label_size);
    crypto_hash_sha512_init(&state);
    crypto_hash_sha512_update(&state, length, sizeof length);
    crypto_hash_sha512_update(&state, label, label_size);
    crypto_hash_sha512_update(&state, masked_key, TDH2_KEY_BYTES);
    crypto_hash_sha512_update(&state, sealed, sealed_size);
    crypto_hash_sha512_final(&state, out);
}

int tdh2_encrypt(uint8_t *out, const uint8_t public_key[ELEMENT_BYTES], const void *label,
                 size_t label_size, const void *message, size_t size,
                 const struct tdh2_randomness *randomness) {
    uint8_t generator[ELEMENT_BYTES], exponent[SCALAR_BYTES], shared[ELEMENT_BYTES];
    uint8_t key[ELEMENT_BYTES], image[ELEMENT_BYTES], masked_key[TDH2_KEY_BYTES], context[64];
    uint8_t *sealed = out + TDH2_OVERHEAD_BYTES - TDH2_TAG_BYTES;
    struct dleq_proof proof;
    struct writer writer;
    second_generator(generator);
    crypto_core_ristretto255_scalar_reduce(exponent, randomness->exponent);
    if (!element_is_valid(public_key) ||
        crypto_scalarmult_ristretto255(shared, exponent, public_key) != 0 ||
        crypto_scalarmult_ristretto255_base(key, exponent) != 0 ||
        crypto_scalarmult_ristretto255(image, exponent, generator) != 0)
        return ERR_INVALID;
    mask_key(masked_key, randomness->key, shared);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, message, size, NULL, 0, NULL,
                                               SEAL_NONCE, randomness->key);
    hash_context(context, label, label_size, masked_key, sealed, size + TDH2_TAG_BYTES);
    const struct dleq_claim claim = {SENDER_DOMAIN, generator, key, image, context, sizeof context};
    int error = dleq_prove(&proof, &claim, exponent, randomness->nonce);
    if (error)
        return error;
    writer_init(&writer, out, TDH2_OVERHEAD_BYTES - TDH2_TAG_BYTES);
    write_bytes(&writer, masked_key, sizeof masked_key);
    write_bytes(&writer, key, sizeof key);
    write_bytes(&writer, image, sizeof image);
    write_bytes(&writer, proof.challenge, sizeof proof.challenge);
    write_bytes(&writer, proof.response, sizeof proof.response);
    sodium_memzero(exponent, sizeof exponent);
    sodium_memzero(shared, sizeof shared);
    return OK;
}

int tdh2_check(struct tdh2_ciphertext *ciphertext, const uint8_t *bytes, size_t size,
               const void *label, size_t label_size) {
    uint8_t generator[ELEMENT_BYTES], image[ELEMENT_BYTES], context[64];
    struct dleq_proof proof;
    struct reader reader;
    *ciphertext = (struct tdh2_ciphertext){0};
    if (size < TDH2_OVERHEAD_BYTES)
        return ERR_TRUNCATED;
    reader_init(&reader, bytes, size);
    read_bytes(&reader, ciphertext->masked_key, TDH2_KEY_BYTES);
    read_bytes(&reader, ciphertext->element, ELEMENT_BYTES);
    read_bytes(&reader, image, sizeof image);
    read_bytes(&reader, proof.challenge, sizeof proof.challenge);
    read_bytes(&reader, proof.response, sizeof proof.response);
    ciphertext->message_size = size - TDH2_OVERHEAD_BYTES;
    ciphertext->sealed = read_view(&reader, ciphertext->message_size + TDH2_TAG_BYTES);
    second_generator(generator);
    hash_context(context, label, label_size, ciphertext->masked_key, ciphertext->sealed,
                 ciphertext->message_size + TDH2_TAG_BYTES);
    const struct dleq_claim claim = {SENDER_DOMAIN, generator, ciphertext->element,
                                     image,         context,   sizeof context};
    int error = dleq_verify(&proof, &claim);
    if (error)
        *ciphertext = (struct tdh2_ciphertext){0};
    return error;
}

int tdh2_share_make(struct dh_share *share, const struct tdh2_ciphertext *ciphertext,
                    const struct shamir_share *key, const uint8_t nonce[NONCE_BYTES]) {
    return dh_share_make(share, SHARE_DOMAIN, ciphertext->element, key, nonce);
}

int tdh2_share_verify(const struct dh_share *share, const struct tdh2_ciphertext *ciphertext,
                      const uint8_t public_share[ELEMENT_BYTES]) {
    return dh_share_verify(share, SHARE_DOMAIN, ciphertext->element, public_share);
}

int tdh2_combine(uint8_t *message, const struct tdh2_ciphertext *ciphertext,
                 const struct dh_share *shares, size_t count, size_t threshold) {
    uint8_t shared[ELEMENT_BYTES], key[TDH2_KEY_BYTES];
    if (!ciphertext->sealed)
        return ERR_INVALID;
    int error = dh_share_combine(shared, shares, count, threshold);
    if (error)
        return error;
    mask_key(key, ciphertext->masked_key, shared);
    int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
        message, NULL, NULL, ciphertext->sealed, ciphertext->message_size + TDH2_TAG_BYTES, NULL, 0,
        SEAL_NONCE, key);
    sodium_memzero(key, sizeof key);
    return failed ? ERR_MISMATCH : OK;
}
