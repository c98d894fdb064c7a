import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { startTime } from "../shared/process";
import { silentProgress } from "../shared/progress";
import { DAEMONS } from "./daemons";
import { down } from "./down";
import { difference, type HostSnapshot, snapshotHost } from "./host";
import { NODE_IMAGE } from "./image";
import { layout, NETWORK } from "./layout";
import { mounts } from "./namespaces";
import { labProcesses } from "./processes";
import { fullStatus, status } from "./status";
import { eventually, hitless, PROGRAM, start, type Started } from "./testing/command";
import { web } from "./testing/web";

/** A lab of these tests' own, beside the user's and that of the other tests: it is killed in many ways. */
const NAME = "hitless-test-host";
const at = layout(NAME);
/** Other labs, and others' work in /tmp, come and go while these tests run. */
const OTHERS = /hitless-(?!test-host)|^\/tmp\/(?!.*test-host)/;

const look = (): HostSnapshot => snapshotHost([at.state, at.name], OTHERS);
const up = () => hitless(NAME, "lab", "up");
const exec = (...argv: string[]) => hitless(NAME, "lab", "exec", "--", ...argv);
const kubectl = (...args: string[]) => exec("kubectl", ...args);

const running = (command: string) => labProcesses(at).some((one) => one.command === command);
const mounted = () => mounts().some((mount) => mount.at === at.run);
const there = (...names: string[]) => fs.existsSync(path.join(at.state, ...names));

async function succeeded(started: Started): Promise<string> {
  const { code, out, err } = await started.ended;
  assert.equal(code, 0, out + err);
  return out;
}

/** Kills a command without warning once `reached` is true. @returns false if it had ended by then */
async function killed(started: Started, when: string, reached: () => boolean): Promise<boolean> {
  await eventually(when, reached);
  started.child.kill("SIGKILL");
  return (await started.ended).signal === "SIGKILL";
}

/** `down` takes moments: on a busy machine it may be over before it could be killed, and is tried anew. */
async function downKilled(when: string, reached: () => boolean): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await succeeded(up());
    if (await killed(hitless(NAME, "lab", "down"), when, reached)) return;
    assert(attempt < 4, "down always ended before it could be killed");
  }
}

