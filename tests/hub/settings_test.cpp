#include "hub/settings.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "base/error.h"
#include "support/temp_folder.h"

namespace lf {
namespace {

constexpr const char* kNames[] = {"HF_HUB_CACHE",
                                  "HUGGINGFACE_HUB_CACHE",
                                  "HF_HOME",
                                  "XDG_CACHE_HOME",
                                  "HF_TOKEN",
                                  "HUGGING_FACE_HUB_TOKEN",
                                  "HF_TOKEN_PATH",
                                  "HF_ENDPOINT",
                                  "HF_HUB_OFFLINE",
                                  "TRANSFORMERS_OFFLINE",
                                  "HF_HUB_DISABLE_IMPLICIT_TOKEN",
                                  "MODELSCOPE_CACHE",
                                  "MODELSCOPE_ENDPOINT",
                                  "MODELSCOPE_DOMAIN",
                                  "MODELSCOPE_API_TOKEN",
                                  "USE_MODELSCOPE_HUB",
                                  "USE_OPENMIND_HUB",
                                  "HOME",
                                  "HF_HUB_DOWNLOAD_TIMEOUT"};

class Settings : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : kNames) {
      if (const char* value = std::getenv(name)) kept_[name] = value;
      unsetenv(name);
    }
    setenv("HOME", "/home/u", 1);
  }
  void TearDown() override {
    for (const char* name : kNames) unsetenv(name);
    for (const auto& [name, value] : kept_) setenv(name.c_str(), value.c_str(), 1);
  }
  static std::string cache(const HubKeys& keys = {}) {
    return hub_settings(HubSite::kHuggingFace, keys).cache.string();
  }
  static std::string token(const HubKeys& keys = {}) { return hub_settings(HubSite::kHuggingFace, keys).token; }

 private:
  std::map<std::string, std::string> kept_;
};

TEST_F(Settings, cache_of_hugging_face) {
  EXPECT_EQ(cache(), "/home/u/.cache/huggingface/hub");
  setenv("XDG_CACHE_HOME", "/x", 1);
  EXPECT_EQ(cache(), "/x/huggingface/hub");
  setenv("HF_HOME", "~/hf", 1);
  EXPECT_EQ(cache(), "/home/u/hf/hub");
  setenv("HUGGINGFACE_HUB_CACHE", "/old", 1);
  EXPECT_EQ(cache(), "/old");
  setenv("HF_HUB_CACHE", "$HOME/${HOME}x/$none", 1);
  EXPECT_EQ(cache(), "/home/u/home/ux/$none");
  EXPECT_EQ(cache({.cache_dir = "/key"}), "/key");
}

TEST_F(Settings, tokens) {
  testing::TempFolder home;
  setenv("HF_HOME", home.path().c_str(), 1);
  EXPECT_EQ(token(), "");
  testing::write_bytes(home / "token", " from-file \n");
  EXPECT_EQ(token(), "from-file");
  setenv("HUGGING_FACE_HUB_TOKEN", "old", 1);
  EXPECT_EQ(token(), "old");
  setenv("HF_TOKEN", "new\n", 1);
  EXPECT_EQ(token(), "new");
  EXPECT_EQ(token({.hf_hub_token = "key"}), "key");
  setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1", 1);
  EXPECT_EQ(token(), "");
  EXPECT_EQ(token({.hf_hub_token = "key"}), "key");
  EXPECT_THROW(token({.hf_hub_token = "a b"}), Error);
  EXPECT_THROW(token({.hf_hub_token = "a\x01"
                                      "b"}),
               Error);
}

TEST_F(Settings, model_scope) {
  const auto settings = [] { return hub_settings(HubSite::kModelScope, {}); };
  EXPECT_EQ(settings().cache, "/home/u/.cache/modelscope");
  EXPECT_EQ(settings().endpoint, "https://modelscope.cn");
  setenv("MODELSCOPE_CACHE", "/ms", 1);
  setenv("MODELSCOPE_ENDPOINT", "modelscope.ai/", 1);
  setenv("MODELSCOPE_API_TOKEN", "t", 1);
  EXPECT_EQ(settings().cache, "/ms");
  EXPECT_EQ(settings().endpoint, "https://modelscope.ai");
  EXPECT_EQ(settings().token, "t");
  EXPECT_THROW(hub_settings(HubSite::kOpenMind, {}), Error);
}

TEST_F(Settings, switches) {
  EXPECT_EQ(hub_of_environment(), HubSite::kHuggingFace);
  setenv("USE_OPENMIND_HUB", "true", 1);
  EXPECT_EQ(hub_of_environment(), HubSite::kOpenMind);
  setenv("USE_MODELSCOPE_HUB", "Y", 1);
  EXPECT_EQ(hub_of_environment(), HubSite::kModelScope);
  setenv("USE_MODELSCOPE_HUB", "0", 1);
  EXPECT_EQ(hub_of_environment(), HubSite::kOpenMind);
  for (const char* on : {"1", "ON", "yes", "True"}) {
    setenv("HF_HUB_OFFLINE", on, 1);
    EXPECT_TRUE(hub_settings(HubSite::kHuggingFace, {}).offline) << on;
  }
  setenv("HF_HUB_OFFLINE", "0", 1);
  EXPECT_FALSE(hub_settings(HubSite::kHuggingFace, {}).offline);
}

TEST_F(Settings, endpoints_and_numbers_are_checked) {
  for (const char* bad : {"http://hub.example", "ftp://x", "https://a:b@c", "https://x/?y", "https://"}) {
    setenv("HF_ENDPOINT", bad, 1);
    EXPECT_THROW(hub_settings(HubSite::kHuggingFace, {}), Error) << bad;
  }
  setenv("HF_ENDPOINT", "https://hf-mirror.com/", 1);
  EXPECT_EQ(hub_settings(HubSite::kHuggingFace, {}).endpoint, "https://hf-mirror.com");
  setenv("HF_HUB_DOWNLOAD_TIMEOUT", "soon", 1);
  EXPECT_THROW(hub_settings(HubSite::kHuggingFace, {}), Error);
}

}  // namespace
}  // namespace lf
