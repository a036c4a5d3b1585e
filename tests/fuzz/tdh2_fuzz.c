/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Input: bytes cut from the ciphertext, number of edits to it, edits to it and to the shares. Only
 * the sender's own bytes may pass the check, only honest shares may verify, and what opens is what
 * was sealed. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "crypto/threshold/tdh2.h"
#include "tests/fuzz/edits.h"

enum { HOLDERS = 3, THRESHOLD = 2, SIZE = 24 };

static const uint8_t MESSAGE[SIZE] = "twenty-four secret bytes";
static const uint8_t COEFFICIENTS[THRESHOLD][SCALAR_BYTES] = {{7}, {11}};

struct bytes {
    uint8_t text[SIZE + TDH2_OVERHEAD_BYTES];
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition) {
    if (!condition)
        abort();
}

static int check(struct tdh2_ciphertext *ciphertext, const struct bytes *bytes, size_t size) {
    return tdh2_check(ciphertext, bytes->text, size, "label", 5);
}

static void open_altered(const uint8_t commitments[][ELEMENT_BYTES], const struct bytes *bytes,
                         struct reader *edits) {
    static const uint8_t nonce[NONCE_BYTES] = {5};
    struct tdh2_ciphertext ciphertext;
    struct dh_share honest[HOLDERS], shares[HOLDERS];
    uint8_t message[SIZE];
    require(check(&ciphertext, bytes, sizeof *bytes) == OK);
    for (uint32_t i = 0; i < HOLDERS; i++) {
        struct shamir_share key;
        require(shamir_share_of(&key, i + 1, COEFFICIENTS, THRESHOLD) == OK &&
                tdh2_share_make(&honest[i], &ciphertext, &key, nonce) == OK);
    }
    memcpy(shares, honest, sizeof shares);
    edit(edits, SIZE_MAX, shares, sizeof shares);
    for (size_t i = 0; i < HOLDERS; i++) {
        uint8_t public_share[ELEMENT_BYTES];
        bool same = memcmp(&shares[i], &honest[i], sizeof shares[i]) == 0;
        int error = feldman_public_share(public_share, shares[i].holder, commitments, THRESHOLD);
        require((error == OK && tdh2_share_verify(&shares[i], &ciphertext, public_share) == OK) ==
                same);
    }
    if (tdh2_combine(message, &ciphertext, shares, HOLDERS, THRESHOLD) == OK)
        require(memcmp(message, MESSAGE, SIZE) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct tdh2_randomness randomness = {{1}, {2}, {3}};
    uint8_t commitments[THRESHOLD][ELEMENT_BYTES];
    struct tdh2_ciphertext ciphertext;
    struct bytes honest, altered;
    struct reader edits;
    if (sodium_init() < 0)
        return 0;
    reader_init(&edits, data, size);
    const size_t cut = read_u8(&edits) % (sizeof honest + 1), bytes_edits = read_u8(&edits);
    require(feldman_commit(commitments, COEFFICIENTS, THRESHOLD) == OK);
    require(tdh2_encrypt(honest.text, commitments[0], "label", 5, MESSAGE, SIZE, &randomness) ==
            OK);
    altered = honest;
    edit(&edits, bytes_edits, &altered, sizeof altered);
    const bool same = cut == 0 && memcmp(&honest, &altered, sizeof honest) == 0;
    require((check(&ciphertext, &altered, sizeof honest - cut) == OK) == same);
    tdh2_check(&ciphertext, data, size, "label", 5); /* the raw input, of every size */
    open_altered(commitments, &honest, &edits);
    return 0;
}