describe("the lab and its host", function () {
  this.timeout(120_000);
  let untouched: HostSnapshot;
  let bystander: ChildProcess;

  before(async () => {
    await down({ progress: silentProgress, name: NAME });
    // What the looking itself leaves (iptables' tables, its lock) is there before the first look that counts.
    look();
    untouched = look();
    bystander = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  });
  after(async () => {
    bystander.kill();
    await down({ progress: silentProgress, name: NAME });
  });

  const assertUntouched = () => {
    assert.deepEqual(difference(untouched, look()), []);
    assert.equal(fs.existsSync(at.state), false, "its folder is there still");
    assert.notEqual(startTime(bystander.pid ?? 0), undefined, "a process of somebody else was ended");
  };
  const assertWhole = async () => {
    const now = await status(NAME);
    assert.equal(now.state, "up");
    const daemons = now.processes.filter((one) => (DAEMONS as readonly string[]).includes(one.command));
    assert.deepEqual(daemons.map((one) => one.command).sort(), [...DAEMONS].sort());
  };

  it("sees what a lab would leave: a folder, a mount, a control group, a process (negative control)", () => {
    const left = `${at.name}-left`;
    const group = fs.existsSync("/sys/fs/cgroup/memory") ? "/sys/fs/cgroup/memory" : "/sys/fs/cgroup";
    const env = { ...process.env, LEFT_BY: at.state };
    fs.mkdirSync(`/run/${left}`);
    fs.mkdirSync(`${group}/${left}`);
    const child = spawn("sleep", ["60"], { stdio: "ignore", env });
    execFileSync("mount", ["-t", "tmpfs", left, `/run/${left}`]);
    try {
      const seen = difference(untouched, look()).map((line) => line.split(": ")[0]);
      assert.deepEqual(seen.sort(), ["+ control group", "+ mount", "+ name", "+ process"]);
    } finally {
      execFileSync("umount", [`/run/${left}`]);
      child.kill("SIGKILL");
      fs.rmdirSync(`/run/${left}`);
      fs.rmdirSync(`${group}/${left}`);
    }
  });

  const without = (capability: string) =>
    start(
      "setpriv",
      [`--bounding-set=-${capability}`, `--inh-caps=-${capability}`, ...PROGRAM, "lab", "up"],
      { HITLESS_LAB_NAME: NAME },
    );

  it("does not begin where the kernel refuses what it needs, and names all of that at once", async () => {
    const { code, err } = await without("net_admin").ended;
    assert.equal(code, 2);
    assert.match(err, /makes no bridge[^]*no pair of virtual links[^]*--kubeconfig\/--context/);
    const nothing = await without("sys_admin").ended;
    assert.equal(nothing.code, 2);
    assert.match(nothing.err, /network namespaces are refused[^]*mount namespaces/);
    assertUntouched();
  });

  it("takes down what is not there, and says so", async () => {
    assert.match(await succeeded(hitless(NAME, "lab", "down")), /: down/);
    assertUntouched();
  });

  describe("when up is killed", () => {
    const DURING_UP: [when: string, reached: () => boolean][] = [
      ["it has only begun", () => there()],
      ["the host has its tmpfs", mounted],
      ["the namespaces are being filled", () => there("cover")],
      ["its first processes start", () => there("logs", "etcd.log")],
      ["the API server has its certificate", () => there("config", "certificates", "apiserver.crt")],
      ["the kubelet runs", () => running("kubelet")],
    ];
    for (const [when, reached] of DURING_UP) {
      it(`leaves nothing once down is run: killed when ${when}`, async () => {
        assert(await killed(up(), when, reached));
        await succeeded(hitless(NAME, "lab", "down"));
        assertUntouched();
      });
    }

    it("comes up once, though up is then run twice at the same time", async () => {
      assert(await killed(up(), "the kubelet runs", () => running("kubelet")));
      const old = labProcesses(at);
      await Promise.all([up(), up()].map(succeeded));
      await assertWhole();
      const left = new Set(labProcesses(at).map((one) => one.pid));
      assert.deepEqual(
        old.filter((one) => left.has(one.pid)),
        [],
      );
    });
  });

  describe("while it is up", () => {
    before(() => succeeded(up()));

    it("has a node that is ready, and adds a tmpfs, control groups and processes to the host", async () => {
      assert.match(await succeeded(kubectl("get", "nodes")), / Ready /);
      const documented = [
        / mount: \S+ \/run\/hitless-test-host-\w+ tmpfs /,
        / mount: nsfs \/run\/hitless-test-host-\w+\/(net|mnt) nsfs /,
        / control group: \/sys\/fs\/cgroup(\/\w+)?\/hitless-test-host-\w+$/,
        / process: /,
        / name: \/run\/hitless-test-host-\w+$/,
      ];
      const changes = difference(untouched, look());
      assert.deepEqual(
        changes.filter((line) => !line.startsWith("+") || !documented.some((known) => known.test(line))),
        [],
      );
      for (const known of documented) assert(changes.some((line) => known.test(line)));
    });

    it("runs a Deployment of the stock Node.js image, which answers on its NodePort", async () => {
      const manifest = path.join(at.state, "web.json");
      fs.writeFileSync(manifest, JSON.stringify(web(NODE_IMAGE)));
      await succeeded(kubectl("apply", "-f", manifest));
      await succeeded(kubectl("rollout", "status", "deployment/web", "--timeout=60s"));
      const ask = `fetch("http://127.0.0.1:30123").then((r) => r.text()).then(console.log)`;
      await eventually("an answer", async () =>
        (await exec(process.execPath, "-e", ask).ended).out.includes("hello"),
      );
    });

    it("lets a pod reach a Service whose pods are beside it on the same bridge", async () => {
      await succeeded(kubectl("scale", "deployment/web", "--replicas=3"));
      await succeeded(kubectl("rollout", "status", "deployment/web", "--timeout=60s"));
      // Each new connection goes to any of the three: of thirty, some go to another pod than the one that asks.
      const ask = `(async () => {
        const url = "http://" + process.env.WEB_SERVICE_HOST;
        for (let i = 0; i < 30; i++)
          await fetch(url, { headers: { connection: "close" }, signal: AbortSignal.timeout(2000) });
        console.log("all answered");
      })()`;
      assert.match(
        await succeeded(kubectl("exec", "deployment/web", "--", "node", "-e", ask)),
        /all answered/,
      );
    });

    it("sleeps before a pod of that image is stopped, which takes no shell", async () => {
      const preStop = "jsonpath={.items[0].spec.containers[0].lifecycle.preStop}";
      assert.equal(
        await succeeded(kubectl("get", "pods", "-l", "app=web", "-o", preStop)),
        '{"sleep":{"seconds":1}}',
      );
      await succeeded(kubectl("delete", "pods", "-l", "app=web", "--wait=true", "--timeout=20s"));
      assert.doesNotMatch(await succeeded(kubectl("get", "events")), /FailedPreStopHook/);
    });

    it("serves the metrics of kube-proxy through the API server, which say when rules were written", async () => {
      const raw = `/api/v1/nodes/${at.name}:${NETWORK.proxyMetricsPort}/proxy/metrics`;
      assert.match(
        await succeeded(kubectl("get", "--raw", raw)),
        /^kubeproxy_sync_proxy_rules_last_timestamp_seconds/m,
      );
    });

    it("says that its node is ready, and which version it runs", async () => {
      const { node } = await fullStatus(NAME);
      assert.equal(node?.ready, true);
      assert.match(node.version, /^v1\.\d+\.\d+$/);
    });

    it("says within seconds that it has no image of an unknown name", async () => {
      await succeeded(kubectl("run", "nobody", "--image=example.invalid/nobody:1", "--restart=Never"));
      const reason = "jsonpath={.status.containerStatuses[0].state.waiting.reason}";
      await eventually(
        "the pod's reason",
        async () =>
          /ErrImagePull|ImagePullBackOff/.test(
            await succeeded(kubectl("get", "pod", "nobody", "-o", reason)),
          ),
        20,
      );
    });

    it("passes on a command's exit code, and signals to it", async () => {
      const node = (code: string) => exec(process.execPath, "-e", code);
      assert.equal((await node("process.exit(7)").ended).code, 7);
      assert.equal((await node("process.kill(process.pid, 'SIGKILL')").ended).code, 128 + 9);
      const waits = node(
        "process.on('SIGTERM', () => process.exit(9)); setInterval(() => {}, 1000); console.log('ready')",
      );
      await eventually("it listens", () => waits.said().includes("ready"));
      waits.child.kill("SIGTERM");
      assert.equal((await waits.ended).code, 9);
    });

    it("names a process of its own that has ended, and is repaired by the next up", async () => {
      const scheduler = labProcesses(at).find((one) => one.command === "kube-scheduler");
      process.kill(scheduler?.pid ?? NaN, "SIGKILL");
      const now = await eventually("it is seen", async () => {
        const seen = await status(NAME);
        return seen.state === "partial" ? seen : undefined;
      });
      assert.deepEqual(now.missing, ["kube-scheduler"]);
      const { code, err } = await exec("true").ended;
      assert.equal(code, 2);
      assert.match(err, /not whole[^]*kube-scheduler[^]*hitless lab up/);
      await succeeded(up());
      await assertWhole();
    });
  });

  describe("when down is killed", () => {
    it("leaves nothing once it is run again: killed while processes end", async () => {
      await downKilled("processes end", () => !running("kubelet"));
      await succeeded(hitless(NAME, "lab", "down"));
      assertUntouched();
    });

    it("lets the lab come up again: killed when the namespaces are gone", async () => {
      await downKilled("the namespaces are gone", () => !mounted());
      await succeeded(up());
      await assertWhole();
      await succeeded(hitless(NAME, "lab", "down"));
      assertUntouched();
    });
  });
});
