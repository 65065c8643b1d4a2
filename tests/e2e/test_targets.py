"""Targets by name: `watch --container` and `--pod` with fake runtimes, and wrong words."""

import os
import signal
import time

from support import Case, Play, Task, argv_of, main, needs_root, killed

SERVER = Task(4000010, 900, 33, "server")
OTHER = Task(4000011, 910, 33, "other")
ID, SECOND = "ab12" * 16, "cd34" * 16
POD = "01234567-89ab-4cde-8f01-23456789abcd"


def runs_in(play, task, cgroup, exe="/srv/server"):
    return play.image(task, kind="X", exe=exe, cwd="/", cgroup=cgroup, argv=argv_of(task.comm, "--port", "80"))


def docker(identity):
    return f"/system.slice/docker-{identity}.scope"


def in_pod(identity):
    return f"/kubepods.slice/kubepods-pod{POD.replace('-', '_')}.slice/cri-containerd-{identity}.scope"


@needs_root
class Containers(Case):
    def setUp(self):
        super().setUp()
        self.tools = self.root / "tools"
        self.tools.mkdir()
        for name in ("docker", "podman", "nerdctl", "crictl", "lxc-ls"):  # this machine's own tools are not asked
            self.tool(name, "exit 1")
        self.environment["PATH"] = f"{self.tools}:{self.environment['PATH']}"

    def tool(self, name, script):
        path = self.tools / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def test_name_that_docker_knows(self):
        self.tool("docker", f"echo {SECOND} db; echo {ID} web")
        play = runs_in(runs_in(Play(), OTHER, docker(SECOND)), SERVER, docker(ID))
        play.steps += killed(SERVER).steps[1:]
        ended = self.watch("--container", "web", "--until-death", play=play)
        self.assertEqual(ended.status, 0, ended)
        death = ended.of("death")[0]
        self.assertEqual(death["process"]["container"], {"runtime": "docker", "id": ID, "pod_uid": None})
        self.assertEqual(ended.of("container")[0]["name"], "web")
        self.assertEqual(ended.records[0]["targets"]["container"], ["web"])
        self.assertEqual(ended.records[0]["targets"]["container_id"], [ID])
        self.assertIn("does not run now", ended.error)

    def test_runtime_that_hangs(self):
        self.tool("docker", "exec sleep 600")
        begun = time.monotonic()
        ended = self.watch("--container", "web", play=Play())
        self.assertEqual(ended.status, 1, ended)
        self.assertIn("docker: did not answer within 2 s", ended.error)
        self.assertGreater(time.monotonic() - begun, 1.9)

    def test_runtime_that_lies(self):
        for answer in ("garbage", "../../etc web", "-" * 70 + " web", "$(head -c 9000000 /dev/zero)"):
            self.tool("docker", f"echo {answer}")
            ended = self.watch("--container", "web", play=Play())
            self.assertEqual(ended.status, 1, ended)
            self.assertIn("there is no container 'web'", ended.error)

    def test_name_that_comes_near(self):
        self.tool("podman", f"echo {ID} webserver")
        ended = self.watch("--container", "websrever", play=Play())
        self.assertEqual(ended.status, 1, ended)
        self.assertIn("did you mean webserver?", ended.error)

    def test_word_that_fits_two(self):
        self.tool("docker", f"echo {ID} one; echo {'ab12' + SECOND[4:]} two")
        ended = self.watch("--container", "ab12", play=Play())
        self.assertEqual(ended.status, 1, ended)
        for word in ("fits 2 containers", "'one'", "'two'"):
            self.assertIn(word, ended.error)
        self.tool("docker", f"echo {ID} one; echo {ID[:40] + SECOND[40:]} two")
        ended = self.watch("--container", "ab12", play=Play())
        self.assertIn(f"{ID[:41]} 'one'", ended.error)

    def test_pod_by_crictl(self):
        """The record has its last exit and the process that runs there now."""
        self.tool("crictl", f"""case $1 in
pods) echo '{{"items":[{{"id":"s","metadata":{{"name":"cart-0","namespace":"shop","uid":"{POD}"}}}}]}}';;
ps) echo '{{"containers":[
 {{"id":"{ID}","metadata":{{"name":"server","attempt":1}},"state":"CONTAINER_RUNNING","labels":{{"io.kubernetes.pod.uid":"{POD}"}}}},
 {{"id":"{SECOND}","metadata":{{"name":"server","attempt":0}},"state":"CONTAINER_EXITED","labels":{{"io.kubernetes.pod.uid":"{POD}"}}}}]}}';;
inspect) echo '{{"status":{{"id":"{SECOND}","metadata":{{"name":"server","attempt":0}},"state":"CONTAINER_EXITED",
 "exitCode":137,"reason":"OOMKilled","finishedAt":"2026-11-20T19:22:30Z"}}}}';;
esac""")
        play = runs_in(Play(), SERVER, in_pod(ID))
        play.steps += killed(SERVER, signal.SIGTERM).steps[1:]
        path = self.root / "recording"
        ended = self.watch("--pod", "shop/cart-0", "--until-death", "--record-events", path, play=play)
        self.assertEqual(ended.status, 0, ended)
        started, finished = ended.of("container")
        self.assertEqual((started["state"], started["name"], started["pod"]), ("started", "server", "shop/cart-0"))
        self.assertEqual(finished["state"], "ended")
        self.assertEqual(started["container"], {"runtime": "containerd", "id": ID, "pod_uid": POD})
        self.assertEqual(ended.records[-1]["restarts"], 0)
        self.assert_replay_knows(path, ended)

    def test_pod_that_waits_to_be_started_again(self):
        """The record of its ended container comes at once."""
        self.tool("crictl", f"""case $1 in
pods) echo '{{"items":[{{"id":"s","metadata":{{"name":"cart-0","namespace":"shop","uid":"{POD}"}}}}]}}';;
ps) echo '{{"containers":[{{"id":"{SECOND}","metadata":{{"name":"server","attempt":0}},"state":"CONTAINER_EXITED",
 "labels":{{"io.kubernetes.pod.uid":"{POD}"}}}}]}}';;
inspect) echo '{{"status":{{"id":"{SECOND}","metadata":{{"name":"server","attempt":0}},"state":"CONTAINER_EXITED",
 "exitCode":137,"reason":"OOMKilled","finishedAt":"2026-11-20T19:22:30Z"}}}}';;
esac""")
        path = self.root / "recording"
        ended = self.watch("--pod", "shop/cart-0", "--duration", "0.1", "--record-events", path, play=Play())
        records = ended.of("container")
        self.assertEqual([(one["state"], one["name"], one["last_status"], one["process"]) for one in records],
                         [("ended", "server", 137, None)])
        text = self.run_it("replay", path).text
        self.assertIn("container server of pod shop/cart-0", text)
        self.assertIn("its last run ended with 137 (OOMKilled)", text)

    def assert_replay_knows(self, path, live):
        """The recording has the runtime's names."""
        containers = lambda ended: [{**record, "time": None} for record in ended.of("container")]
        for words in ([], ["--pod", "shop/cart-0"], ["--pod", "cart-0"], ["--pod", POD], ["--container", "server"],
                      ["--container", ID[:6]]):
            again = self.run_it("replay", path, "--format", "jsonl", *words)
            self.assertEqual(again.status, 0, again)
            self.assertEqual(containers(again), containers(live), words)
        self.assert_usage(self.run_it("replay", path, "--pod", "shop/cart-1"), "shop/cart-1")

    def test_runtime_that_hangs_is_asked_once(self):
        self.tool("crictl", f"echo asked >>{self.root}/asked; exec sleep 600")
        ended = self.watch("--container", ID, "--container", "a", "--container", "b", "--wait", "--pod", "x/y", "--pod", "x/z",
                           "--duration", "0.1", play=Play())
        self.assertEqual(ended.status, 0, ended)
        self.assertIn("crictl: did not answer within 2 s", ended.error)
        self.assertEqual(ended.error.count("did not answer"), 5, ended.error)
        self.assertEqual(len((self.root / "asked").read_text().splitlines()), 1)

    def test_id_as_kubernetes_writes_it(self):
        for scheme in ("docker", "containerd", "cri-o"):
            ended = self.watch("--container", f"{scheme}://{ID}", "--duration", "0.1", play=Play())
            self.assertEqual(ended.records[0]["targets"]["container_id"], [ID], ended)
        self.assert_usage(self.watch("--container", "docker://web"), "docker://web")

    def test_pod_that_is_not_here(self):
        ended = self.watch("--pod", "shop/cart-0", play=Play())
        self.assertEqual(ended.status, 1, ended)
        self.assertIn("there is no pod 'shop/cart-0' on this node", ended.error)
        self.assertIn("kubectl get pods -A -o wide", ended.error)


