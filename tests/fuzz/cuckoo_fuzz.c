/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Input: an encoded cuckoo filter. What is accepted must encode to the same bytes; every byte of
 * the input is then inserted as an item, found, and deleted again. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "filter/cuckoo.h"

#define ROOM 1024

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insert_and_delete(struct cuckoo *cuckoo, const uint8_t *data, size_t size) {
    struct rng rng;
    size_t inserted = 0;
    uint64_t count = cuckoo->count;
    rng_init(&rng, 1, 0, "kicks");
    while (inserted < size && cuckoo_insert(cuckoo, &data[inserted], 1, &rng) == OK)
        inserted++;
    for (size_t i = 0; i < inserted; i++)
        if (!cuckoo_has(cuckoo, &data[i], 1))
            abort();
    for (size_t i = 0; i < inserted; i++)
        if (cuckoo_delete(cuckoo, &data[i], 1, &rng) != OK)
            abort();
    if (cuckoo->count != count)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t slots[ROOM], bytes[CUCKOO_HEADER_BYTES + ROOM];
    struct cuckoo cuckoo;
    struct reader reader;
    struct writer writer;
    if (sodium_init() < 0)
        return 0;
    reader_init(&reader, data, size);
    if (cuckoo_read(&reader, &cuckoo, slots, sizeof slots) != OK)
        return 0;
    writer_init(&writer, bytes, sizeof bytes);
    cuckoo_write(&writer, &cuckoo);
    if (writer.error != OK || writer.at != reader.at || memcmp(bytes, data, writer.at) != 0)
        abort();
    insert_and_delete(&cuckoo, data, size);
    return 0;
}
