/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The line that tells how far a run is: what it says, where it is cut, when it is shown. */
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "sim/run/progress.h"
#include "sim/run/terminal.h"
#include "sim/scenario/text.h"

/* The third of forty is a fifth of the way; two were whole, and one more has as much as this. */
static const struct progress_view third = {
    .name = "komatsu",
    .number = 3,
    .repetition = 2,
    .total = 40,
    .others = 1,
    .simulated = 12.4,
    .length = 60,
    .elapsed = 80,
    .done = 144,
    .all = 2400,
    .events = 1240000,
    .memory_bytes = 412300000,
};

static void format(const struct progress_view *view, unsigned width, const char *wanted) {
    char line[PROGRESS_LINE_BYTES];
    progress_format(view, width, line);
    ck_assert_str_eq(line, wanted);
}

/* 144 s in 80 s is 1.8 times real time; the 2256 s that are left take 1253 s, 21 minutes. */
START_TEST(the_line_tells_speed_and_what_is_left) {
    format(&third, 200,
           "[ 3/40] komatsu rep 2 +1  simulated 12.4/60 s  1.8x  1.2 M events  ETA 21 min  rss 412 "
           "MB");
    struct progress_view view = third;
    view.number = view.total = 1;
    view.repetition = 0;
    view.others = 0;
    view.done = view.simulated = 12.4;
    view.all = view.length = 60;
    view.elapsed = 200; /* 0.062 times real time: 47.6 s take 768 s */
    format(
        &view, 200,
        "[1/1] komatsu rep 0  simulated 12.4/60 s  0.062x  1.2 M events  ETA 13 min  rss 412 MB");
    view.elapsed = 24.8;
    format(&view, 200,
           "[1/1] komatsu rep 0  simulated 12.4/60 s  0.5x  1.2 M events  ETA 2 min  rss 412 MB");
    view.elapsed = 12.4;
    format(&view, 200,
           "[1/1] komatsu rep 0  simulated 12.4/60 s  1.0x  1.2 M events  ETA 48 s  rss 412 MB");
    view.elapsed = 12400; /* 47600 s */
    format(
        &view, 200,
        "[1/1] komatsu rep 0  simulated 12.4/60 s  0.001x  1.2 M events  ETA 13.2 h  rss 412 MB");
    view.done = view.simulated = 0;
    format(&view, 200,
           "[1/1] komatsu rep 0  simulated 0.0/60 s  0.000x  1.2 M events  ETA ?  rss 412 MB");
}
END_TEST

START_TEST(the_line_is_cut_between_characters) {
    struct progress_view view = third;
    char line[PROGRESS_LINE_BYTES];
    format(&third, 16, "[ 3/40] komatsu ");
    format(&third, 0, "");
    view.name = "小松𝄞é";
    format(&view, 10, "[ 3/40] 小松");
    for (unsigned width = 0; width < 100; width++) {
        progress_format(&view, width, line);
        ck_assert(text_is_utf8(line, strlen(line)));
    }
}
END_TEST

/* At 10 s, then in gaps that double up to ten minutes; a terminal every second. */
START_TEST(lines_come_ever_more_rarely) {
    struct progress progress;
    double shown[64];
    size_t count = 0;
    progress_init(&progress, PROGRESS_LINES, stderr);
    for (int tenth = 0; tenth < 36000; tenth++)
        if (progress_due(&progress, tenth / 10.0))
            shown[count++] = tenth / 10.0;
    const double wanted[] = {10, 20, 40, 80, 160, 320, 640, 1240, 1840, 2440, 3040};
    ck_assert_uint_eq(count, ARRAY_LEN(wanted));
    for (size_t i = 0; i < count; i++)
        ck_assert_double_eq_tol(shown[i], wanted[i], 0.5);
    progress_init(&progress, PROGRESS_ESCAPES, stderr);
    for (int tenth = count = 0; tenth < 100; tenth++)
        count += progress_due(&progress, tenth / 10.0);
    ck_assert_uint_eq(count, 9);
    progress_init(&progress, PROGRESS_NONE, stderr);
    ck_assert(!progress_due(&progress, 1e6));
}
END_TEST

