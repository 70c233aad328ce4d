// `chat`: a conversation on the terminal. Lines from a pipe work too: one question a line, one answer each.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <iostream>
#include <string>

#include "base/log.h"
#include "base/strings.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "stages/chat_session.h"

namespace lf {
namespace {

volatile std::sig_atomic_t interrupted = 0;

void print_answer(ChatSession& session, const std::string& query) {
  interrupted = 0;
  const Generation answer = session.ask(query, [](const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
    return interrupted == 0;
  });
  std::printf("\n");
  if (answer.reason == FinishReason::kInterrupted) log_info("chat", "stopped; the conversation goes on");
  if (answer.reason == FinishReason::kLength)
    log_info("chat", "the answer reached the limit of tokens (max_new_tokens)");
}

/// Ctrl-C stops an answer; at the prompt it ends the program.
void handle_interrupts() {
  struct sigaction action {};
  action.sa_handler = [](int) { interrupted = 1; };
  sigaction(SIGINT, &action, nullptr);
}

void converse(ChatSession& session) {
  const bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
  std::printf(
      "Welcome to the CLI application, use `clear` to remove the history, use `exit` to exit the application.\n");
  std::string line;
  while (true) {
    std::printf("\nUser: ");
    std::fflush(stdout);
    if (!std::getline(std::cin, line)) break;
    const std::string query(trim(line));
    if (!terminal) std::printf("%s\n", query.c_str());
    if (query == "exit") break;
    if (query == "clear") {
      session.clear();
      std::printf("History has been removed.\n");
      continue;
    }
    if (query.empty()) continue;
    std::printf("Assistant: ");
    std::fflush(stdout);
    print_answer(session, query);
  }
  std::printf("\n");
}

int run_chat(std::span<const std::string> args) {
  const std::optional<RunConfig> config = parse_or_help("chat", ConfigKind::kInfer, args);
  if (!config) return 0;
  ChatSession session(*config, load_inference_model(*config));
  handle_interrupts();
  converse(session);
  return 0;
}

}  // namespace

extern const CommandEntry entry_chat;
constinit const CommandEntry entry_chat{"chat", "talk to a model on the terminal", "chat CONFIG.yaml [key=value ...]",
                                        run_chat};

}  // namespace lf
