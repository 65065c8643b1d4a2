"""A table of real programs and of the ways in which people end them. Shell words can use $DIR, the program's own directory,
$PID, the process that is asked, and $TARGET, the process that is watched."""
from dataclasses import dataclass, field

SCRIPT = "script"    # the initiator is the script that asks, or its child
NOBODY = "nobody"    # the initiator is null
EXIT, KILL = "exit", "kill"
# make raises ^C again on itself, but exits with 2 if it saw its child's end first: once in 12 tries on a busy machine.
EITHER = {"signal": "tty-signal", "exit": EXIT}


@dataclass
class Ask:
    name: str
    command: str              # run by its own script; "^C" is typed at the program's terminal
    cause: str | dict         # or the cause for each kind of exit
    initiator: str = SCRIPT   # or the name of a process
    target: str = ""          # prints the pid to watch; empty: the program itself
    says: tuple = ()          # words in the sentence
    limit: int = 30           # seconds until the process has ended


@dataclass
class Program:
    name: str
    needs: str                # a program that must exist
    package: str              # the package that has it
    start: str                # runs in the foreground
    asks: list
    ready: str = "true"
    before: str = ""          # prepares its files
    after: str = ""           # ends what it left in the background
    terminal: bool = False
    pid: str = "echo $PID"    # prints the pid of the process that is asked
    user: str = ""
    files: dict = field(default_factory=dict)


TERM, INT, QUIT = (f"kill -{name} $PID" for name in ("TERM", "INT", "QUIT"))
CHILD = "pgrep -P $PID | head -n 1"
SLEEP = "pgrep -P $PID -x sleep"
BACKEND = ("psql -h $DIR -U postgres -c 'select pg_sleep(3622)' >/dev/null 2>&1 & "
           "until pgrep -P $PID -f 'postgres: postgres .* SELECT'; do sleep 0.1; done")


def in_own_places(empty, given, command):
    """A daemon that writes outside of $DIR gets a mount namespace in which these directories are empty, or have given files."""
    mounts = [f"mount -t tmpfs x {place}" for place in empty]
    mounts += [f"mount --bind $DIR/{name} {place}" for name, place in given.items()]
    return f"exec unshare --mount --propagation private sh -c '{' && '.join(mounts)} && {command}'"


SSH = ("ssh -F /dev/null -i $DIR/key -p {port} -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "
       "-o BatchMode=yes root@127.0.0.1")


def by_ssh(port, daemon):
    """A login that runs one command, and one with a terminal whose connection is lost."""
    ssh = SSH.format(port=port)
    terminal = (f"{ssh} -tt \"echo \\$\\$ >$DIR/new; mv $DIR/new $DIR/inside; exec sleep 3611\" </dev/null >/dev/null 2>&1 & "
                "echo $! >$DIR/client; until test -s $DIR/inside; do sleep 0.1; done; cat $DIR/inside")
    # By then the watch has read the live processes; a login that starts and ends during that has no address.
    return [Ask("one-shot", f"sleep 2; {ssh} \"env kill -TERM $TARGET\"", KILL, "kill", target=SLEEP + " -U 0",
                says=(f"in a login by {daemon}(", "of root from 127.0.0.1")),
            Ask("connection-lost", "kill -9 $(cat $DIR/client)", "tty-hangup", daemon, target=terminal,
                says=("was hung up", "in a login of root from 127.0.0.1"))]


FASTCGI = r"""
import os, socket, struct
def record(kind, body):
    return struct.pack('>BBHHBB', 1, kind, 1, len(body), 0, 0) + body
def pair(name, value):
    return struct.pack('BB', len(name), len(value)) + name.encode() + value.encode()
asked = {'SCRIPT_FILENAME': os.environ['DIR'] + '/slow.php', 'REQUEST_METHOD': 'GET'}
s = socket.socket(socket.AF_UNIX)
s.connect(os.environ['DIR'] + '/fpm.socket')
words = b''.join(pair(*one) for one in asked.items())
s.sendall(record(1, struct.pack('>HB5x', 1, 0)) + record(4, words) + record(4, b'') + record(5, b''))
s.settimeout(20)
s.recv(1)
"""

