/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Input: read twice, as a promise and as patches of three bytes (position, little endian, and value)
 * to a genuine sealed one. A promise that decodes must encode to the same bytes, and only the
 * genuine one may open: with NTRU for one input in 16, for it takes 50 ms under the sanitizers. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "hold/promise.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sample {
    bool made;
    const struct suite *suite;
    uint8_t sender_secret[KEM_SECRET_SIZE];
    uint8_t holder_key[LIMIT_PUBLIC_KEY_BYTES];
    struct promise promise;
    uint8_t sealed[PROMISE_SEALED_MAX];
};

static void make_sample(struct sample *sample, const char *provider) {
    uint8_t sender_key[KEM_PUBLIC_SIZE], holder_secret[LIMIT_SECRET_KEY_BYTES];
    const uint8_t seed[SUITE_SEED_BYTES] = {1};
    sample->suite = suite_find("ed25519", provider);
    sample->promise = (struct promise){.size = 1, .nonce = 5, .expiry = NS_PER_S};
    sample->suite->keypair(sample->suite, seed, sample->holder_key, holder_secret);
    sample->suite->kem_keypair(seed, sender_key, sample->sender_secret);
    if (promise_seal(sample->suite, holder_secret, sender_key, seed, &sample->promise,
                     sample->sealed) != OK)
        abort();
    sample->made = true;
}

static void check_promise(const uint8_t *data, size_t size) {
    struct promise promise;
    struct reader reader;
    struct writer writer;
    uint8_t bytes[PROMISE_BYTES];
    reader_init(&reader, data, size);
    promise_read(&reader, &promise);
    if (reader_finish(&reader) != OK)
        return;
    writer_init(&writer, bytes, sizeof bytes);
    promise_write(&writer, &promise);
    if (writer.error != OK || writer.at != size || memcmp(bytes, data, size) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct sample samples[2];
    uint8_t patched[PROMISE_SEALED_MAX], signature[LIMIT_SIGNATURE_BYTES];
    struct promise opened;
    if (sodium_init() < 0)
        return 0;
    unsigned sum = 0; /* of all bytes: what libFuzzer finds interesting must not decide */
    for (size_t at = 0; at < size; at++)
        sum += data[at];
    const bool real = sum % 16 == 1;
    struct sample *sample = &samples[real];
    if (!sample->made)
        make_sample(sample, real ? "real" : "modelled");
    check_promise(data, size);
    const size_t bytes = promise_sealed_bytes(sample->suite);
    memcpy(patched, sample->sealed, bytes);
    for (size_t at = 0; at + 3 <= size; at += 3)
        patched[(data[at] | data[at + 1] << 8) % bytes] = data[at + 2];
    const struct promise_opening opening = {.sender_secret = sample->sender_secret,
                                            .holder_key = sample->holder_key,
                                            .terms = &sample->promise,
                                            .now = 7};
    const int error = promise_open(sample->suite, &opening, patched, bytes, &opened, signature);
    if ((error == OK) != (memcmp(patched, sample->sealed, bytes) == 0))
        abort();
    return 0;
}
