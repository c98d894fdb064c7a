import { readEnvironment } from "../components/live/environment";
import { otherSlot, type Slot } from "../components/names";
import { slotSchema, type SlotConfig } from "../infra/config";
import { readFiles, slotRevision } from "../infra/revision";
import { refused } from "../shared/errors";
import { apply } from "./apply";
import { type Context, reread } from "./context";
import { type CutoverResult, underLease } from "./cutover";
import { history } from "./engine";
import { type ReleaseLease, takeLease } from "./lease";
import { type Finished, rollbackTarget } from "./messages";
import { editConfig } from "./project";

export interface RollbackOptions {
  /** Only to a config whose slot runs this version. */
  version?: string | undefined;
  /** Release the old revision again where its slot no longer runs it. */
  redeploy?: boolean | undefined;
  onMoved?: (() => void) | undefined;
}

/**
 * The same cutover, to an earlier config out of the traffic stack's history: the newest that finished before the
 * current one, or the one with the version named.
 */
export async function rollback(context: Context, options: RollbackOptions = {}): Promise<CutoverResult> {
  const lease = await takeLease(context.cluster, context.at, "rollback");
  try {
    const target = await chooseTarget(context, options.version);
    const { slot } = target;
    const wanted = target.pins[slot] as string;
    const runs = (await readEnvironment(context.cluster, context.at)).slots[slot]?.revision;
    if (runs !== wanted) {
      if (!options.redeploy) throw notThere(context, slot, wanted, runs);
      await redeploy(context, lease, slot, wanted);
    }
    const onMoved = options.onMoved ? { onMoved: options.onMoved } : {};
    return await underLease(reread(context), lease, { to: slot, kind: "rollback", ...onMoved });
  } finally {
    await lease.release();
  }
}

async function chooseTarget(context: Context, version: string | undefined): Promise<Finished> {
  const updates = (await history(context.engine, context.files.traffic.stack)).filter(
    ({ result }) => result === "succeeded",
  );
  const target = rollbackTarget(updates, version);
  if (target) return target;
  throw refused(`there is nothing to roll ${context.at.environment} back to`, [
    {
      what: version
        ? `no finished release before the current one runs ${version}`
        : "no release finished before the current one",
      fix: `pulumi stack history --stack ${context.files.traffic.stack} shows what there was`,
    },
  ]);
}

function notThere({ at }: Context, slot: Slot, wanted: string, runs: string | undefined) {
  return refused(`${at.environment} is not rolled back`, [
    {
      where: `slot ${slot}`,
      what: `no longer runs ${wanted}`,
      value: runs ?? "(nothing)",
      allowed: wanted,
      fix: `hitless rollback ${at.environment} --redeploy releases it again first, or name another with --to VERSION`,
    },
  ]);
}

/** Releases an earlier config of a slot again, if it still describes the same revision. */
async function redeploy(context: Context, lease: ReleaseLease, slot: Slot, wanted: string): Promise<void> {
  const file = context.files.slots[slot];
  const live = await readEnvironment(context.cluster, context.at);
  if (!file) throw notThere(context, slot, wanted, live.slots[slot]?.revision);
  if (live.traffic?.live.includes(slot)) {
    throw refused(`slot ${slot} is live and cannot be redeployed`, [
      {
        what: `${wanted} ran in slot ${slot}, which has traffic now`,
        fix: `release ${wanted} to slot ${otherSlot(slot)} and cut over`,
      },
    ]);
  }
  const earlier = (await history(context.engine, file.stack)).flatMap(({ config }) => {
    const parsed = slotSchema.safeParse(config);
    return parsed.success && describes(context, parsed.data, wanted) ? [parsed.data] : [];
  })[0];
  if (!earlier) {
    throw refused(`${wanted} cannot be released again`, [
      {
        where: file.stack,
        what: "no earlier config describes that revision with the files as they are now",
        fix: "check out the sources of that release, then hitless up",
      },
    ]);
  }
  const { version, workload } = earlier;
  editConfig(context.project, file.file, { version, workload, renewals: live.slots[slot]?.renewals ?? 0 });
  await apply(context, file.stack, { message: `hitless rollback: ${wanted} again`, holder: lease.holder });
}

function describes(context: Context, config: SlotConfig, wanted: string): boolean {
  try {
    return slotRevision(config, readFiles(config, context.project.dir)) === wanted;
  } catch {
    return false;
  }
}
