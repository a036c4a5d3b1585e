/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/page.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Colours are named once, for light and for dark; figures stand on white paper in both. */
static const char style[] =
    ":root{color-scheme:light dark;--ink:#222;--paper:#fff;--quiet:#555;--line:#ddd;"
    "--good:#00694d;--bad:#b04a00;--box:#f5f5f5}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6e6e6;--paper:#16181c;--quiet:#a5a9b0;"
    "--line:#3a3e46;--good:#4fd1a5;--bad:#ff9a4d;--box:#23262c}}"
    "body{font:16px/1.5 'DejaVu Sans',system-ui,sans-serif;color:var(--ink);"
    "background:var(--paper);max-width:1200px;margin:2rem auto;padding:0 1rem}"
    "a{color:inherit}h1{margin-bottom:0}"
    "h2{margin-top:2.5rem;border-bottom:1px solid var(--line)}"
    ".wide{overflow-x:auto}"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
    "th,td{padding:.25rem .8rem;text-align:right;border-bottom:1px solid var(--line)}"
    "th:first-child,td:first-child{text-align:left}thead th{border-bottom:2px solid var(--quiet)}"
    ".good{color:var(--good)}.bad{color:var(--bad);font-weight:bold}"
    ".verdict{font-size:1.25rem;padding:.6rem 1rem;border-left:.4rem solid;background:var(--box)}"
    ".warning{padding-left:.8rem;border-left:.3rem solid var(--bad)}"
    "figure{margin:1.5rem 0}figure svg{width:100%;height:auto;background:#fff;border-radius:.3rem}"
    "figcaption,.quiet{color:var(--quiet)}summary{cursor:pointer}"
    "pre{background:var(--box);padding:.8rem;overflow-x:auto}"
    ".files{columns:14rem 3;padding-left:1.2rem}";

void page_escape(struct text *out, const char *value) {
    for (; *value != '\0'; value++)
        if (*value == '&')
            text_add(out, "&amp;");
        else if (*value == '<')
            text_add(out, "&lt;");
        else if (*value == '>')
            text_add(out, "&gt;");
        else if (*value == '"')
            text_add(out, "&quot;");
        else if (*value == '\'')
            text_add(out, "&#39;");
        else
            text_append(out, value, 1);
}

/* Between @before and @after, both markup. */
void page_put(struct text *out, const char *before, const char *value, const char *after) {
    text_add(out, before);
    page_escape(out, value);
    text_add(out, after);
}

void page_begin(const char *title, struct text *out) {
    page_put(out,
             "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
             title, " – Tierchain</title>\n<style>");
    text_add(out, style);
    page_put(out, "</style>\n</head>\n<body>\n<h1>", title, "</h1>\n");
}

static bool read_file(const char *path, struct text *content) {
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    char part[4096];
    for (size_t size; (size = fread(part, 1, sizeof part, file)) > 0;)
        text_append(content, part, size);
    bool good = !ferror(file) && content->size > 0;
    fclose(file);
    return good;
}

static bool starts_with(const char *at, const char *prefix) {
    return strncmp(at, prefix, strlen(prefix)) == 0;
}

/* Where the text goes on behind what starts with @open and ends with @close; @at if it does not. */
static const char *skip(const char *at, const char *open, const char *close) {
    const char *end = starts_with(at, open) ? strstr(at + strlen(open), close) : NULL;
    return end == NULL ? at : end + strlen(close);
}

/* From "<svg" on. gnuplot gives the same ids to the parts of every picture; within one page they
 * get the figure's name in front. Ids in double quotes are those of its groups: nothing refers to
 * them, and panels repeat them. Its title would pop up under the mouse as "Gnuplot". */
static void put_svg(struct text *out, const char *svg, const char *name) {
    static const char *const marks[] = {" id='", "href='#", "url(#"};
    const char *at = strstr(svg, "<svg");
    while (at != NULL && *at != '\0') {
        at = skip(skip(at, "<title>", "</title>"), " id=\"", "\"");
        size_t m = 0;
        while (m < ARRAY_LEN(marks) && !starts_with(at, marks[m]))
            m++;
        if (m < ARRAY_LEN(marks)) {
            text_format(out, "%s%s-", marks[m], name);
            at += strlen(marks[m]);
        } else if (*at != '\0') {
            text_append(out, at++, 1);
        }
    }
}

void page_figure(const char *dir, const char *name, const char *caption, struct text *out) {
    struct text path = {0}, svg = {0};
    text_format(&path, "%s/plots/%s.svg", dir, name);
    text_add(out, "<figure>\n");
    if (read_file(path.bytes, &svg))
        put_svg(out, svg.bytes, name);
    else
        text_format(out, "<p class=\"bad\">Not drawn: run gnuplot %s.gp in plots/.</p>", name);
    page_put(out, "\n<figcaption>", caption, "</figcaption>\n</figure>\n");
    text_deinit(&path);
    text_deinit(&svg);
}

void page_files(const char *dir, struct text *out) {
    struct dirent **entries;
    int count = scandir(dir, &entries, NULL, alphasort);
    text_add(out, "<h2>Files</h2>\n<ul class=\"files\">\n");
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.') {
            page_put(out, "<li><a href=\"", entries[i]->d_name, "\">");
            page_put(out, "", entries[i]->d_name, "</a></li>\n");
        }
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    text_add(out, "</ul>\n");
}
