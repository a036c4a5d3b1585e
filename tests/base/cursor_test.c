/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>
#include <string.h>

#include "base/cursor.h"
#include "base/error.h"

START_TEST(round_trip_of_every_width) {
    uint8_t bytes[64];
    struct writer writer;
    writer_init(&writer, bytes, sizeof bytes);
    write_u8(&writer, 0x12);
    write_u16(&writer, 0x3456);
    write_u32(&writer, 0x789abcde);
    write_u64(&writer, UINT64_C(0x0123456789abcdef));
    write_blob(&writer, "tier", 4);
    ck_assert_int_eq(writer.error, OK);
    ck_assert_uint_eq(writer.at, 1 + 2 + 4 + 8 + 4 + 4);
    ck_assert_uint_eq(bytes[1], 0x56); /* little endian */

    struct reader reader;
    size_t size;
    reader_init(&reader, bytes, writer.at);
    ck_assert_uint_eq(read_u8(&reader), 0x12);
    ck_assert_uint_eq(read_u16(&reader), 0x3456);
    ck_assert_uint_eq(read_u32(&reader), 0x789abcde);
    ck_assert_uint_eq(read_u64(&reader), UINT64_C(0x0123456789abcdef));
    ck_assert_mem_eq(read_blob(&reader, 8, &size), "tier", 4);
    ck_assert_uint_eq(size, 4);
    ck_assert_int_eq(reader_finish(&reader), OK);
}
END_TEST

START_TEST(every_prefix_is_truncated) {
    uint8_t bytes[16] = {4, 0, 0, 0, 'a', 'b', 'c', 'd'};
    for (size_t size = 0; size < 8; size++) {
        struct reader reader;
        size_t length;
        reader_init(&reader, bytes, size);
        ck_assert_ptr_null(read_blob(&reader, 100, &length));
        ck_assert_int_eq(reader_finish(&reader), ERR_TRUNCATED);
        ck_assert_uint_eq(read_u64(&reader), 0); /* the error sticks */
    }
}
END_TEST

START_TEST(limits_are_errors) {
    uint8_t bytes[8] = {4, 0, 0, 0, 'a', 'b', 'c', 'd'};
    struct reader reader;
    struct writer writer;
    size_t length;
    reader_init(&reader, bytes, sizeof bytes);
    ck_assert_ptr_null(read_blob(&reader, 3, &length));
    ck_assert_int_eq(reader_finish(&reader), ERR_LIMIT);
    writer_init(&writer, bytes, 3);
    write_u16(&writer, 1);
    write_u16(&writer, 2);
    write_u8(&writer, 3);
    ck_assert_int_eq(writer.error, ERR_LIMIT);
    ck_assert_uint_eq(writer.at, 2);
}
END_TEST

Suite *cursor_suite(void) {
    Suite *suite = suite_create("cursor");
    TCase *tcase = tcase_create("cursor");
    tcase_add_test(tcase, round_trip_of_every_width);
    tcase_add_test(tcase, every_prefix_is_truncated);
    tcase_add_test(tcase, limits_are_errors);
    suite_add_tcase(suite, tcase);
    return suite;
}
