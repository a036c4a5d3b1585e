/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Input: public key, proof, alpha. What verifies must have the output that its proof stands for. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "crypto/vrf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const size_t front = VRF_PUBLIC_BYTES + VRF_PROOF_BYTES;
    uint8_t output[VRF_OUTPUT_BYTES], again[VRF_OUTPUT_BYTES];
    if (size < front || sodium_init() < 0)
        return 0;
    const uint8_t *proof = data + VRF_PUBLIC_BYTES;
    if (vrf_verify(data, data + front, size - front, proof, output) != OK)
        return 0;
    if (vrf_proof_to_output(proof, again) != OK || memcmp(output, again, sizeof output) != 0)
        abort();
    return 0;
}
