import type { Slot } from "../components/names";
import type { ClientKind } from "../probe";
import type { Context } from "../release/context";
import { moveTraffic } from "../release/move";
import { renderReceipt } from "../release/receipt";
import type { Output } from "./output";

/** Options that a cutover and a rollback share. */
export interface MoveOptions {
  probe?: string;
  rate?: number;
  clients?: ClientKind[];
  least?: number;
  receipts?: string;
  redeploy?: boolean;
}

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error("the release failed", { cause: error });

interface Move extends MoveOptions {
  kind: "cutover" | "rollback";
  to?: Slot;
  version?: string | undefined;
}

/** Runs the move, shows its receipt, and fails when a request did. */
export async function move(context: Context, out: Output, options: Move): Promise<void> {
  const { kind, to, version, redeploy, rate, clients, least, receipts } = options;
  const probe = options.probe
    ? { url: options.probe, ...(rate ? { rate } : {}), ...(clients ? { clients } : {}) }
    : undefined;
  const moved = await moveTraffic(context, {
    kind,
    to,
    version,
    redeploy,
    probe,
    leastRequests: least,
    receiptsDir: receipts,
  });
  if (moved.error) {
    out.progress.note(`receipt: ${moved.files.json}`);
    throw asError(moved.error);
  }
  if (!moved.result?.changed) out.progress.note(`${moved.receipt.to} serves already: nothing to do`);
  out.result(["", ...renderReceipt(moved.receipt, moved.files)], { ...moved.receipt, files: moved.files });
  if (moved.receipt.outcome === "failed") process.exitCode = 1;
}
