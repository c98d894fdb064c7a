import { readEnvironment } from "../components/live/environment";
import { type Slot, SLOTS } from "../components/names";
import { readFiles, slotRevision } from "../infra/revision";
import { unusable } from "../shared/errors";
import { apply, applyTraffic, refuseDrift, stateOf } from "./apply";
import type { Context } from "./context";
import type { PolicyViolation } from "./engine";
import { type ReleaseLease, takeLease } from "./lease";
import { finishedMessage } from "./messages";
import { readBackEndpoints } from "./readback";
import { type StepRecord, Steps } from "./steps";

export interface UpResult {
  environment: string;
  steps: StepRecord[];
  violations: PolicyViolation[];
}

export interface UpEnvironmentOptions {
  /** Only this slot; default: the whole environment. */
  slot?: Slot | undefined;
  onLine?: ((line: string) => void) | undefined;
}

/**
 * Applies an environment's stacks in the order that keeps traffic served: the platform, the live slot, traffic, the
 * other slot. Traffic is moved by a cutover only, never here.
 */
export async function upEnvironment(context: Context, options: UpEnvironmentOptions = {}): Promise<UpResult> {
  const { files, at, progress } = context;
  if (options.slot && !files.slots[options.slot]) {
    throw unusable(`${at.environment} has no slot ${options.slot}`, [
      {
        what: `stacks/Pulumi.${at.environment}-${options.slot}.yaml does not exist`,
        allowed: Object.keys(files.slots).join(", "),
      },
    ]);
  }
  const violations: PolicyViolation[] = [];
  const steps = new Steps(progress, undefined, context.signal);
  if (files.platform && !options.slot) {
    const { stack } = files.platform;
    await steps.run(`apply ${stack}`, async () => {
      violations.push(
        ...(await apply(context, stack, { message: `hitless: ${stack}`, onLine: options.onLine })).policy,
      );
    });
  }
  const lease = await takeLease(context.cluster, at, `up ${at.environment}`);
  try {
    const inLease = new Steps(progress, (title) => lease.step(title), context.signal);
    const holder = lease.holder;
    const applySlot = async (slot: Slot) => {
      const file = files.slots[slot];
      if (!file) return;
      await inLease.run(`apply ${file.stack} (${file.config.version})`, async () => {
        const run = await apply(context, file.stack, {
          message: `hitless: ${slot} at ${file.config.version}`,
          holder,
          onLine: options.onLine,
        });
        violations.push(...run.policy);
      });
    };
    if (options.slot) {
      await applySlot(options.slot);
      const live = (await readEnvironment(context.cluster, at)).traffic?.live ?? [];
      if (live.includes(options.slot)) await applyLive(context, lease, inLease, violations);
    } else {
      const serving = (await readEnvironment(context.cluster, at)).traffic?.live ?? files.traffic.config.live;
      const order = [...SLOTS].sort((a, b) => Number(serving.includes(b)) - Number(serving.includes(a)));
      for (const slot of order.filter((one) => serving.includes(one))) await applySlot(slot);
      await applyLive(context, lease, inLease, violations);
      for (const slot of order.filter((one) => !serving.includes(one))) await applySlot(slot);
    }
    return { environment: at.environment, steps: [...steps.records, ...inLease.records], violations };
  } finally {
    await lease.release();
  }
}

/** Traffic for the slots that have it: pins what the live slot runs after its own update. */
async function applyLive(
  context: Context,
  lease: ReleaseLease,
  steps: Steps,
  violations: PolicyViolation[],
): Promise<void> {
  const { at, cluster, files } = context;
  const environment = await readEnvironment(cluster, at);
  const { traffic } = environment;
  const config = stateOf(files.traffic.config);
  // A slot that was just released runs what its config describes; that is what traffic is pinned to.
  const live = traffic?.live ?? config.live;
  const pins = Object.fromEntries(
    live.map((slot) => {
      const file = files.slots[slot];
      return [
        slot,
        file ? slotRevision(file.config, readFiles(file.config, context.project.dir)) : config.pins[slot],
      ];
    }),
  );
  const same = traffic && live.every((slot) => traffic.pins[slot] === pins[slot]);
  await steps.run(`apply ${files.traffic.stack} (live: ${live.join("+")})`, async () => {
    if (same) {
      await refuseDrift(context);
      violations.push(
        ...(
          await apply(context, files.traffic.stack, {
            message: `hitless: ${at.environment} unchanged`,
            holder: lease.holder,
          })
        ).policy,
      );
      return;
    }
    const [slot] = live;
    const message =
      live.length === 1 && slot
        ? finishedMessage(at.environment, { kind: "release", slot, pins })
        : `hitless: ${at.environment} ${live.join("+")}`;
    violations.push(
      ...(await applyTraffic(context, { live, pins }, { message, holder: lease.holder })).policy,
    );
    await readBackEndpoints(cluster, at, live);
  });
}
