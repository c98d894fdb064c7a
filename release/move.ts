import * as path from "node:path";
import type { Slot } from "../components/names";
import { forkProbe, type ProbeOptions, type ProbeResult, type RunningProbe } from "../probe";
import { HitlessError } from "../shared/errors";
import type { Context } from "./context";
import { cutover, type CutoverResult } from "./cutover";
import { engineVersion, PACK_VERSION } from "./engine";
import { measured, type Receipt, type ReceiptFiles, type ReceiptInput, writeReceipt } from "./receipt";
import { rollback } from "./rollback";

export interface MoveRequest {
  kind: "cutover" | "rollback";
  /** For a cutover. */
  to?: Slot | undefined;
  /** For a rollback: only to this version. */
  version?: string | undefined;
  redeploy?: boolean | undefined;
  /** Load to measure with: options to start it, or one that runs already. */
  probe?: ProbeOptions | RunningProbe | undefined;
  /** The load goes on until at least so many requests were made: a rate is only as sure as their number. */
  leastRequests?: number | undefined;
  receiptsDir?: string | undefined;
  /** Whether receipts/latest.json becomes this one. @default true */
  latest?: boolean | undefined;
  /** More that the caller knows of this release. */
  more?: (result: ProbeResult | undefined) => Partial<ReceiptInput>;
  /** Told when the load has shown what is normal, and the move begins. */
  onBegin?: (() => void) | undefined;
  onMoved?: (() => void) | undefined;
}

export interface Moved {
  receipt: Receipt;
  files: ReceiptFiles;
  result: CutoverResult | undefined;
  probe: ProbeResult | undefined;
  /** Why it did not go through. */
  error: Error | undefined;
}

/** How long load runs before and after a move, so that the receipt shows what was normal. */
const AROUND_MS = 2000;

const isRunning = (probe: ProbeOptions | RunningProbe): probe is RunningProbe => "stop" in probe;

/** A cutover or rollback that leaves a receipt, however it ends. */
export async function moveTraffic(context: Context, request: MoveRequest): Promise<Moved> {
  const startedAt = new Date();
  const probe = request.probe && (isRunning(request.probe) ? request.probe : await forkProbe(request.probe));
  const pause = () => new Promise((resolve) => setTimeout(resolve, probe ? AROUND_MS : 0));
  await pause();
  request.onBegin?.();
  let result: CutoverResult | undefined;
  let error: Error | undefined;
  try {
    const onMoved = request.onMoved ? { onMoved: request.onMoved } : {};
    result =
      request.kind === "cutover"
        ? await cutover(context, { to: request.to as Slot, ...onMoved })
        : await rollback(context, { version: request.version, redeploy: request.redeploy, ...onMoved });
  } catch (failure) {
    error = failure instanceof Error ? failure : new Error(String(failure));
  }
  await pause();
  if (probe) await untilRequests(probe, request.leastRequests ?? 0);
  const seen = await probe?.stop();
  const failedRequests = (seen?.failed ?? 0) > 0;
  const input: ReceiptInput = {
    ...(await facts(context)),
    from: result?.from ?? "",
    to: result?.to ?? request.to ?? "",
    outcome: outcomeOf(request.kind, result, error, failedRequests),
    reason: error ? reasonOf(error) : failedRequests ? `${seen?.failed} requests failed` : null,
    startedAt: startedAt.toISOString(),
    finishedAt: new Date().toISOString(),
    ...measured(seen ?? null, "no probe was asked for: --probe URL measures"),
    negativeControl: null,
    clientsLeft: result?.clientsLeft ?? null,
    steps: result?.steps ?? [],
    config: { before: result?.before ?? null, after: result?.after ?? null },
    policy: { pack: "hitless", version: PACK_VERSION, violations: result?.violations.length ?? 0 },
    ...request.more?.(seen),
  };
  const dir = request.receiptsDir ?? path.join(context.project.dir, "receipts");
  const written = writeReceipt(dir, input, { latest: request.latest ?? true });
  return {
    receipt: written.receipt,
    files: { json: written.json, html: written.html },
    result,
    probe: seen,
    error,
  };
}

const LONGEST_WAIT_MS = 120_000;

async function untilRequests(probe: RunningProbe, least: number): Promise<void> {
  const until = Date.now() + LONGEST_WAIT_MS;
  while ((await probe.snapshot()).total < least && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** What a receipt says of where it was written. */
export async function facts(
  context: Context,
): Promise<Pick<ReceiptInput, "cluster" | "environment" | "versions">> {
  const [system, version, pulumi] = await Promise.all([
    context.cluster.core.readNamespace({ name: "kube-system" }),
    context.cluster.version.getCode(),
    engineVersion(context.engine),
  ]);
  return {
    cluster: system.metadata?.uid ?? "",
    environment: context.at.environment,
    versions: { pulumi, kubernetes: version.gitVersion.replace(/^v/, "") },
  };
}

function outcomeOf(
  kind: MoveRequest["kind"],
  result: CutoverResult | undefined,
  error: unknown,
  failedRequests: boolean,
): Receipt["outcome"] {
  if (error) return error instanceof HitlessError && error.code === 1 && !result ? "refused" : "failed";
  if (failedRequests && kind === "cutover") return "failed";
  return kind === "rollback" ? "rolled-back" : "done";
}

const reasonOf = (error: unknown): string => (error instanceof HitlessError ? error.message : String(error));
