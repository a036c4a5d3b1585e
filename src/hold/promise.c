/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hold/promise.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"
#include "clock/hlc.h"

static const char sign_domain[] = "tierchain promise";
static const char key_domain[] = "tierchain promise key";

#define SIGNED_BYTES (sizeof sign_domain + PROMISE_BYTES)
#define CONTENT_MAX  (PROMISE_BYTES + LIMIT_SIGNATURE_BYTES)

_Static_assert(PROMISE_TAG_BYTES == crypto_aead_xchacha20poly1305_ietf_ABYTES, "the tag's size");

void promise_terms_write(struct writer *writer, const struct promise *promise) {
    write_digest(writer, &promise->id);
    write_digest(writer, &promise->commitment);
    write_digest(writer, &promise->root);
    write_u32(writer, promise->size);
    write_u16(writer, promise->index);
    write_u32(writer, promise->sender);
    write_u32(writer, promise->holder);
    write_u64(writer, promise->nonce);
    write_u64(writer, (uint64_t)promise->expiry);
}

static bool terms_in_range(const struct promise *promise) {
    return promise->size > 0 && promise->size <= LIMIT_TRANSACTION_BYTES && promise->expiry > 0;
}

/* In the stamp's milliseconds, for a stranger's stamp in nanoseconds could overflow. */
static bool in_range(const struct promise *promise) {
    return terms_in_range(promise) &&
           hlc_milliseconds(promise->stamp) <= (uint64_t)(promise->expiry - 1) / NS_PER_MS;
}

void promise_terms_read(struct reader *reader, struct promise *promise) {
    read_digest(reader, &promise->id);
    read_digest(reader, &promise->commitment);
    read_digest(reader, &promise->root);
    promise->size = read_u32(reader);
    promise->index = read_u16(reader);
    promise->sender = read_u32(reader);
    promise->holder = read_u32(reader);
    promise->nonce = read_u64(reader);
    promise->expiry = (time_ns)read_u64(reader);
    promise->stamp = 0;
    if (!terms_in_range(promise))
        reader_fail(reader, ERR_INVALID);
}

void promise_write(struct writer *writer, const struct promise *promise) {
    promise_terms_write(writer, promise);
    write_u64(writer, promise->stamp);
}

void promise_read(struct reader *reader, struct promise *promise) {
    promise_terms_read(reader, promise);
    promise->stamp = read_u64(reader);
    if (!in_range(promise))
        reader_fail(reader, ERR_INVALID);
}

static void signed_bytes(const struct promise *promise, uint8_t bytes[SIGNED_BYTES]) {
    struct writer writer;
    writer_init(&writer, bytes, SIGNED_BYTES);
    write_bytes(&writer, sign_domain, sizeof sign_domain);
    promise_write(&writer, promise);
    assert(writer.error == OK && writer.at == SIGNED_BYTES);
}

void promise_sign(const struct suite *suite, const uint8_t *secret_key,
                  const struct promise *promise, uint8_t *signature) {
    uint8_t bytes[SIGNED_BYTES];
    signed_bytes(promise, bytes);
    suite->sign(suite, secret_key, bytes, sizeof bytes, signature);
}

int promise_verify(const struct suite *suite, const uint8_t *public_key,
                   const struct promise *promise, const uint8_t *signature) {
    uint8_t bytes[SIGNED_BYTES];
    if (!in_range(promise))
        return ERR_INVALID;
    signed_bytes(promise, bytes);
    return suite->verify(suite, public_key, bytes, sizeof bytes, signature) ? OK : ERR_SIGNATURE;
}

int promise_binds(const struct promise *promise, time_ns now) {
    const time_ns latest = now + PROMISE_CLOCK_OFFSET_MAX;
    if (latest < 0 || hlc_milliseconds(promise->stamp) > (uint64_t)latest / NS_PER_MS)
        return ERR_FUTURE;
    return now < promise->expiry ? OK : ERR_EXPIRED;
}