static const struct {
    enum progress_mode mode;
    const char *start, *end;
} drawings[] = {
    {PROGRESS_LINES, "[ 3/40]", "412 MB\n"},
    {PROGRESS_BLANKS, "[ 3/40]", "  \r"},
    {PROGRESS_ESCAPES, "[ 3/40]", "\r\033[K"},
};

START_TEST(a_drawn_line_is_cleared) {
    struct progress progress;
    char *text = NULL;
    size_t size = 0;
    setenv("COLUMNS", "60", 1);
    FILE *out = tmpfile();
    progress_init(&progress, drawings[_i].mode, out);
    progress_show(&progress, &third);
    progress_clear(&progress);
    progress_clear(&progress); /* nothing stands there any more */
    rewind(out);
    ck_assert_int_ge(getdelim(&text, &size, '\0', out), 1);
    ck_assert_int_eq(strncmp(text, drawings[_i].start, strlen(drawings[_i].start)), 0);
    ck_assert_str_eq(text + strlen(text) - strlen(drawings[_i].end), drawings[_i].end);
    if (drawings[_i].mode != PROGRESS_ESCAPES)
        ck_assert_ptr_null(strchr(text, '\033'));
    if (drawings[_i].mode != PROGRESS_LINES)
        ck_assert_uint_eq(strcspn(text, "\r"), 59); /* the last column stays free */
    free(text);
    fclose(out);
}
END_TEST

static const struct {
    const char *term, *no_colour;
    bool moves, colours;
} terminals[] = {
    {"xterm-256color", NULL, true, true}, {"xterm", "", true, true}, {"xterm", "1", true, false},
    {"dumb", NULL, false, false},         {"", NULL, false, false},  {NULL, NULL, false, false},
};

static void set_variable(const char *name, const char *value) {
    if (value != NULL)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

/* A terminal's other end, and what the environment says of it. */
START_TEST(a_terminal_is_asked_what_it_can) {
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    ck_assert_int_ge(master, 0);
    ck_assert_int_eq(grantpt(master) | unlockpt(master), 0);
    int terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
    ck_assert_int_ge(terminal, 0);
    set_variable("TERM", terminals[_i].term);
    set_variable("NO_COLOR", terminals[_i].no_colour);
    ck_assert_int_eq(terminal_moves(terminal), terminals[_i].moves);
    ck_assert_int_eq(terminal_colours(terminal), terminals[_i].colours);
    int file = open("/dev/null", O_WRONLY);
    ck_assert(!terminal_moves(file));
    ck_assert(!terminal_colours(file));
    set_variable("COLUMNS", "77");
    ck_assert_uint_eq(terminal_width(file), 77);
    set_variable("COLUMNS", "-3");
    ck_assert_uint_eq(terminal_width(file), 80);
    const struct winsize size = {.ws_row = 24, .ws_col = 55};
    ck_assert_int_eq(ioctl(master, TIOCSWINSZ, &size), 0);
    set_variable("COLUMNS", "77");
    ck_assert_uint_eq(terminal_width(terminal), 55); /* it knows better */
    close(file);
    close(terminal);
    close(master);
}
END_TEST

Suite *progress_suite(void) {
    Suite *suite = suite_create("progress");
    TCase *tcase = tcase_create("progress");
    tcase_add_test(tcase, the_line_tells_speed_and_what_is_left);
    tcase_add_test(tcase, the_line_is_cut_between_characters);
    tcase_add_test(tcase, lines_come_ever_more_rarely);
    tcase_add_loop_test(tcase, a_drawn_line_is_cleared, 0, (int)ARRAY_LEN(drawings));
    tcase_add_loop_test(tcase, a_terminal_is_asked_what_it_can, 0, (int)ARRAY_LEN(terminals));
    suite_add_tcase(suite, tcase);
    return suite;
}
