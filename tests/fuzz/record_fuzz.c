/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Input: read twice, as a transaction record and as the terms of a hold request. What decodes must
 * encode to the same bytes, and a record's promises must be in range. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "pipeline/record.h"

#define SIGNATURE_BYTES 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same(const uint8_t *data, size_t size, const struct writer *writer) {
    if (writer->error != OK || writer->at != size || memcmp(writer->bytes, data, size) != 0)
        abort();
}

static void check_record(const uint8_t *data, size_t size) {
    static uint8_t bytes[1 << 16];
    struct tx_record record;
    struct writer writer;
    if (tx_record_read(data, size, SIGNATURE_BYTES, &record) != OK)
        return;
    writer_init(&writer, bytes, sizeof bytes);
    tx_record_write(&writer, &record, SIGNATURE_BYTES);
    check_same(data, size, &writer);
    if (tx_record_bytes(&record, SIGNATURE_BYTES) != size)
        abort();
    for (size_t i = 0; i < record.promise_count; i++) {
        struct promise promise;
        tx_record_promise(&record, i, &promise);
        if (promise.size == 0 || promise.size > LIMIT_TRANSACTION_BYTES)
            abort();
    }
}

static void check_terms(const uint8_t *data, size_t size) {
    uint8_t bytes[PROMISE_TERMS_BYTES];
    struct promise terms;
    struct reader reader;
    struct writer writer;
    reader_init(&reader, data, size);
    promise_terms_read(&reader, &terms);
    if (reader_finish(&reader) != OK)
        return;
    writer_init(&writer, bytes, sizeof bytes);
    promise_terms_write(&writer, &terms);
    check_same(data, size, &writer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    check_record(data, size);
    check_terms(data, size);
    return 0;
}
