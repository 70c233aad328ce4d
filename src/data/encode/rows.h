// What the encoders share: which conversations a stage cannot use, and how ids and labels are put together.
#pragma once
#include <string>
#include <vector>

#include "data/encode/encoder.h"

namespace lf {

/// Why a stage that reads one response (or two) cannot use this conversation; "" when it can.
std::string why_not_one_response(const Conversation& conversation);
std::string why_not_two_responses(const Conversation& conversation);
/// The part of both that concerns the prompt: a broken row, or messages that do not alternate.
std::string why_no_prompt(const Conversation& conversation);
/// The same for texts of pre-training.
std::string why_no_text(const Conversation& conversation);

/// Images, videos and audios of the row, to be carried with its ids. kUnsupported when there are any: no template turns
/// them into tokens yet.
RowMedia media_of(const Conversation& conversation);

void append(std::vector<int32_t>& out, const std::vector<int32_t>& tail);

/// Prompt, then response.
std::vector<int32_t> joined(const std::vector<int32_t>& prompt, const std::vector<int32_t>& response);
/// Labels of the same: no loss on the prompt.
std::vector<int32_t> response_labels(const std::vector<int32_t>& prompt, const std::vector<int32_t>& response);

/// EOS id that templates with efficient_eos put behind the last response; nullopt for other templates. kConfig when it
/// is needed and the tokenizer has none.
std::optional<TokenId> final_eos(const Tokenizer& tokenizer, const Template& chat_template);

/// The prompt of `conversation` and `answer` in one turn, with `eos` (final_eos) behind the answer.
EncodedTurn answered(const Conversation& conversation, const Message& answer, const Tokenizer& tokenizer,
                     const Template& chat_template, std::optional<TokenId> eos);

/// kConfig unless positive.
void check_cutoff(const DataOptions& options);

}  // namespace lf
