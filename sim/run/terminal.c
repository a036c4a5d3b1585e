/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_DEFAULT 80
#define WIDTH_MAX     1000

bool terminal_moves(int fd) {
    const char *term = getenv("TERM");
    return isatty(fd) && term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
}

bool terminal_colours(int fd) {
    const char *no_colour = getenv("NO_COLOR");
    return terminal_moves(fd) && (no_colour == NULL || no_colour[0] == '\0');
}

unsigned terminal_width(int fd) {
    struct winsize size = {0};
    const char *columns = getenv("COLUMNS");
    long width = 0;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        width = size.ws_col;
    else if (columns != NULL)
        width = strtol(columns, NULL, 10);
    return width > 0 && width <= WIDTH_MAX ? (unsigned)width : WIDTH_DEFAULT;
}
