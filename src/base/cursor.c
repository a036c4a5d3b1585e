/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cursor.h"

#include <string.h>

#include "base/error.h"

void reader_init(struct reader *reader, const void *bytes, size_t size) {
    *reader = (struct reader){.bytes = bytes, .size = size};
}

void reader_fail(struct reader *reader, int error) {
    if (reader->error == OK)
        reader->error = error;
}

size_t reader_left(const struct reader *reader) {
    return reader->size - reader->at;
}

const uint8_t *read_view(struct reader *reader, size_t size) {
    if (reader->error != OK)
        return NULL;
    if (size > reader_left(reader)) {
        reader_fail(reader, ERR_TRUNCATED);
        return NULL;
    }
    const uint8_t *view = reader->bytes + reader->at;
    reader->at += size;
    return view;
}

static uint64_t read_little_endian(struct reader *reader, size_t size) {
    const uint8_t *view = read_view(reader, size);
    uint64_t value = 0;
    for (size_t i = 0; view != NULL && i < size; i++)
        value |= (uint64_t)view[i] << (8 * i);
    return value;
}

uint8_t read_u8(struct reader *reader) {
    return (uint8_t)read_little_endian(reader, 1);
}

uint16_t read_u16(struct reader *reader) {
    return (uint16_t)read_little_endian(reader, 2);
}

uint32_t read_u32(struct reader *reader) {
    return (uint32_t)read_little_endian(reader, 4);
}

uint64_t read_u64(struct reader *reader) {
    return read_little_endian(reader, 8);
}

void read_bytes(struct reader *reader, void *out, size_t size) {
    const uint8_t *view = read_view(reader, size);
    if (view != NULL)
        memcpy(out, view, size);
    else
        memset(out, 0, size);
}

void read_digest(struct reader *reader, struct digest *out) {
    read_bytes(reader, out->bytes, sizeof out->bytes);
}

const uint8_t *read_blob(struct reader *reader, size_t limit, size_t *size) {
    *size = read_u32(reader);
    if (reader->error == OK && *size > limit)
        reader_fail(reader, ERR_LIMIT);
    const uint8_t *view = read_view(reader, *size);
    if (view == NULL)
        *size = 0;
    return view;
}

int reader_finish(const struct reader *reader) {
    if (reader->error != OK)
        return reader->error;
    return reader_left(reader) == 0 ? OK : ERR_TRAILING;
}

void writer_init(struct writer *writer, void *bytes, size_t size) {
    *writer = (struct writer){.bytes = bytes, .size = size};
}

static uint8_t *write_view(struct writer *writer, size_t size) {
    if (writer->error != OK)
        return NULL;
    if (size > writer->size - writer->at) {
        writer->error = ERR_LIMIT;
        return NULL;
    }
    uint8_t *view = writer->bytes + writer->at;
    writer->at += size;
    return view;
}

static void write_little_endian(struct writer *writer, uint64_t value, size_t size) {
    uint8_t *view = write_view(writer, size);
    for (size_t i = 0; view != NULL && i < size; i++)
        view[i] = (uint8_t)(value >> (8 * i));
}

void write_u8(struct writer *writer, uint8_t value) {
    write_little_endian(writer, value, 1);
}

void write_u16(struct writer *writer, uint16_t value) {
    write_little_endian(writer, value, 2);
}

void write_u32(struct writer *writer, uint32_t value) {
    write_little_endian(writer, value, 4);
}

void write_u64(struct writer *writer, uint64_t value) {
    write_little_endian(writer, value, 8);
}

void write_bytes(struct writer *writer, const void *bytes, size_t size) {
    uint8_t *view = write_view(writer, size);
    if (view != NULL && size > 0)
        memcpy(view, bytes, size);
}

void write_digest(struct writer *writer, const struct digest *digest) {
    write_bytes(writer, digest->bytes, sizeof digest->bytes);
}

void write_blob(struct writer *writer, const void *bytes, size_t size) {
    write_u32(writer, (uint32_t)size);
    write_bytes(writer, bytes, size);
}
