/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What pages of results share: one file without scripts, its style, its figures as SVG within. */
#ifndef TIERCHAIN_SIM_REPORT_PAGE_H
#define TIERCHAIN_SIM_REPORT_PAGE_H

#include "sim/report/text.h"

/* Head and heading; the body stays open. */
void page_begin(const char *title, struct text *out);

/* Appends @value with the characters that mean something in HTML or XML escaped … */
void page_escape(struct text *out, const char *value);

/* … and between @before and @after, both markup. */
void page_put(struct text *out, const char *before, const char *value, const char *after);

/* <dir>/plots/<name>.svg within the page, or a word that it was not drawn. */
void page_figure(const char *dir, const char *name, const char *caption, struct text *out);

/* Links to what @dir holds. */
void page_files(const char *dir, struct text *out);

#endif
