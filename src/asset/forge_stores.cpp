#include "asset/forge_stores.hpp"

#include "base/text.hpp"

namespace cml {
namespace {

using Urls = Result<std::vector<std::string>>;
constexpr std::string_view kDefaultBranch = "cml-assets";

class NativeStore : public AssetStore {
 public:
  explicit NativeStore(Forge& forge) : forge_(forge) {}
  std::string describe() const override { return std::string(forge_.name()) + "'s own uploads"; }
  Urls put(std::vector<AssetFile> const& files) override { return forge_.upload_assets(files); }
  bool is_own(std::string_view url) const override { return forge_.is_own_upload(url); }

 private:
  Forge& forge_;
};

class BranchStore : public AssetStore {
 public:
  BranchStore(Forge& forge, std::string branch) : forge_(forge), branch_(std::move(branch)) {}
  std::string describe() const override { return "the branch " + branch_ + " of " + forge_.web_url(); }
  Urls put(std::vector<AssetFile> const& files) override { return forge_.put_on_branch(branch_, files); }

 private:
  Forge& forge_;
  std::string branch_;
};

class ReleaseStore : public AssetStore {
 public:
  ReleaseStore(Forge& forge, std::string tag) : forge_(forge), tag_(std::move(tag)) {}
  std::string describe() const override { return "the release " + tag_ + " of " + forge_.web_url(); }
  Urls put(std::vector<AssetFile> const& files) override { return forge_.put_on_release(tag_, files); }

 private:
  Forge& forge_;
  std::string tag_;
};

class AttachmentStore : public AssetStore {
 public:
  AttachmentStore(Forge& forge, std::optional<CommentTarget> thread) : forge_(forge), thread_(std::move(thread)) {}
  std::string describe() const override {
    return "attachments of " +
           (thread_ && forge_.capabilities().attachments_need_thread ? cml::describe(*thread_) + " of " : "") +
           forge_.web_url();
  }
  Urls put(std::vector<AssetFile> const& files) override {
    std::vector<std::size_t> places;
    std::vector<AssetFile> taken;
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (!forge_.attachable(files[i])) continue;
      places.push_back(i);
      taken.push_back(files[i]);
    }
    if (taken.empty() || taken.size() == files.size()) return forge_.upload_attachments(files, thread_);
    CML_TRY(sent, forge_.upload_attachments(taken, thread_));
    std::vector<std::string> urls(files.size());
    for (std::size_t i = 0; i < places.size(); ++i) urls[places[i]] = sent.at(i);
    return urls;
  }
  bool is_own(std::string_view url) const override { return forge_.is_own_upload(url); }

 private:
  Forge& forge_;
  std::optional<CommentTarget> thread_;
};

// A branch, or attachments where the forge says that these do better (AttachmentUse).
class BranchOrAttachmentStore : public AssetStore {
 public:
  BranchOrAttachmentStore(Forge& forge, std::optional<CommentTarget> thread)
      : forge_(forge), branch_(forge, std::string(kDefaultBranch)), attachments_(forge, std::move(thread)) {}
  std::string describe() const override { return branch_.describe(); }
  bool is_own(std::string_view url) const override { return attachments_.is_own(url); }

  Urls put(std::vector<AssetFile> const& files) override {
    AttachmentUse const use = forge_.attachment_use();
    if (use == AttachmentUse::Never) return branch_.put(files);
    if (use == AttachmentUse::First) {
      if (auto attached = attachments_.put(files)) return with_rest(files, std::move(attached).value());
      return branch_.put(files);
    }
    auto stored = branch_.put(files);
    if (stored || !is_refusal(stored.error())) return stored;
    auto attached = attachments_.put(files);
    return attached ? std::move(attached) : std::move(stored);  // The branch is what the user can do something about.
  }

 private:
  // Protected, forbidden, not there for this token: nothing that would be better in a minute.
  static bool is_refusal(Error const& error) {
    return lacks_access(error.kind) || error.kind == ErrorKind::NotFound || error.kind == ErrorKind::BadInput ||
           error.kind == ErrorKind::Conflict;
  }
  // What attachments do not take is linked, not shown: on a branch readers can open it.
  Urls with_rest(std::vector<AssetFile> const& files, std::vector<std::string> urls) {
    std::vector<AssetFile> rest;
    for (std::size_t i = 0; i < files.size(); ++i)
      if (urls[i].empty()) rest.push_back(files[i]);
    if (rest.empty()) return urls;
    auto const stored = branch_.put(rest);
    if (!stored && !is_refusal(stored.error())) return Error(stored.error());
    for (std::size_t i = 0, next = 0; i < files.size() && stored; ++i)
      if (urls[i].empty()) urls[i] = stored->at(next++);
    return urls;
  }

  Forge& forge_;
  BranchStore branch_;
  AttachmentStore attachments_;
};

Error unknown(std::string const& destination) {
  std::string_view const near = nearest(destination, {"auto", "native", "branch", "release", "attachment"});
  return {ErrorKind::Usage, "\"" + one_line(destination, 60) +
                                "\" is not a destination for assets; use auto, native, branch, branch:NAME, release, "
                                "release:TAG, attachment, s3://BUCKET/PREFIX, https://SERVER or dir:PATH" +
                                (near.empty() ? "" : "; did you mean " + std::string(near) + "?")};
}

bool is_bad_branch(std::string const& name) {
  return name[0] == '-' || contains(name, "..") || contains(name, " ") || name.back() == '/' || name[0] == '/';
}

}  // namespace

Result<std::unique_ptr<AssetStore>> open_forge_store(StoreRequest const& request) {
  std::string const& destination = request.destination;
  auto const colon = destination.find(':');
  std::string const word = destination.substr(0, colon),
                    name = colon == std::string::npos ? std::string(kDefaultBranch) : destination.substr(colon + 1);
  bool const automatic = destination == "auto" || destination == "native", attachment = destination == "attachment";
  bool const branch = word == "branch", release = word == "release";
  if ((!automatic && !attachment && !branch && !release) || name.empty()) return unknown(destination);
  if (request.forge == nullptr)
    return Error{ErrorKind::Usage, "the destination " + destination + " needs a repository; give --repo"};
  Forge& forge = *request.forge;
  Capabilities const& can = forge.capabilities();
  std::unique_ptr<AssetStore> store;
  if (release && can.releases) store = std::make_unique<ReleaseStore>(forge, name);
  if (attachment && can.attachments) {
    if (can.attachments_need_thread && !request.thread)
      return Error{
          ErrorKind::Usage,
          std::string(forge.name()) +
              " attaches files to a pull request or an issue, and this run knows none; use --publish-to branch"};
    store = std::make_unique<AttachmentStore>(forge, request.thread);
  }
  // Uploads of their own are what these forges attach to comments.
  if (!store && (automatic || attachment) && can.native_assets) store = std::make_unique<NativeStore>(forge);
  if (!store && automatic && can.asset_branch) store = std::make_unique<BranchOrAttachmentStore>(forge, request.thread);
  if (branch && can.asset_branch) {
    if (is_bad_branch(name))
      return Error{ErrorKind::Usage, "\"" + one_line(name, 60) + "\" is not a valid branch name"};
    store = std::make_unique<BranchStore>(forge, name);
  }
  if (!store)
    return Error{ErrorKind::Unsupported, std::string(forge.name()) + " cannot keep assets by \"" + destination +
                                             "\"; use another --publish-to"};
  return store;
}

}  // namespace cml
