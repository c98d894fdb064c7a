import type { Progress } from "../shared/progress";
import { startProbe } from "./run";
import type { ProbeOptions, ProbeResult } from "./types";

export interface ProbeRun extends ProbeOptions {
  /** For how long, in seconds. */
  seconds: number;
  progress: Progress;
  /** Ends it early, with what was seen until then. */
  signal?: AbortSignal | undefined;
}

/**
 * `hitless probe URL --for 30s`: the load for a while, in this process.
 * @throws HitlessError naming every option that cannot be used
 */
export async function runProbe({ seconds, progress, signal, ...options }: ProbeRun): Promise<ProbeResult> {
  const stop = AbortSignal.timeout(Math.ceil(seconds * 1000));
  const probe = await startProbe(options, { signal: signal ? AbortSignal.any([signal, stop]) : stop });
  const step = progress.start(`Probe ${options.url}`);
  const timer = setInterval(() => {
    void probe.snapshot().then(({ total, failed }) => step.update(`${total} requests, ${failed} failed`));
  }, 1000);
  try {
    await probe.ended;
    const result = await probe.stop();
    const said = `${result.total.toLocaleString("en-US")} requests, ${result.failed.toLocaleString("en-US")} failed`;
    if (result.failed > 0 || result.total === 0) step.fail(said);
    else step.done(said);
    return result;
  } finally {
    clearInterval(timer);
  }
}
