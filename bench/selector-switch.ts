import { LABEL, otherSlot, type Slot, slotLabels, environmentLabels } from "../components/names";
import { forkProbe } from "../probe";
import type { Context } from "../release/context";
import { readBackDataPlane, readBackEndpoints } from "../release/readback";
import { environmentStatus } from "../release/status";

const SWITCHES = 200;
const RATE = 400;
/** New connections go on for this long after each switch. */
const SETTLE_MS = 300;

/**
 * How often a switch of a Service's selector drops a new connection: the plain switch (blue, then green), against the
 * overlap (blue, both, green) with the middle phase read back. Bare API calls, so that nothing but the switch is measured.
 */
export async function benchSelectorSwitch(context: Context, count = SWITCHES): Promise<boolean> {
  const { url } = await environmentStatus(context);
  for (const way of ["plain", "overlap"] as const) {
    const probe = await forkProbe({ url: url as string, rate: RATE, clients: ["new-connection"] });
    for (let run = 0; run < count; run++) {
      const to = otherSlot(await liveSlot(context));
      if (way === "overlap") {
        const began = Date.now();
        await select(context, undefined);
        await readBackEndpoints(context.cluster, context.at, ["blue", "green"]);
        await readBackDataPlane(context.cluster, began, 2);
      }
      await select(context, to);
      await readBackEndpoints(context.cluster, context.at, [to]);
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    }
    const { total, failed, failures, upperBound95, samples } = await probe.stop();
    process.stdout.write(
      `${way.padEnd(8)} ${count} switches, ${total} new connections, ${failed} failed ${JSON.stringify(failures)}; rate below ${(100 * upperBound95).toPrecision(2)} % (95 %)\n`,
    );
    for (const sample of samples)
      process.stdout.write(`         ${sample.at} ${sample.kind}: ${sample.detail}\n`);
  }
  return true;
}

async function liveSlot({ cluster, at }: Context): Promise<Slot> {
  const service = await cluster.core.readNamespacedService({ namespace: at.namespace, name: at.app });
  return service.spec?.selector?.[LABEL.slot] as Slot;
}

async function select({ cluster, at }: Context, slot: Slot | undefined): Promise<void> {
  const service = await cluster.core.readNamespacedService({ namespace: at.namespace, name: at.app });
  const selector = slot ? slotLabels(at, slot) : environmentLabels(at);
  await cluster.core.replaceNamespacedService({
    namespace: at.namespace,
    name: at.app,
    body: { ...service, spec: { ...service.spec, selector } },
  });
}
