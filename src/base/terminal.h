// What the program knows of the terminal it may be talking to, and writing that outlives it (EPIPE, SIGHUP).
#pragma once
#include <string>
#include <string_view>

namespace lf {

bool is_terminal(int fd);
/// Columns of the terminal at `fd`, or `fallback` (also when COLUMNS is not a number).
int terminal_width(int fd, int fallback = 80);
/// True when escape sequences may be written to `fd`: a terminal, TERM not dumb and not empty, NO_COLOR not set.
bool terminal_is_rich(int fd);
/// True when LC_ALL, LC_CTYPE or LANG (the first that is set) names UTF-8.
bool terminal_is_utf8();
/// Columns that `text` (UTF-8) takes: wide East Asian characters and emoji two, combining marks none.
int display_width(std::string_view text);
/// The longest start of `text` that fits into `columns`.
std::string_view fit_columns(std::string_view text, int columns);
/// write(2) until all is written; false on any error. A reader that went away is not an error of ours: nothing is
/// thrown.
bool write_fully(int fd, std::string_view text);

}  // namespace lf
