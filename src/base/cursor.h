/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading and writing bytes: little endian, length-prefixed, with a sticky error. A caller reads or
 * writes a whole message and checks once at the end. After an error reads return zeros and writes
 * do nothing, so no branch can run over the buffer. */
#ifndef TIERCHAIN_BASE_CURSOR_H
#define TIERCHAIN_BASE_CURSOR_H

#include "base/types.h"

struct reader {
    const uint8_t *bytes;
    size_t size;
    size_t at;
    int error; /* 0, or the first error */
};

struct writer {
    uint8_t *bytes;
    size_t size; /* capacity */
    size_t at;
    int error; /* 0, or ERR_LIMIT when the capacity did not suffice */
};

void reader_init(struct reader *reader, const void *bytes, size_t size);
uint8_t read_u8(struct reader *reader);
uint16_t read_u16(struct reader *reader);
uint32_t read_u32(struct reader *reader);
uint64_t read_u64(struct reader *reader);
void read_bytes(struct reader *reader, void *out, size_t size);
void read_digest(struct reader *reader, struct digest *out);

/* The next @size bytes in place, NULL after an error. Lives as long as the buffer. */
const uint8_t *read_view(struct reader *reader, size_t size);

/* Length (u32) and bytes in place; more than @limit bytes is ERR_LIMIT. */
const uint8_t *read_blob(struct reader *reader, size_t limit, size_t *size);

size_t reader_left(const struct reader *reader);

/* Notes @error unless there is an earlier one. */
void reader_fail(struct reader *reader, int error);

/* 0 when everything was read without error; ERR_TRAILING when bytes are left. */
int reader_finish(const struct reader *reader);

void writer_init(struct writer *writer, void *bytes, size_t size);
void write_u8(struct writer *writer, uint8_t value);
void write_u16(struct writer *writer, uint16_t value);
void write_u32(struct writer *writer, uint32_t value);
void write_u64(struct writer *writer, uint64_t value);
void write_bytes(struct writer *writer, const void *bytes, size_t size);
void write_digest(struct writer *writer, const struct digest *digest);
void write_blob(struct writer *writer, const void *bytes, size_t size);

#endif
