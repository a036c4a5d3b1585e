/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Return codes. 0 is success, negative values are errors. A message from another node is never an
 * error of ours: a malformed one is *dropped* with one of these codes as the counted reason. */
#ifndef TIERCHAIN_BASE_ERROR_H
#define TIERCHAIN_BASE_ERROR_H

/* One row per code: name, value, text. */
#define ERROR_TABLE(ROW)                                                                           \
    ROW(ERR_NO_MEMORY, -1, "out of memory")                                                        \
    ROW(ERR_LIMIT, -2, "a limit was reached")                                                      \
    ROW(ERR_INVALID, -3, "an argument is out of range")                                            \
    ROW(ERR_TRUNCATED, -4, "the input ends too early")                                             \
    ROW(ERR_TRAILING, -5, "bytes follow the end of the message")                                   \
    ROW(ERR_NON_CANONICAL, -6, "the encoding is not canonical")                                    \
    ROW(ERR_UNKNOWN_TYPE, -7, "the message type is unknown")                                       \
    ROW(ERR_SIGNATURE, -8, "a signature does not verify")                                          \
    ROW(ERR_PROOF, -9, "a proof does not verify")                                                  \
    ROW(ERR_NOT_MEMBER, -10, "the sender is not a member")                                         \
    ROW(ERR_STALE, -11, "the message belongs to the past")                                         \
    ROW(ERR_FUTURE, -12, "the message is too far in the future")                                   \
    ROW(ERR_DUPLICATE, -13, "the message repeats an earlier one")                                  \
    ROW(ERR_CERTIFICATE, -14, "a certificate is not valid")                                        \
    ROW(ERR_CONFLICT, -15, "the message contradicts an earlier one")                               \
    ROW(ERR_NOT_LEADER, -16, "the sender does not lead this view")                                 \
    ROW(ERR_UNKNOWN, -17, "the message refers to something unknown")                               \
    ROW(ERR_UNSAFE, -18, "following the message would break a safety rule")                        \
    ROW(ERR_EXPIRED, -19, "the message has expired")                                               \
    ROW(ERR_NOT_ENOUGH, -20, "fewer parts than needed")                                            \
    ROW(ERR_MISMATCH, -21, "the content does not match its commitment")

#define ERROR_ENUM(name, value, text) name = (value),
enum error { OK = 0, ERROR_TABLE(ERROR_ENUM) };
#undef ERROR_ENUM

#define ERROR_COUNT 22 /* codes -1 … -21, and 0 */

/* The code's text, "unknown error" for a value outside the table. */
const char *error_text(int code);

/* The code's name, such as "ERR_LIMIT". */
const char *error_name(int code);

#endif
