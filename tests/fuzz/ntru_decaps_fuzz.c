/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Input: patches of three bytes (position, little endian, and value) to a genuine ciphertext.
 * Whatever was altered must give another secret than the genuine one, and always the same. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"
#include "crypto/ntru.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sample {
    bool made;
    uint8_t secret_key[NTRU_SECRET_BYTES];
    uint8_t ciphertext[NTRU_CIPHERTEXT_BYTES];
    uint8_t shared[NTRU_SHARED_BYTES];
};

static void make_sample(struct sample *sample) {
    uint8_t random[NTRU_SAMPLE_BYTES], public_key[NTRU_PUBLIC_BYTES];
    struct rng rng;
    rng_init(&rng, 1, 0, "ntru fuzz");
    rng_fill(&rng, random, sizeof random);
    if (ntru_keygen(random, random, public_key, sample->secret_key) != OK)
        abort();
    rng_fill(&rng, random, sizeof random);
    if (ntru_encaps(public_key, sizeof public_key, random, sample->ciphertext, sample->shared) !=
        OK)
        abort();
    sample->made = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct sample sample;
    uint8_t ciphertext[NTRU_CIPHERTEXT_BYTES];
    uint8_t shared[NTRU_SHARED_BYTES], again[NTRU_SHARED_BYTES];
    if (!sample.made)
        make_sample(&sample);
    memcpy(ciphertext, sample.ciphertext, sizeof ciphertext);
    for (size_t at = 0; at + 3 <= size; at += 3)
        ciphertext[(data[at] | data[at + 1] << 8) % sizeof ciphertext] = data[at + 2];
    if (ntru_decaps(sample.secret_key, ciphertext, sizeof ciphertext, shared) != OK ||
        ntru_decaps(sample.secret_key, ciphertext, sizeof ciphertext, again) != OK)
        abort();
    bool genuine = memcmp(ciphertext, sample.ciphertext, sizeof ciphertext) == 0;
    if (memcmp(shared, again, sizeof shared) != 0 ||
        (memcmp(shared, sample.shared, sizeof shared) == 0) != genuine)
        abort();
    return 0;
}