static size_t content_bytes(const struct suite *suite) {
    return PROMISE_BYTES + suite->signature_bytes;
}

size_t promise_sealed_bytes(const struct suite *suite) {
    return KEM_CIPHERTEXT_SIZE + content_bytes(suite) + PROMISE_TAG_BYTES;
}

/* A key serves one promise, so its nonce may be zero. */
static const uint8_t zero_nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];

static void derive_key(const uint8_t shared[KEM_SHARED_SIZE],
                       uint8_t key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES]) {
    crypto_generichash(key, crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
                       (const uint8_t *)key_domain, sizeof key_domain, shared, KEM_SHARED_SIZE);
}

int promise_seal(const struct suite *suite, const uint8_t *secret_key, const uint8_t *sender_key,
                 const uint8_t seed[SUITE_SEED_BYTES], const struct promise *promise,
                 uint8_t *sealed) {
    uint8_t content[CONTENT_MAX], shared[KEM_SHARED_SIZE];
    uint8_t key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
    struct writer writer;
    if (!in_range(promise))
        return ERR_INVALID;
    int error = suite->kem_encaps(sender_key, seed, sealed, shared);
    if (error != OK)
        return error;
    writer_init(&writer, content, PROMISE_BYTES);
    promise_write(&writer, promise);
    promise_sign(suite, secret_key, promise, content + PROMISE_BYTES);
    derive_key(shared, key);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + KEM_CIPHERTEXT_SIZE, NULL, content,
                                               content_bytes(suite), sealed, KEM_CIPHERTEXT_SIZE,
                                               NULL, zero_nonce, key);
    return OK;
}

/* Into @content, which has content_bytes of room. */
static int decrypt(const struct suite *suite, const uint8_t *sender_secret, const uint8_t *sealed,
                   uint8_t *content) {
    uint8_t shared[KEM_SHARED_SIZE], key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
    int error = suite->kem_decaps(sender_secret, sealed, shared);
    if (error != OK)
        return error;
    derive_key(shared, key);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(content, NULL, NULL,
                                                   sealed + KEM_CIPHERTEXT_SIZE,
                                                   content_bytes(suite) + PROMISE_TAG_BYTES, sealed,
                                                   KEM_CIPHERTEXT_SIZE, zero_nonce, key) != 0)
        return ERR_PROOF;
    return OK;
}

static bool answers(const struct promise *promise, const struct promise *terms) {
    uint8_t asked[PROMISE_TERMS_BYTES], promised[PROMISE_TERMS_BYTES];
    struct writer writer;
    writer_init(&writer, asked, sizeof asked);
    promise_terms_write(&writer, terms);
    writer_init(&writer, promised, sizeof promised);
    promise_terms_write(&writer, promise);
    return memcmp(asked, promised, sizeof asked) == 0;
}

int promise_open(const struct suite *suite, const struct promise_opening *opening,
                 const void *sealed, size_t size, struct promise *promise, uint8_t *signature) {
    uint8_t content[CONTENT_MAX];
    struct promise read;
    struct reader reader;
    if (size != promise_sealed_bytes(suite))
        return size < promise_sealed_bytes(suite) ? ERR_TRUNCATED : ERR_TRAILING;
    int error = decrypt(suite, opening->sender_secret, sealed, content);
    if (error != OK)
        return error;
    reader_init(&reader, content, PROMISE_BYTES);
    promise_read(&reader, &read);
    error = reader_finish(&reader);
    if (error != OK)
        return error;
    if (read.nonce != opening->terms->nonce)
        return ERR_STALE;
    if (!answers(&read, opening->terms))
        return ERR_MISMATCH;
    error = promise_binds(&read, opening->now);
    if (error == OK)
        error = promise_verify(suite, opening->holder_key, &read, content + PROMISE_BYTES);
    if (error != OK)
        return error;
    *promise = read;
    memcpy(signature, content + PROMISE_BYTES, suite->signature_bytes);
    return OK;
}
