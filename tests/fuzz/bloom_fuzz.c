/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Input: an encoded Bloom filter. What is accepted must encode to the same bytes and keep items. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "filter/bloom.h"

#define ROOM (16 * BLOOM_BLOCK_BYTES)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t bits[ROOM], bytes[BLOOM_HEADER_BYTES + ROOM];
    struct bloom bloom;
    struct reader reader;
    struct writer writer;
    if (sodium_init() < 0)
        return 0;
    reader_init(&reader, data, size);
    if (bloom_read(&reader, &bloom, bits, sizeof bits) != OK)
        return 0;
    writer_init(&writer, bytes, sizeof bytes);
    bloom_write(&writer, &bloom);
    if (writer.error != OK || writer.at != reader.at || memcmp(bytes, data, writer.at) != 0)
        abort();
    bloom_add(&bloom, data, size);
    if (!bloom_has(&bloom, data, size))
        abort();
    return 0;
}
