// GPT-2's mapping between bytes and printable letters, which byte-level vocabularies are written in.
#pragma once
#include <string>
#include <string_view>

namespace lf {

/// The letter (UTF-8) that stands for a byte.
std::string_view byte_letter(unsigned char byte);
/// The byte a letter stands for, or -1.
int letter_byte(char32_t letter);
/// `text` with each byte as its letter.
std::string bytes_to_letters(std::string_view text);
/// Appends the bytes that `letters` stands for; false (nothing appended) when it has other characters.
bool letters_to_bytes(std::string_view letters, std::string& bytes);

}  // namespace lf
