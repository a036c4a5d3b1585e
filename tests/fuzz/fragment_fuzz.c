/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Input: encoded fragments, each behind its length in two bytes. What is accepted must encode to
 * the same bytes; reconstruction from whatever was accepted must not crash, and when it succeeds
 * every verified fragment must carry the codeword's piece. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "coding/fragment.h"

#define FRAGMENTS 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void reconstruct(const struct fragment *fragments, size_t count) {
    struct erasure_code code;
    const struct fragment *first = &fragments[0];
    if (erasure_code_init(&code, first->k, first->n, 1) != OK)
        abort(); /* fragment_decode promised 1 <= k <= n <= 255 */
    uint8_t *pieces = malloc(first->n * first->piece_size);
    if (pieces != NULL && fragment_reconstruct(&code, fragments, count, pieces) == OK)
        for (size_t i = 0; i < count; i++)
            if (fragment_verify(&fragments[i]) == OK &&
                memcmp(pieces + fragments[i].index * first->piece_size, fragments[i].bytes,
                       first->piece_size) != 0)
                abort();
    free(pieces);
    erasure_code_deinit(&code);
}

static void encode_again(const struct fragment *fragment, const uint8_t *bytes, size_t size) {
    struct writer writer;
    uint8_t *again = malloc(size);
    if (again == NULL)
        return;
    writer_init(&writer, again, size);
    fragment_write(&writer, fragment);
    if (writer.error != OK || writer.at != size || fragment_bytes(fragment) != size ||
        memcmp(again, bytes, size) != 0)
        abort();
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fragment fragments[FRAGMENTS];
    struct reader reader;
    size_t count = 0;
    if (sodium_init() < 0)
        return 0;
    reader_init(&reader, data, size);
    while (count < FRAGMENTS && reader_left(&reader) > 0) {
        size_t length = read_u16(&reader);
        const uint8_t *bytes = read_view(&reader, length);
        if (bytes == NULL)
            break;
        if (fragment_decode(&fragments[count], bytes, length) == OK)
            encode_again(&fragments[count++], bytes, length);
    }
    if (count > 0)
        reconstruct(fragments, count);
    return 0;
}
