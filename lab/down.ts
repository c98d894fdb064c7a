import * as fs from "node:fs";
import { unusable } from "../shared/errors";
import { acquire, type Owner } from "./toolbelt/lock";
import type { Progress } from "../shared/progress";
import { type Layout, layout } from "./layout";
import { removeNamespaces } from "./namespaces";
import { cgroupFolders, endProcesses, removeCgroups } from "./processes";
import { requireRoot } from "./requirements";
import { readStatus } from "./status";

/** Says once who is waited for. */
export function waiting(progress: Progress): (owner: Owner) => void {
  let told = false;
  return ({ doing, pid }) => {
    if (!told) progress.note(`waiting for ${doing} (pid ${pid})`);
    told = true;
  };
}

/** Takes the lab down and leaves the host as it was; also what a killed `up` or `down` left. */
export async function down({ progress, name }: { progress: Progress; name?: string }): Promise<void> {
  requireRoot();
  const at = layout(name);
  const held = await acquire(at.lockDir, "hitless lab down", waiting(progress));
  try {
    if ((await readStatus(at)).state === "down") return;
    const step = progress.start("Take the lab down");
    await clean(at);
    step.done();
  } finally {
    held.release();
  }
}

const POLL_MS = 50;
const PATIENCE_MS = 10_000;

/** Removes every trace of a lab, however far it had come. The caller holds the lab's lock. */
export async function clean(at: Layout): Promise<void> {
  const left = await endProcesses(at);
  if (left.length > 0) {
    throw unusable(
      "some of the lab's processes do not end",
      left.map((one) => ({
        where: `pid ${one.pid}`,
        what: one.command,
        fix: "see why it hangs (/proc/PID/stack), then run hitless lab down again",
      })),
    );
  }
  removeNamespaces(at);
  // A control group, and a mount of a dying namespace, go a moment after their last process.
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    removeCgroups(at);
    try {
      fs.rmSync(at.state, { recursive: true, force: true });
    } catch (error) {
      if (Date.now() > until) throw unusable(`${at.state} cannot be removed`, [], { cause: error });
    }
    if (cgroupFolders(at).length === 0 && !fs.existsSync(at.state)) return;
    if (Date.now() > until)
      throw unusable(
        "the lab's control groups cannot be removed",
        cgroupFolders(at).map((where) => ({ where, what: "is still in use" })),
      );
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
