#include "verdict/random_name.h"

#include <filesystem>
#include <string>
#include <vector>

#include "catch.h"
#include "host/package_files.h"

using namespace stapkill;

TEST_CASE("random name: what generators make up", "[suspicion]") {
  for (const char* name : {"vGhyM0", "xkqhzrptlw", "jvjsjvhfqg", "aX3kQ9", "Ab3dEf", "jR7mNpQ2", "x8k2q9zt",
                           "a3f9c2e1b4d5", "qzxwvkjhgf", "A1B2C3D4", "0aF3x9Qz"}) {
    INFO(name);
    CHECK(looks_random(name));
  }
}

TEST_CASE("random name: what people call programs", "[suspicion]") {
  for (const char* name : {"",
                           "x",
                           "sh",
                           "Xorg",
                           "X11vnc",
                           "x11vnc",
                           "mDNSResponder",
                           "NetworkManager",
                           "GraphicsMagick",
                           "ImageMagick6",
                           "python3.11",
                           "python311",
                           "perl5",
                           "e2fsck",
                           "md5sum",
                           "sha512sum",
                           "b2sum",
                           "bzip2recover",
                           "mkfs.ext4",
                           "lvmconfig",
                           "xfsdump",
                           "gkrellm",
                           "wkhtmltopdf",
                           "wpasupplicant",
                           "rsyslogd",
                           "containerd",
                           "kubelet",
                           "postgres",
                           "mysqld",
                           "mariadbd",
                           "apache2",
                           "lighttpd",
                           "tightvncserver",
                           "dnsmasq",
                           "xtables",
                           "chronyd",
                           "iptables",
                           "h264dec",
                           "GpuWatchdog",
                           "ThreadPoolForeg",
                           "C2CompilerThre",
                           "Isolated Web Co",
                           "V8Worker",
                           "vGhyM0-1",
                           "vGhyM0.sh",
                           "vGhyM 0",
                           "12345678",
                           "12345678901234"}) {
    INFO(name);
    CHECK_FALSE(looks_random(name));
  }
}

TEST_CASE("random name: kernel threads", "[suspicion]") {
  for (const char* name :
       {"kthreadd",   "ksoftirqd/0", "kworker/0:1H-kb", "kworker/u8:2", "kdevtmpfs",    "khungtaskd", "kcompactd0",
        "ksmd",       "khugepaged",  "watchdogd",       "kswapd0",      "ecryptfs",     "kthrotld",   "irq/24-ACPI:Ged",
        "hwrng",      "kdamond.0",   "cfg80211",        "xprtiod",      "mmcqd0p1boot", "z_wr_iss",   "nvmetwq",
        "md127raid1", "kpsmoused",   "kmpathhandlerd",  "kstrp",        "scsitmf0",     "jfsCommit",  "lockd",
        "rpciod",     "cifsiod",     "loop0",           "dmcryptwrite", "xfsalloc",     "kvfreercu"}) {
    INFO(name);
    CHECK_FALSE(looks_random(name));
  }
}

TEST_CASE("random name: bytes of any kind", "[suspicion]") {
  CHECK_FALSE(looks_random("\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8"));
  CHECK_FALSE(looks_random(std::string(8, '\0')));
  CHECK_FALSE(looks_random("vGhyM0\n"));
  CHECK_FALSE(looks_random("\xc3\xa4GhyM0"));
  CHECK_FALSE(looks_random(std::string(100'000, 'a')));
  CHECK(looks_random(std::string("xkqhzrptlw") + "xkqhzrptlw"));
}

TEST_CASE("random name: no program of this machine's packages, or its package decides", "[suspicion]") {
  PackageFiles packages;
  std::vector<std::string> random;
  std::size_t looked = 0;
  for (const char* place : {"/usr/bin", "/usr/sbin", "/usr/lib/systemd", "/usr/libexec"}) {
    std::error_code error;
    for (std::filesystem::directory_iterator at(place, error), end; !error && at != end; at.increment(error)) {
      ++looked;
      auto path = at->path().string();
      if (looks_random(at->path().filename().string()) && !packages.owns(path)) random.push_back(path);
    }
  }
  CHECK(looked > 100);
  CHECK(random == std::vector<std::string>{});
}
