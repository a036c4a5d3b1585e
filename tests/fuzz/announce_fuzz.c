/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Input: a payload as Plumtree would deliver it. What is decoded must encode to the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "tier/announce.h"

#define CHANNEL         0x1000
#define SIGNATURE_BYTES 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct announcement decoded;
    uint8_t again[ANNOUNCEMENT_BYTES];
    const uint8_t *signature;
    if (announcement_read(&decoded, CHANNEL, data, size, SIGNATURE_BYTES, &signature) != OK)
        return 0;
    announcement_write(&decoded, CHANNEL, again);
    if (memcmp(again, data, sizeof again) != 0 || signature != data + ANNOUNCEMENT_BYTES ||
        size != ANNOUNCEMENT_BYTES + SIGNATURE_BYTES)
        abort();
    return 0;
}
