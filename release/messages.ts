import { formatPins, parsePins, type Pins, type Slot } from "../components/names";

/** What the engine's history says of an update that left traffic settled on one slot. */
export interface Finished {
  kind: "release" | "cutover" | "rollback";
  slot: Slot;
  pins: Pins;
}

/** The message of an update that finishes a release; rollbacks look for it in the stack's history. */
export const finishedMessage = (environment: string, { kind, slot, pins }: Finished): string =>
  `hitless ${kind} finished: ${environment} serves ${slot} (${formatPins(pins)})`;

export function parseFinished(message: string): Finished | undefined {
  const match = /^hitless (release|cutover|rollback) finished: \S+ serves (blue|green) \((.*)\)$/.exec(
    message,
  );
  if (!match) return undefined;
  return { kind: match[1] as Finished["kind"], slot: match[2] as Slot, pins: parsePins(match[3]) };
}

/**
 * Where a rollback goes: the newest finished config before the current one. A rollback is a step back, so two in a
 * row go back twice instead of returning to what was just left.
 * @param updates newest first
 * @param version only a config whose slot runs this version (or exactly this revision)
 */
export function rollbackTarget(
  updates: { message: string; version: number }[],
  version?: string,
): (Finished & { version: number }) | undefined {
  const path: (Finished & { version: number })[] = [];
  for (const update of [...updates].reverse()) {
    const finished = parseFinished(update.message);
    if (!finished) continue;
    if (finished.kind === "rollback") {
      const back = path.findLastIndex((entry) => same(entry, finished));
      if (back >= 0) path.length = back;
    }
    if (!path.at(-1) || !same(path.at(-1) as Finished, finished))
      path.push({ ...finished, version: update.version });
  }
  const before = path.slice(0, -1).reverse();
  if (version === undefined) return before[0];
  return before.find(
    ({ slot, pins }) => pins[slot] === version || pins[slot]?.replace(/-[0-9a-f]{8}$/, "") === version,
  );
}

const same = (a: Finished, b: Finished) => a.slot === b.slot && formatPins(a.pins) === formatPins(b.pins);
