"""Real MQTT servers, each started for a while on a port of its own: configured in a folder of its own, its log kept there, ended with all that it started."""
import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
SYSTEM = f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin:/usr/lib/rabbitmq/bin"
PATIENCE = 90  # seconds until a server must take connections


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def output(*command, **how):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **how)
    return done.stdout


class Broker:
    """A context that is the server while it runs. `v5`, `shared`: whether it takes MQTT 5.0, and shared subscriptions; `domain`: what follows
    the Client ID in a client's User Name, None: it has none. Logs are in `folder`."""
    name, package, v5, shared, domain = "", "", True, True, None

    def __init__(self, folder):
        self.folder, self.port, self.process = pathlib.Path(folder), free_port(), None

    @classmethod
    def missing(cls):
        """Why it cannot run here; None: it can."""
        return None if cls.program() else f"not installed: {cls.package}"

    @classmethod
    def program(cls):
        return shutil.which(cls.name, path=SYSTEM)

    def version(self):
        """As the program tells it, or its package."""
        return output("dpkg-query", "-W", "-f", "${Version}", self.package)

    def configure(self):
        """Writes what the server reads. Returns its command and what to add to the environment."""
        raise NotImplementedError

    def __enter__(self):
        command, environment = self.configure()
        with open(self.folder / f"{self.name}.log", "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, start_new_session=True,
                                            env={**os.environ, "PATH": SYSTEM, **environment})
        try:
            self.wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_ended):
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            try:
                self.process.wait(20)
                return
            except subprocess.TimeoutExpired:
                pass

    def wait(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.2)
        raise RuntimeError(f"{self.name} does not take connections: see {self.folder}")


class Mosquitto(Broker):
    name = package = "mosquitto"

    def configure(self):
        lines = [f"listener {self.port} 127.0.0.1", "allow_anonymous true", "persistence false", "max_queued_messages 0", "log_type all",
                 *(["user root"] if os.geteuid() == 0 else [])]
        (self.folder / "mosquitto.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return [self.program(), "-c", self.folder / "mosquitto.conf"], {}


class RabbitMq(Broker):
    """Speaks MQTT 3.1 and 3.1.1 (until 3.12), and grants QoS 1 at most. Its name service, epmd, stays when it ends: it gets one of its own."""
    name = package = "rabbitmq-server"
    v5 = shared = False

    @classmethod
    def program(cls):
        inner = pathlib.Path("/usr/lib/rabbitmq/bin/rabbitmq-server")  # /usr/sbin has a script that changes the user
        return str(inner) if inner.exists() else super().program()

    def configure(self):
        self.name_service = free_port()
        (self.folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{free_port()}\nmqtt.listeners.tcp.1 = 127.0.0.1:{self.port}\nmqtt.allow_anonymous = true\n"
            "loopback_users = none\ndisk_free_limit.absolute = 10MB\n", encoding="utf-8")
        (self.folder / "enabled_plugins").write_text("[rabbitmq_mqtt].\n", encoding="utf-8")
        return [self.program()], {
            "HOME": str(self.folder), "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+sbwt none", "ERL_EPMD_PORT": str(self.name_service), "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": "journey@localhost", "RABBITMQ_DIST_PORT": str(free_port()), "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"), "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "logs"), "RABBITMQ_CONF_ENV_FILE": str(self.folder / "no-such-file")}

    def __exit__(self, *ended):
        super().__exit__(*ended)
        output("epmd", "-port", str(self.name_service), "-kill", env={**os.environ, "PATH": SYSTEM})


class Ejabberd(Broker):
    """Run without a node's name, so it needs no name service."""
    name = package = "ejabberd"
    shared, domain = False, "@localhost"

    @classmethod
    def program(cls):
        found = sorted(pathlib.Path("/usr/lib").glob("*/ejabberd-*/ebin/mod_mqtt.beam"))
        return str(found[-1].parent) if found else None

    def configure(self):
        (self.folder / "ejabberd.yml").write_text(f"""hosts: [localhost]
loglevel: info
auth_method: [anonymous]
allow_multiple_connections: true
anonymous_protocol: login_anon
listen:
  - port: {self.port}
    ip: "127.0.0.1"
    module: mod_mqtt
    backlog: 1000
modules:
  mod_mqtt:
    access_publish: {{"#": [{{allow: all}}]}}
    access_subscribe: {{"#": [{{allow: all}}]}}
    match_retained_limit: infinity
    max_queue: infinity
""", encoding="utf-8")
        libraries = pathlib.Path(self.program()).parent.parent
        return ["erl", "-noinput", "+P", "250000", "+sbwt", "none", "-mnesia", "dir", f'"{self.folder}/data"', "-s", "ejabberd"], {
            "HOME": str(self.folder), "ERL_LIBS": str(libraries), "EJABBERD_CONFIG_PATH": str(self.folder / "ejabberd.yml"),
            "EJABBERD_LOG_PATH": str(self.folder / "ejabberd-server.log")}


class Aedes(Broker):
    """Speaks MQTT 3.1 and 3.1.1."""
    name, package = "aedes", "npm's aedes"
    v5 = False
    release = "1.2.0"
    home = pathlib.Path(os.environ.get("MQTT5_AEDES", HERE.parent.parent / "build" / "aedes"))

    @classmethod
    def missing(cls):
        if not shutil.which("node"):
            return "not installed: nodejs"
        if not (cls.home / "node_modules/aedes").exists() and not shutil.which("npm"):
            return "not installed: npm"
        return None

    def version(self):
        return re.search(r'"version": "([^"]*)"', (self.home / "node_modules/aedes/package.json").read_text(encoding="utf-8"))[1]

    def configure(self):
        if not (self.home / "node_modules/aedes").exists():
            self.home.mkdir(parents=True, exist_ok=True)
            subprocess.run(["npm", "install", "--silent", "--no-audit", "--prefix", self.home, f"aedes@{self.release}"], check=True)
        script = self.home / "server.mjs"
        script.write_text("""import { createServer } from 'node:net'
import { Aedes } from 'aedes'
const server = await Aedes.createBroker()
createServer(server.handle).listen(Number(process.argv[2]), '127.0.0.1')
for (const what of ['clientError', 'connectionError', 'keepaliveTimeout', 'clientDisconnect']) {
  server.on(what, (client, error) => console.log(new Date().toISOString(), what, client && client.id, String(error || '')))
}
""", encoding="utf-8")
        return ["node", script, str(self.port)], {}


ALL = {"mosquitto": Mosquitto, "rabbitmq": RabbitMq, "ejabberd": Ejabberd, "aedes": Aedes}