class Words(Case):
    """Wrong words are named, with status 2."""

    def test_wrong_words(self):
        for words in (["--cmdline", "(ab"], ["--uid", "no such user"], ["--exe", "/usr"], ["--unit", "a/b"], ["--pod", "a/b/c"],
                      ["--container", ""], ["--cgroup", ""], ["--wait", "--name", "x"], ["--name", ""], ["--cmdline", ""],
                      ["--unit", "backup.timer"],
                      ["--uid", "4294967295"]):
            ended = self.run_it("watch", *words)
            self.assertEqual(ended.status, 2, ended)
            self.assertIn(words[0], ended.error)
            self.assertEqual(ended.error.count("\n"), 1, ended)

    def test_user_that_comes_near(self):
        self.assertIn("did you mean root?", self.run_it("watch", "--uid", "rooot").error)

    def test_pattern_shows_where(self):
        self.assertIn("(character 3)", self.run_it("watch", "--name", "ab[c").error)


class Users(Case):
    """`--uid NAME` with a name that is not in /etc/passwd."""

    def getent(self, script):
        path = self.root / "tools/getent"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        self.environment["PATH"] = f"{path.parent}:{os.environ['PATH']}"

    @needs_root
    def test_user_of_a_directory_service(self):
        """With getent(1): its users are in no file."""
        self.getent('echo "$@" >>asked; echo "alice@example.org:*:424242:100:a, user:/home/alice:/bin/sh"')
        ended = self.watch("--uid", "alice", "--sender-uid", "alice", "--duration", "0.1", play=Play())
        self.assertEqual(ended.status, 0, ended)
        self.assertEqual(ended.records[0]["targets"]["uid"], ["424242"])
        self.assertEqual((self.root / "asked").read_text(), "passwd alice\n" * 2)

    def test_users_that_are_not_asked_for(self):
        """Numbers, names in /etc/passwd, and words that getent(1) would not take as a name."""
        self.getent("echo asked >>asked; echo x:x:4711:")
        for user in ("root", "0", "4711", "99999999999999999999", "-1", "+1", " 1", "a:b", "a\nb", ""):
            self.run_it("watch", "--uid=" + user, "--duration", "0.1", play=Play())
        self.assertFalse((self.root / "asked").exists())

    def test_user_whom_no_service_knows(self):
        for script in ("exit 2", "echo", "echo alice", "echo alice:x", "echo alice:x:", "echo alice:x:many:", "echo alice:x:-1:",
                       "echo alice:x:4294967295:", "echo alice:x:7:; exit 1"):
            self.getent(script)
            self.assert_usage(self.run_it("watch", "--uid", "alice"), "there is no user 'alice'")

    def test_directory_service_that_hangs(self):
        self.getent("exec sleep 600")
        begun = time.monotonic()
        ended = self.run_it("watch", "--uid", "alice")
        self.assert_usage(ended, "there is no user 'alice' in /etc/passwd", "did not answer within 3 s", "id -u alice")
        self.assertLess(time.monotonic() - begun, 20)

    def test_no_way_to_ask_a_directory_service(self):
        ended = self.run_it("watch", "--sender-uid", "alice", "--all", environment={"PATH": str(self.root)})
        self.assert_usage(ended, "--sender-uid", "there is no user 'alice' in /etc/passwd", "getent", "id -u alice")


if __name__ == "__main__":
    main()
