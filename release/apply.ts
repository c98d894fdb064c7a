import * as fs from "node:fs";
import { readEnvironment } from "../components/live/environment";
import { formatPins, type Pins, type Slot } from "../components/names";
import type { SlotConfig, TrafficConfig } from "../infra/config";
import { refused } from "../shared/errors";
import type { Context } from "./context";
import { type EngineRun, ensureStack, failed, up } from "./engine";
import { editConfig, type StackFile, writeWhole } from "./project";

export interface ApplyOptions {
  message: string;
  holder?: string | undefined;
  onLine?: ((line: string) => void) | undefined;
  /** The stack is known to exist. @default false */
  exists?: boolean;
}

/** `pulumi up` of one stack, which is created when there is none yet. @throws HitlessError with the engine's own words when it did not go through */
export async function apply(context: Context, stack: string, options: ApplyOptions): Promise<EngineRun> {
  // Asking for the stacks takes a start of the engine: those of an environment that serves are there.
  if (!options.exists) await ensureStack(context.engine, stack);
  const result = await up(context.engine, stack, options);
  if (result.code !== 0) throw failed(`pulumi up of ${stack}`, result);
  return result;
}

/** What a traffic config says, without the rest. */
export interface TrafficState {
  live: Slot[];
  pins: Pins;
}

/**
 * Writes the next traffic config and applies it. When the engine refuses and nothing was applied, the file is put
 * back as it was: config that never was live must not look as if it were.
 */
export async function applyTraffic(
  context: Context,
  next: TrafficState,
  options: ApplyOptions,
): Promise<EngineRun> {
  const { file, stack } = context.files.traffic;
  const before = fs.readFileSync(file, "utf8");
  const live = (await readEnvironment(context.cluster, context.at)).traffic;
  const generation = (live?.generation ?? 0) + 1;
  editConfig(context.project, file, { live: next.live, revisions: next.pins, generation });
  try {
    return await apply(context, stack, { ...options, exists: live !== undefined });
  } catch (error) {
    const now = (await readEnvironment(context.cluster, context.at)).traffic;
    if ((now?.generation ?? 0) < generation) writeWhole(file, before);
    throw error;
  }
}

/** Renews the pods of a slot that has no traffic: nothing changes but their age. */
export async function renewSlot(
  context: Context,
  slot: StackFile<SlotConfig>,
  renewals: number,
  options: ApplyOptions,
): Promise<EngineRun> {
  editConfig(context.project, slot.file, { renewals });
  return apply(context, slot.stack, { ...options, exists: true });
}

/** Refuses to work from traffic config that is older than what is live, or that was edited and never applied. */
export async function refuseDrift(
  context: Context,
  reachable: (state: TrafficState) => boolean = () => false,
): Promise<void> {
  const { traffic } = await readEnvironment(context.cluster, context.at);
  const { config, file } = context.files.traffic;
  if (!traffic) return;
  const shown = (live: readonly Slot[], pins: Pins) =>
    `${live.join("+")} at ${formatPins(pins) || "no revision"}`;
  const wanted = stateOf(config);
  const mine = shown(wanted.live, wanted.pins);
  const theirs = shown(traffic.live, traffic.pins);
  if (config.generation === traffic.generation && mine === theirs) return;
  if (config.generation === traffic.generation + 1 && reachable(wanted)) return;
  const older = config.generation < traffic.generation;
  throw refused(
    older ? "the config is older than what is live" : "the config was edited and is not live yet",
    [
      {
        where: file,
        what: `generation ${config.generation}, ${mine}; live is generation ${traffic.generation}, ${theirs}`,
        fix: older
          ? "take the newest config (git pull); to go back on purpose use hitless rollback"
          : `apply it first (hitless up ${context.at.environment}), or put the live values back`,
      },
    ],
  );
}

export function stateOf(config: TrafficConfig): TrafficState {
  const pins: Pins = {};
  for (const slot of config.live) if (config.revisions[slot]) pins[slot] = config.revisions[slot];
  return { live: [...config.live].sort(), pins };
}
