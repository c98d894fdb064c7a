import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { ROOT } from "../shared/paths";
import { silentProgress } from "../shared/progress";
import { down } from "./down";
import { cacheDirectory, layout } from "./layout";
import { mounts } from "./namespaces";
import { PROGRAM, start, type Started } from "./testing/command";

const NAME = "hitless-test-box";
const at = layout(NAME);

/**
 * Runs a script as if in a privileged container: its root is an overlay, and its mount namespace was made on the
 * given CPU (see keepMountNamespace). What it writes outside of /run is gone with it.
 */
function boxed(folder: string, cpu: number, script: string): Started {
  const box = `
    taskset -p -c 0-${os.cpus().length - 1} $$ >&2
    mount -t tmpfs none '${folder}'
    mkdir '${folder}/upper' '${folder}/work' '${folder}/root'
    mount -t overlay -o 'lowerdir=/,upperdir=${folder}/upper,workdir=${folder}/work' overlay '${folder}/root'
    cd '${folder}/root'
    mkdir old
    for mounted in proc sys dev run; do mount --rbind "/$mounted" "$mounted"; done
    pivot_root . old
    umount -l /old
    cd '${ROOT}'
    ${script}`;
  const privately = ["unshare", "--mount", "--propagation", "private", "/bin/sh", "-euc", box];
  return start("taskset", ["-c", String(cpu), ...privately], { HITLESS_LAB_NAME: NAME });
}

/** Only from one file system can the box be made; and in a container all other tests show what these would. */
const canBox = (): boolean => {
  const device = (file: string) => fs.statSync(file, { throwIfNoEntry: false })?.dev;
  const isOverlay = mounts().some((mount) => mount.at === "/" && mount.type === "overlay");
  return (
    !isOverlay && [ROOT, cacheDirectory(), process.execPath].every((file) => device(file) === device("/"))
  );
};

describe("the lab within a container", function () {
  this.timeout(120_000);
  let folder: string;
  before(() => void (folder = fs.mkdtempSync(path.join(os.tmpdir(), "hitless-test-box-"))));
  after(async () => {
    await down({ progress: silentProgress, name: NAME });
    fs.rmdirSync(folder);
  });

  for (const cpu of canBox() ? [...new Set([0, os.cpus().length - 1])] : []) {
    it(`comes up, runs a pod and goes: in a container that was made on CPU ${cpu}`, async () => {
      const hitless = `${PROGRAM.map((word) => `'${word}'`).join(" ")} lab`;
      const pod = `run one --image=node:20-bookworm-slim --restart=Never -- node -p 6*7`;
      const { code, out, err } = await boxed(
        folder,
        cpu,
        `${hitless} up
         ${hitless} exec -- kubectl ${pod}
         ${hitless} exec -- kubectl wait pod/one --for=jsonpath='{.status.phase}'=Succeeded --timeout=30s
         echo "it says $(${hitless} exec -- kubectl logs one)"
         ${hitless} down`,
      ).ended;
      assert.equal(code, 0, out + err);
      assert.match(out, /^it says 42$/m);
      assert.equal(fs.existsSync(at.run), false);
    });
  }
});
