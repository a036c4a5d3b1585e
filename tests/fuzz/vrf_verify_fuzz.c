/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Input: suite, public key, proof, alpha. What verifies must have the output that its proof stands
 * for. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "crypto/vrf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const size_t front = 1 + VRF_PUBLIC_BYTES + VRF_PROOF_BYTES;
    uint8_t output[VRF_OUTPUT_BYTES], again[VRF_OUTPUT_BYTES];
    if (size < front || sodium_init() < 0)
        return 0;
    const struct vrf_suite *suite = data[0] % 2 ? &vrf_ell2 : &vrf_tai;
    const uint8_t *public_key = data + 1, *proof = public_key + VRF_PUBLIC_BYTES;
    if (vrf_verify(suite, public_key, data + front, size - front, proof, output) != OK)
        return 0;
    if (vrf_proof_to_output(suite, proof, again) != OK || memcmp(output, again, sizeof output) != 0)
        abort();
    return 0;
}
