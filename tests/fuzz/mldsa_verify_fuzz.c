/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Input: a byte for the parameter set, a byte for the length of the context, then patches of three
 * bytes (position, little endian, and value) to a genuine signature followed by its public key.
 * Whatever was altered must be refused, and hints that decode must encode to the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "crypto/mldsa.h"
#include "crypto/mldsa_pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Signature and public key, of zero seeds, for the empty message. */
struct sample {
    bool made;
    uint8_t bytes[MLDSA_MAX_SIGNATURE + MLDSA_MAX_PUBLIC_BYTES];
};

static void make_sample(const struct mldsa_parameters *parameters, struct sample *sample) {
    const uint8_t zero[MLDSA_SEED_BYTES] = {0};
    const struct mldsa_bytes nothing = {0};
    uint8_t secret_key[MLDSA_MAX_SECRET_BYTES];
    mldsa_keygen_internal(parameters, zero, sample->bytes + parameters->signature_bytes,
                          secret_key);
    if (mldsa_sign(parameters, secret_key, nothing, nothing, zero, sample->bytes, NULL) != OK)
        abort();
    sample->made = true;
}

static void check_hints(const struct mldsa_parameters *parameters, const uint8_t *signature) {
    const size_t size = parameters->omega + parameters->rows;
    const uint8_t *bytes = signature + parameters->signature_bytes - size;
    uint8_t again[128] = {0};
    struct mldsa_hints hints;
    unsigned count = 0;
    if (mldsa_unpack_hints(parameters, &hints, bytes) != OK)
        return;
    for (unsigned row = 0; row < parameters->rows; row++)
        if (!mldsa_pack_hints(parameters, again, row, hints.at[row], &count))
            abort();
    if (memcmp(again, bytes, size) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct sample samples[2];
    if (size < 2)
        return 0;
    const struct mldsa_parameters *parameters = data[0] & 1 ? &mldsa_65 : &mldsa_44;
    const size_t total = parameters->signature_bytes + parameters->public_key_bytes;
    struct sample *sample = &samples[data[0] & 1];
    uint8_t bytes[sizeof sample->bytes];
    if (!sample->made)
        make_sample(parameters, sample);
    memcpy(bytes, sample->bytes, total);
    for (size_t at = 2; at + 3 <= size; at += 3)
        bytes[(data[at] | data[at + 1] << 8) % total] = data[at + 2];
    check_hints(parameters, bytes);
    const struct mldsa_bytes context = {data, size_min(data[1], size)};
    int got = mldsa_verify(
        parameters,
        (struct mldsa_bytes){bytes + parameters->signature_bytes, parameters->public_key_bytes},
        context, (struct mldsa_bytes){0}, (struct mldsa_bytes){bytes, parameters->signature_bytes});
    bool genuine = context.size == 0 && memcmp(bytes, sample->bytes, total) == 0;
    if ((got == OK) != genuine)
        abort();
    return 0;
}
