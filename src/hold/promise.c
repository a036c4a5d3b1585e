/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hold/promise.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/error.h"

static const char sign_domain[] = "tierchain promise";
static const char key_domain[] = "tierchain promise key";

#define SIGNED_BYTES (sizeof sign_domain + PROMISE_BYTES)
#define CONTENT_MAX  (PROMISE_BYTES + LIMIT_SIGNATURE_BYTES)

_Static_assert(PROMISE_TAG_BYTES == crypto_aead_xchacha20poly1305_ietf_ABYTES, "the tag's size");

void promise_write(struct writer *writer, const struct promise *promise) {
    write_digest(writer, &promise->id);
    write_digest(writer, &promise->root);
    write_u32(writer, promise->size);
    write_u16(writer, promise->index);
    write_u32(writer, promise->sender);
    write_u32(writer, promise->holder);
    write_u64(writer, promise->nonce);
    write_u64(writer, (uint64_t)promise->issued);
    write_u64(writer, (uint64_t)promise->expiry);
}

static bool times_in_order(const struct promise *promise) {
    return promise->issued >= 0 && promise->expiry > promise->issued;
}

void promise_read(struct reader *reader, struct promise *promise) {
    read_digest(reader, &promise->id);
    read_digest(reader, &promise->root);
    promise->size = read_u32(reader);
    promise->index = read_u16(reader);
    promise->sender = read_u32(reader);
    promise->holder = read_u32(reader);
    promise->nonce = read_u64(reader);
    promise->issued = (time_ns)read_u64(reader);
    promise->expiry = (time_ns)read_u64(reader);
    if (!times_in_order(promise))
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
                   const struct promise *promise, time_ns now, const uint8_t *signature) {
    uint8_t bytes[SIGNED_BYTES];
    if (!times_in_order(promise))
        return ERR_INVALID;
    /* Added to our own clock, for a stranger's time could overflow. */
    if (promise->issued > now + PROMISE_CLOCK_OFFSET_MAX)
        return ERR_FUTURE;
    if (now >= promise->expiry)
        return ERR_EXPIRED;
    signed_bytes(promise, bytes);
    return suite->verify(suite, public_key, bytes, sizeof bytes, signature) ? OK : ERR_SIGNATURE;
}

static size_t content_bytes(const struct suite *suite) {
    return PROMISE_BYTES + suite->signature_bytes;
}

size_t promise_sealed_bytes(const struct suite *suite) {
    return NTRU_CIPHERTEXT_BYTES + content_bytes(suite) + PROMISE_TAG_BYTES;
}

/* A key serves one promise, so its nonce may be zero. */
static const uint8_t zero_nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];

static void derive_key(const uint8_t shared[NTRU_SHARED_BYTES],
                       uint8_t key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES]) {
    crypto_generichash(key, crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
                       (const uint8_t *)key_domain, sizeof key_domain, shared, NTRU_SHARED_BYTES);
}

int promise_seal(const struct suite *suite, const uint8_t *secret_key,
                 const uint8_t sender_key[NTRU_PUBLIC_BYTES],
                 const uint8_t sample[NTRU_SAMPLE_BYTES], const struct promise *promise,
                 uint8_t *sealed) {
    uint8_t content[CONTENT_MAX], shared[NTRU_SHARED_BYTES];
    uint8_t key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
    struct writer writer;
    if (!times_in_order(promise))
        return ERR_INVALID;
    int error = ntru_encaps(sender_key, NTRU_PUBLIC_BYTES, sample, sealed, shared);
    if (error != OK)
        return error;
    writer_init(&writer, content, PROMISE_BYTES);
    promise_write(&writer, promise);
    promise_sign(suite, secret_key, promise, content + PROMISE_BYTES);
    derive_key(shared, key);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NTRU_CIPHERTEXT_BYTES, NULL, content,
                                               content_bytes(suite), sealed, NTRU_CIPHERTEXT_BYTES,
                                               NULL, zero_nonce, key);
    return OK;
}

/* Into @content, which has content_bytes of room. */
static int decrypt(const struct suite *suite, const uint8_t *sender_secret, const uint8_t *sealed,
                   uint8_t *content) {
    uint8_t shared[NTRU_SHARED_BYTES], key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
    int error = ntru_decaps(sender_secret, sealed, NTRU_CIPHERTEXT_BYTES, shared);
    if (error != OK)
        return error;
    derive_key(shared, key);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(content, NULL, NULL,
                                                   sealed + NTRU_CIPHERTEXT_BYTES,
                                                   content_bytes(suite) + PROMISE_TAG_BYTES, sealed,
                                                   NTRU_CIPHERTEXT_BYTES, zero_nonce, key) != 0)
        return ERR_PROOF;
    return OK;
}

static bool answers(const struct promise *promise, const struct promise *request) {
    return memcmp(&promise->id, &request->id, sizeof promise->id) == 0 &&
           memcmp(&promise->root, &request->root, sizeof promise->root) == 0 &&
           promise->size == request->size && promise->index == request->index &&
           promise->sender == request->sender && promise->holder == request->holder &&
           promise->expiry == request->expiry;
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
    if (read.nonce != opening->request->nonce)
        return ERR_STALE;
    if (!answers(&read, opening->request))
        return ERR_MISMATCH;
    error =
        promise_verify(suite, opening->holder_key, &read, opening->now, content + PROMISE_BYTES);
    if (error != OK)
        return error;
    *promise = read;
    memcpy(signature, content + PROMISE_BYTES, suite->signature_bytes);
    return OK;
}
