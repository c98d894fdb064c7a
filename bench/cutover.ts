import { LABEL, otherSlot, type Slot } from "../components/names";
import { CLIENT_KINDS, forkProbe, type ProbeResult } from "../probe";
import { apply } from "../release/apply";
import { type Context, reread } from "../release/context";
import { moveTraffic } from "../release/move";
import { environmentStatus } from "../release/status";
import { median, spread } from "./statistics";

const CUTOVERS = 20;
const RATE = 150;
/** The aim: from the command to all new connections on the new slot, as a multiple of one traffic `up`. */
const AIM = 2.2;

/**
 * Cutovers there and back under load, in one run with the two floors they are measured against: one traffic `up` that
 * changes nothing, and a bare patch of a Service's selector.
 */
export async function benchCutover(context: Context, count = CUTOVERS): Promise<boolean> {
  const { url, live } = await environmentStatus(context);
  let to: Slot = otherSlot(live[0] ?? "blue");
  const first: number[] = [];
  const last: number[] = [];
  const ups: number[] = [];
  const patches: number[] = [];
  let total = 0;
  let failed = 0;
  for (let run = 1; run <= count; run++) {
    ups.push(
      await timed(() =>
        apply(reread(context), context.files.traffic.stack, { message: "bench: unchanged", exists: true }),
      ),
    );
    patches.push(await barePatch(context));
    const probe = await forkProbe({ url: url as string, rate: RATE, clients: [...CLIENT_KINDS] });
    let began = 0;
    const moved = await moveTraffic(reread(context), {
      kind: "cutover",
      to,
      probe,
      latest: false,
      onBegin: () => (began = Date.now()),
    });
    if (moved.error) throw moved.error;
    const seen = moved.probe as ProbeResult;
    total += seen.total;
    failed += seen.failed;
    first.push((seen.slots[to]?.firstSeen ?? NaN) - began);
    last.push((seen.slots[otherSlot(to)]?.lastNewConnection ?? NaN) - began);
    process.stdout.write(
      `${String(run).padStart(2)}  to ${to.padEnd(5)}  first ${at(first)}  last new connection on the old slot ${at(last)}  up ${at(ups)}  ${seen.failed} of ${seen.total} failed\n`,
    );
    to = otherSlot(to);
  }
  const ratio = median(last) / median(ups);
  process.stdout.write(
    [
      "",
      `                                                    least / median / most of ${count}`,
      `command to the first request on the new slot        ${spread(first)}`,
      `command to the last new connection on the old slot  ${spread(last)}`,
      `one traffic up without change (floor)               ${spread(ups)}`,
      `a bare patch of another Service (floor)             ${spread(patches)}`,
      "",
      `last new connection / one up, medians               ${ratio.toFixed(2)} (aim: at most ${AIM})`,
      `failed                                              ${failed} of ${total}`,
      "",
    ].join("\n"),
  );
  return failed === 0;
}

const at = (values: number[]) => `${((values.at(-1) ?? NaN) / 1000).toFixed(2)} s`;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** What the API server alone needs to change a selector: on a Service of its own that nobody uses. */
async function barePatch({ cluster, at }: Context): Promise<number> {
  const { namespace } = at;
  const name = "bench-floor";
  const selector = { app: "nobody", [LABEL.slot]: "blue" };
  const created = await cluster.core.createNamespacedService({
    namespace,
    body: { metadata: { name }, spec: { selector, ports: [{ port: 80 }] } },
  });
  const took = await timed(() =>
    cluster.core.replaceNamespacedService({
      namespace,
      name,
      body: { ...created, spec: { ...created.spec, selector: { ...selector, [LABEL.slot]: "green" } } },
    }),
  );
  await cluster.core.deleteNamespacedService({ namespace, name });
  return took;
}
