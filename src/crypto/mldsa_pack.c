/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/mldsa_pack.h"

#include <string.h>

#include "base/error.h"

/* Coefficients are a little-endian stream of bits. 256 of them always fill whole bytes. */
static void pack(uint8_t *out, const struct poly *poly, unsigned bits, int32_t top, int32_t sign) {
    uint64_t pending = 0;
    unsigned held = 0;
    for (int i = 0; i < MLDSA_N; i++) {
        pending |= (uint64_t)(uint32_t)(top + sign * poly->at[i]) << held;
        for (held += bits; held >= 8; held -= 8) {
            *out++ = (uint8_t)pending;
            pending >>= 8;
        }
    }
}

static void unpack(struct poly *out, const uint8_t *bytes, unsigned bits, int32_t top,
                   int32_t sign) {
    const uint32_t mask = (UINT32_C(1) << bits) - 1;
    uint64_t pending = 0;
    unsigned held = 0;
    for (int i = 0; i < MLDSA_N; i++) {
        for (; held < bits; held += 8)
            pending |= (uint64_t)*bytes++ << held;
        out->at[i] = top + sign * (int32_t)(pending & mask);
        pending >>= bits;
        held -= bits;
    }
}

void mldsa_pack(uint8_t *out, const struct poly *poly, unsigned bits) {
    pack(out, poly, bits, 0, 1);
}

void mldsa_unpack(struct poly *out, const uint8_t *bytes, unsigned bits) {
    unpack(out, bytes, bits, 0, 1);
}

void mldsa_pack_signed(uint8_t *out, const struct poly *poly, unsigned bits, int32_t top) {
    pack(out, poly, bits, top, -1);
}

void mldsa_unpack_signed(struct poly *out, const uint8_t *bytes, unsigned bits, int32_t top) {
    unpack(out, bytes, bits, top, -1);
}

bool mldsa_pack_hints(const struct mldsa_parameters *parameters, uint8_t *out, unsigned row,
                      const bool hints[MLDSA_N], unsigned *count) {
    for (int i = 0; i < MLDSA_N; i++) {
        if (!hints[i])
            continue;
        if (*count == parameters->omega)
            return false;
        out[(*count)++] = (uint8_t)i;
    }
    out[parameters->omega + row] = (uint8_t)*count;
    return true;
}

int mldsa_unpack_hints(const struct mldsa_parameters *parameters, struct mldsa_hints *out,
                       const uint8_t *bytes) {
    const uint8_t *ends = bytes + parameters->omega;
    unsigned at = 0;
    memset(out, 0, sizeof *out);
    for (unsigned row = 0; row < parameters->rows; row++) {
        const unsigned first = at;
        if (ends[row] < first || ends[row] > parameters->omega)
            return ERR_NON_CANONICAL;
        for (; at < ends[row]; at++) {
            if (at > first && bytes[at] <= bytes[at - 1])
                return ERR_NON_CANONICAL;
            out->at[row][bytes[at]] = true;
        }
    }
    for (; at < parameters->omega; at++)
        if (bytes[at] != 0)
            return ERR_NON_CANONICAL;
    return OK;
}