# Everything that it writes is below $DIR. Without a shared memory of its own nothing stays mounted.
PODMAN = "export CONTAINERS_CONF=$DIR/containers.conf CONTAINERS_STORAGE_CONF=$DIR/storage.conf; "


def by_podman(name, command, **expected):
    return Ask(name, PODMAN + command, KILL, says=("the container runtime of container ", f"run by `{command}` (podman "),
               target="pgrep -xf 'sleep 3624'", **expected)


PROGRAMS = [
    Program("redis", "redis-server", "redis-server",
            "exec redis-server --port 0 --unixsocket $DIR/socket --dir $DIR --save ''",
            [Ask("term", TERM, EXIT), Ask("int", INT, EXIT),
             Ask("shutdown-by-kill9", "kill -9 $PID", KILL)], ready="test -S $DIR/socket"),
    Program("node", "node", "nodejs",
            "exec node -e 'setInterval(() => {}, 1000); require(\"fs\").writeFileSync(\"ready\", \"\")'",
            [Ask("term", TERM, KILL), Ask("int", INT, KILL), Ask("hup", "kill -HUP $PID", KILL)], ready="test -e $DIR/ready"),
    Program("node-with-a-handler", "node", "nodejs",
            "exec node -e 'process.on(\"SIGTERM\", () => setTimeout(() => process.exit(0), 200)); setInterval(() => {}, 1000); "
            "require(\"fs\").writeFileSync(\"ready\", \"\")'",
            [Ask("term", TERM, EXIT)], ready="test -e $DIR/ready"),
    Program("go", "go", "golang-go", "exec $DIR/sleeper",
            [Ask("term", TERM, KILL), Ask("quit", QUIT, EXIT), Ask("int", INT, KILL)],
            files={"sleeper.go": 'package main\nimport ("os"; "time")\nfunc main() { os.WriteFile("ready", nil, 0600); '
                                 'time.Sleep(time.Hour) }\n'},
            before="cd $DIR && HOME=$DIR GOFLAGS=-mod=mod GO111MODULE=off go build -o sleeper sleeper.go",
            ready="test -e $DIR/ready"),
    Program("java", "javac", "default-jdk-headless", "exec java -cp $DIR Sleeper",
            [Ask("term", TERM, EXIT, says=("128 + SIGTERM",)), Ask("hup", "kill -HUP $PID", EXIT)],
            files={"Sleeper.java": "class Sleeper { public static void main(String[] a) throws Exception { "
                                   "new java.io.File(\"ready\").createNewFile(); Thread.sleep(3600000); } }\n"},
            before="cd $DIR && javac Sleeper.java", ready="test -e $DIR/ready"),
    Program("python", "python3", "python3", "exec python3 -c 'import time; open(\"ready\", \"w\"); time.sleep(3600)'",
            [Ask("int", INT, KILL), Ask("term", TERM, KILL)], ready="test -e $DIR/ready"),
    Program("python-with-a-handler", "python3", "python3",
            "exec python3 -c 'import signal, sys, time; signal.signal(15, lambda *a: sys.exit(143)); open(\"ready\", \"w\"); "
            "time.sleep(3600)'", [Ask("term", TERM, EXIT, says=("128 + SIGTERM",))], ready="test -e $DIR/ready"),
    Program("python-sigwait", "python3", "python3",
            "exec python3 -c 'import signal; signal.pthread_sigmask(0, [15]); open(\"ready\", \"w\"); signal.sigwait([15])'",
            [Ask("term", TERM, EXIT)], ready="test -e $DIR/ready"),
    Program("python-faulthandler", "python3", "python3",
            "exec python3 -X faulthandler -c 'import ctypes, time; open(\"ready\", \"w\"); time.sleep(2); ctypes.string_at(16)'",
            [Ask("fault", "true", "fault", NOBODY, says=("0x10",))], ready="test -e $DIR/ready"),
    Program("ruby", "ruby", "ruby", "exec ruby -e 'File.write(\"ready\", \"\"); sleep'",
            [Ask("term", TERM, KILL), Ask("int", INT, KILL)], ready="test -e $DIR/ready"),
    Program("perl", "perl", "perl", "exec perl -e '$SIG{TERM} = sub { exit 3 }; open F, \">ready\"; sleep 3600'",
            [Ask("term", TERM, EXIT)], ready="test -e $DIR/ready"),
    Program("bash-trap", "bash", "bash", "exec bash -c 'trap \"exit 5\" TERM HUP; touch ready; while :; do sleep 0.1; done'",
            [Ask("term", TERM, EXIT), Ask("hup", "kill -HUP $PID", EXIT)], ready="test -e $DIR/ready"),
    Program("bash-whose-child-is-killed", "bash", "bash", "exec bash -c 'sleep 3601; exit $?'",
            [Ask("kill9-of-the-child", "kill -9 $(pgrep -P $PID)", EXIT, says=("the status of its child sleep",))],
            ready="pgrep -P $PID"),
    Program("nginx", "nginx", "nginx-light", "exec nginx -p $DIR -c $DIR/nginx.conf",
            [Ask("quit", QUIT, EXIT), Ask("term", TERM, EXIT), Ask("s-quit", "nginx -p $DIR -c $DIR/nginx.conf -s quit", EXIT),
             Ask("worker-of-a-stop", TERM, EXIT, target=CHILD)],
            files={"nginx.conf": "daemon off; pid nginx.pid; error_log error.log; events {} "
                                 "http { access_log off; server { listen unix:nginx.socket; } }\n"},
            ready="test -S $DIR/nginx.socket -a -s $DIR/nginx.pid && pgrep -P $PID"),
    Program("apache2", "apache2", "apache2", "exec apache2 -d $DIR -f $DIR/apache.conf -DFOREGROUND",
            [Ask("k-stop", "apache2 -d $DIR -f $DIR/apache.conf -k stop", EXIT),
             Ask("k-graceful-stop", "apache2 -d $DIR -f $DIR/apache.conf -k graceful-stop", EXIT), Ask("term", TERM, EXIT)],
            files={"apache.conf": "ServerName x\nLoadModule mpm_prefork_module /usr/lib/apache2/modules/mod_mpm_prefork.so\n"
                                  "PidFile apache.pid\nErrorLog error.log\nListen 127.0.0.1:8099\nStartServers 1\n"
                                  "MinSpareServers 1\nMaxSpareServers 1\nUser www-data\nGroup www-data\n"},
            ready="test -s $DIR/apache.pid && pgrep -P $PID"),
    Program("php-fpm", "php-fpm8.2", "php-fpm", "exec php-fpm8.2 -F -p $DIR -y $DIR/fpm.conf",
            [Ask("term", TERM, EXIT), Ask("quit", QUIT, EXIT), Ask("worker-of-a-stop", TERM, KILL, target=CHILD)],
            files={"fpm.conf": "[global]\nerror_log = fpm.log\n[www]\nuser = www-data\ngroup = www-data\nlisten = fpm.socket\n"
                               "pm = static\npm.max_children = 1\n"},
            ready="test -S $DIR/fpm.socket && pgrep -P $PID"),
    Program("postgresql", "/usr/lib/postgresql/15/bin/postgres", "postgresql",
            "exec /usr/lib/postgresql/15/bin/postgres -D $DIR/data -k $DIR -c listen_addresses=",
            [Ask("fast", INT, EXIT), Ask("immediate", QUIT, EXIT),
             Ask("pg_ctl-fast", "/usr/lib/postgresql/15/bin/pg_ctl -D $DIR/data stop -m fast", EXIT),
             Ask("a-background-process-of-a-fast-stop", INT, EXIT, target=CHILD),
             Ask("a-background-process-killed", "kill -9 $TARGET", KILL, target=CHILD),
             Ask("a-backend-killed", "kill -9 $TARGET", KILL, target=BACKEND),
             Ask("a-backend-terminated-by-sql", "psql -h $DIR -U postgres -c \"select pg_terminate_backend($TARGET)\"", EXIT,
                 "postgres", target=BACKEND),
             Ask("what-a-killed-backend-takes-along", f"kill -9 $({BACKEND})", EXIT, "postgres", target=CHILD)],
            before="/usr/lib/postgresql/15/bin/initdb -D $DIR/data --no-sync",
            ready="test -S $DIR/.s.PGSQL.5432 && pgrep -P $PID",
            user="postgres"),
    Program("mariadb", "mariadbd", "mariadb-server",
            "exec mariadbd --no-defaults --datadir=$DIR/data --socket=$DIR/socket --skip-networking --user=mysql",
            [Ask("term", TERM, EXIT)],
            before="mariadb-install-db --no-defaults --datadir=$DIR/data --auth-root-authentication-method=normal --user=mysql",
            ready="test -S $DIR/socket"),
    Program("gunicorn", "gunicorn", "gunicorn", "cd $DIR && exec gunicorn --bind unix:$DIR/socket --timeout 2 app:app",
            [Ask("term", TERM, EXIT), Ask("quit", QUIT, EXIT),
             Ask("worker-timeout", "python3 $DIR/ask.py", EXIT, "gunicorn", target=CHILD)],
            files={"app.py": "import time\ndef app(environ, start):\n    time.sleep(60)\n",
                   "ask.py": "import os, socket\ns = socket.socket(socket.AF_UNIX)\ns.connect(os.environ['DIR'] + '/socket')\n"
                             "s.send(b'GET / HTTP/1.0\\r\\n\\r\\n')\ns.settimeout(10)\ns.recv(1)\n"},
            ready="test -S $DIR/socket && pgrep -P $PID"),
    Program("make", "make", "make", "exec make -s -f $DIR/makefile", [Ask("control-c", "^C", EITHER, NOBODY, says=("^C",))],
            files={"makefile": "all:\n\tsleep 3602\n"}, ready="pgrep -P $PID sleep", terminal=True),
    Program("ninja", "ninja", "ninja-build", "exec ninja -C $DIR", [Ask("control-c", "^C", EXIT, NOBODY, says=("^C",))],
            files={"build.ninja": "rule wait\n  command = sleep 3603\nbuild out: wait\n"},
            ready="pgrep -P $(pgrep -P $PID) sleep", terminal=True),
    Program("sudo", "sudo", "sudo", "exec sudo sleep 3604",
            [Ask("its-child", TERM, KILL, target=CHILD), Ask("itself", TERM, KILL)], ready="pgrep -P $PID sleep"),
    Program("su", "su", "util-linux", "exec su -s /bin/sh nobody -c 'exec sleep 3605'",
            [Ask("its-child", TERM, KILL, target=CHILD)], ready="pgrep -P $PID sleep"),
    Program("timeout", "timeout", "coreutils", "exec timeout 3600 sleep 3606",
            [Ask("its-child", TERM, KILL, target=CHILD), Ask("itself", TERM, KILL)], ready="pgrep -P $PID sleep"),
    Program("tini", "tini", "tini", "exec tini -s -- sleep 3607",
            [Ask("its-child", TERM, KILL, target=CHILD), Ask("itself", TERM, EXIT)], ready="pgrep -P $PID sleep"),
    Program("dumb-init", "dumb-init", "dumb-init", "exec dumb-init sleep 3608",
            [Ask("its-child", TERM, KILL, target=CHILD), Ask("itself", TERM, EXIT)], ready="pgrep -P $PID sleep"),
    Program("tmux", "tmux", "tmux", "exec tmux -S $DIR/socket -f /dev/null -D",
            [Ask("kill-session", "tmux -S $DIR/socket kill-session -t x", "tty-hangup", "tmux",
                 target="tmux -S $DIR/socket list-panes -t x -F '#{pane_pid}'")],
            ready="tmux -S $DIR/socket new-session -d -s x 'exec sleep 3609'"),
    Program("php-fpm-timeout", "php-fpm8.2", "php-fpm", "exec php-fpm8.2 -F -p $DIR -y $DIR/fpm.conf",
            [Ask("request_terminate_timeout", "python3 $DIR/ask.py", KILL, "php-fpm", target=CHILD)],
            files={"fpm.conf": "[global]\nerror_log = fpm.log\n[www]\nuser = www-data\ngroup = www-data\nlisten = fpm.socket\n"
                               "pm = static\npm.max_children = 1\nrequest_terminate_timeout = 2s\n",
                   "slow.php": "<?php sleep(60);\n", "ask.py": FASTCGI},
            ready="test -S $DIR/fpm.socket && pgrep -P $PID"),
    Program("sshd", "sshd", "openssh-server",
            "sleep 3610 & setpriv --reuid=54321 --regid=54321 --clear-groups sleep 3623 & " +
            in_own_places(["/run", "/var/log"], {"shadow": "/etc/shadow", "passwd": "/etc/passwd"},
                          "mkdir /run/sshd && exec /usr/sbin/sshd -D -f /dev/null -p 8097 -o ListenAddress=127.0.0.1 "
                          "-o HostKey=$DIR/host -o AuthorizedKeysFile=$DIR/key.pub -o StrictModes=no -o UsePAM=no "
                          "-o PidFile=none"),
            [*by_ssh(8097, "sshd"),
             Ask("one-shot-of-a-user", "sleep 2; " + SSH.format(port=8097).replace("root@", "alice@")
                 + ' "env kill -TERM $TARGET"',
                 KILL, "kill", target=SLEEP + " -U 54321", says=("of uid 54321 from 127.0.0.1",))],
            before="ssh-keygen -q -t ed25519 -N '' -f $DIR/host && ssh-keygen -q -t ed25519 -N '' -f $DIR/key && "
                   "printf 'root:*:19000:0:99999:7:::\\nalice:*:19000:0:99999:7:::\\n' >$DIR/shadow && "
                   "{ cat /etc/passwd; echo alice:x:54321:54321::/:/bin/sh; } >$DIR/passwd",
            ready=SSH.format(port=8097) + " true"),
    Program("dropbear", "dropbear", "dropbear-bin",
            "sleep 3614 & " + in_own_places(["/run", "/var/log"], {"shadow": "/etc/shadow", "home": "~root"},
                                            "exec dropbear -F -E -p 127.0.0.1:8096 -r $DIR/host -P $DIR/pid"),
            by_ssh(8096, "dropbear"),
            before="dropbearkey -t ed25519 -f $DIR/host && ssh-keygen -q -t ed25519 -N '' -f $DIR/key && "
                   "mkdir -p $DIR/home/.ssh && chmod 700 $DIR/home $DIR/home/.ssh && "
                   "cp $DIR/key.pub $DIR/home/.ssh/authorized_keys && chmod 600 $DIR/home/.ssh/authorized_keys && "
                   "echo 'root:*:19000:0:99999:7:::' >$DIR/shadow",
            ready=SSH.format(port=8096) + " true"),
    Program("cron", "cron", "cron",
            "sleep 3615 & " + in_own_places(["/run", "/var/spool/cron", "/etc/cron.d"], {"crontab": "/etc/crontab"},
                                            "mkdir /var/spool/cron/crontabs && exec cron -f"),
            [Ask("job", "echo $TARGET >$DIR/new; mv $DIR/new $DIR/target", KILL, "sh", target=SLEEP,
                 says=("a job of cron(", "kill -TERM $(cat"), limit=75)],
            before="printf 'MAILTO=\"\"\\n* * * * * root kill -TERM $(cat %s/target)\\n' $DIR >crontab", ready=SLEEP),
    Program("npm", "npm", "npm", "exec npm start",
            [Ask("server-of-a-stop", TERM, KILL, target="cat $DIR/ready")],
            files={"package.json": '{"name": "x", "version": "1.0.0", "scripts": {"start": "exec node server.js"}}\n',
                   "server.js": 'setInterval(() => {}, 1000); require("fs").writeFileSync("ready", String(process.pid));\n'},
            ready="test -s $DIR/ready"),
    Program("runuser", "runuser", "util-linux", "exec runuser -u nobody -- sleep 3617",
            [Ask("its-child", TERM, KILL, target=CHILD), Ask("itself", TERM, KILL)], ready="pgrep -P $PID sleep"),
    Program("setpriv", "setpriv", "util-linux", "exec setpriv --pdeathsig TERM sleep 3618",
            [Ask("itself", TERM, KILL)], ready="grep -q sleep /proc/$PID/comm"),
    Program("bash-hangs-up-its-jobs", "bash", "bash", "exec bash --rcfile $DIR/rc -i",
            [Ask("hup", "kill -HUP $PID", KILL, target=SLEEP)], files={"rc": "shopt -s huponexit\nsleep 3619 &\n"},
            ready=SLEEP, terminal=True),
    Program("supervisor", "supervisord", "supervisor", "exec supervisord -n -c $DIR/conf",
            [Ask("supervisorctl-stop", "supervisorctl -c $DIR/conf stop web", KILL, target=CHILD,
                 says=("a service manager", "; probably asked by `", "/conf stop web` (supervisorctl ")),
             Ask("term", TERM, KILL, target=CHILD)],
            files={"conf": "[supervisord]\nlogfile = log\npidfile = pid\nchildlogdir = .\n[unix_http_server]\nfile = socket\n"
                           "[rpcinterface:supervisor]\n"
                           "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n"
                           "[supervisorctl]\nserverurl = unix://socket\n[program:web]\ncommand = sleep 3620\n"},
            ready="test -S $DIR/socket && pgrep -P $PID"),
    # Its daemon goes to the background; "pm2 start" runs it.
    Program("pm2", "pm2", "pm2 (npm)", "pm2 start $DIR/web.js --name web && exec sleep infinity",
            [Ask("stop", "pm2 stop web", KILL, "node", target="pm2 pid web",
                 says=("; probably asked by `pm2 stop web` (node ",)),
             Ask("delete", "pm2 delete web", KILL, "node", target="pm2 pid web")],
            files={"web.js": "setInterval(() => {}, 1000)\n"}, ready="test -s $DIR/.pm2/pids/web-0.pid",
            after="pm2 kill"),
    Program("runit", "runsv", "runit", "exec runsv $DIR",
            [Ask("sv-down", "sv down $DIR", KILL, "runsv", target=CHILD), Ask("term", TERM, KILL, target=CHILD)],
            files={"run": "#!/bin/sh\nexec sleep 3621\n"}, before="chmod 755 run", ready="pgrep -P $PID -x sleep"),
    Program("podman", "podman", "podman",
            PODMAN + "podman run -d --name web --network none --ipc host --rootfs $DIR/fs sleep 3624 && exec sleep infinity",
            [by_podman("stop", "podman stop -t 1 web"), by_podman("kill", "podman kill -s KILL web"),
             by_podman("rm", "podman rm -f -t 0 web")],
            before="mkdir -p fs/bin && cp $(command -v busybox) fs/bin/busybox && ln -s busybox fs/bin/sleep && "
                   "sed -i s,@,$DIR, storage.conf containers.conf",
            files={"storage.conf": '[storage]\ndriver = "vfs"\ngraphroot = "@/store"\nrunroot = "@/run"\n',
                   "containers.conf": '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]\n[engine]\n'
                                      'runtime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "none"\n'
                                      'tmp_dir = "@/tmp"\n'},
            ready="pgrep -xf 'sleep 3624'"),
    Program("sort", "sort", "coreutils", "mkfifo in; exec 3<>in; exec sort -T $DIR -S 1M <&3", [Ask("term", TERM, KILL)],
            ready="test -p $DIR/in && sleep 0.3"),
]
