import type { ReceiptInput, ReceiptStep, Tick } from "./receipt";

/** A receipt for tests and for looking at the page: a cutover from blue to green under load. Deterministic. */
export function receiptFixture(changes: Partial<ReceiptInput> = {}): ReceiptInput {
  const timeline = changes.timeline ?? cutoverTimeline();
  const bySlot = { blue: answered(timeline, "blue"), green: answered(timeline, "green") };
  const total = timeline.reduce((all, { ok, failed }) => all + ok + failed, 0);
  const failed = timeline.reduce((all, tick) => all + tick.failed, 0);
  return {
    cluster: "5f0e8f0a-7c55-4b6a-9d0f-2f2a54c1f8d3",
    environment: "dev",
    from: "blue",
    to: "green",
    outcome: "done",
    startedAt: at(0),
    finishedAt: at(62.4),
    requests: {
      total,
      failed,
      byClient: {
        "new-connection": share(total, failed, 0.42),
        "keep-alive": share(total, 0, 0.4),
        slow: share(total, 0, 0.02),
        post: share(total, 0, 0.15),
        websocket: share(total, 0, 0.01),
      },
      bySlot,
      byVersion: { v1: bySlot.blue, v2: bySlot.green },
      failures: failed ? { refused: 1, status: failed - 1 } : {},
      upperBound95: failed ? Math.min(1, (failed + 4) / total) : 1 - 0.05 ** (1 / Math.max(1, total)),
      latency: { p50: 2.1, p95: 6.4, p99: 14.8, max: 4012.3 },
    },
    negativeControl: { total: 8684, failed: 30 },
    clientsLeft: 0,
    steps: STEPS,
    timeline,
    samples: failed
      ? [
          {
            at: at(17.2),
            client: "new-connection",
            kind: "refused",
            detail: "connect ECONNREFUSED 127.0.0.1:30080",
          },
        ]
      : [],
    config: {
      before: {
        encryptionsalt: "v1:abc",
        config: { phase: "blue", serve: { blue: "v1-ab12cd34" }, hold: "15s" },
      },
      after: {
        encryptionsalt: "v1:abc",
        config: {
          phase: "green",
          serve: { green: "v2-77aa01ff" },
          hold: "15s",
          token: { secure: "AAABADOtHeCiphertext" },
        },
      },
    },
    policy: { pack: "hitless", version: "0.1.0", violations: 0 },
    versions: { pulumi: "3.250.0", kubernetes: "v1.34.2" },
    ...changes,
  };
}

const ZERO = Date.UTC(2026, 10, 21, 4, 12, 7);
const at = (seconds: number): string => new Date(ZERO + seconds * 1000).toISOString();
const step = (title: string, from: number, seconds: number, ok = true): ReceiptStep => ({
  title,
  startedAt: at(from),
  durationMs: Math.round(seconds * 1000),
  ok,
});

const STEPS: ReceiptStep[] = [
  step("check that green is ready at v2-77aa01ff", 0, 0.8),
  step("send new connections to blue and green", 0.8, 5.6),
  step("wait until green answers", 6.4, 1.3),
  step("send new connections to green alone", 7.7, 5.4),
  step("wait until blue gets no new connections", 13.1, 10),
  step("renew blue's pods, so that they close what is open", 23.1, 34.2),
  step("look for clients that are still on blue", 57.3, 0.4),
  step("write down that the cutover finished", 57.7, 4.7),
];

/** Slot by second: blue until 6 s, both until 13 s, then green, with keep-alive clients leaving blue as its pods are renewed. */
export function cutoverTimeline(failedAt: (second: number) => number = () => 0): Tick[] {
  const ticks: Tick[] = [];
  for (let s = -4; s < 66; s++) {
    const rate = 96 + ((s * 37 + 400) % 11);
    const blue = s < 6 ? 1 : s < 13 ? 0.72 : s < 28 ? 0.42 : s < 44 ? 0.42 - (s - 28) * 0.026 : 0;
    const onBlue = Math.max(0, Math.round(rate * blue));
    const second = ZERO / 1000 + s;
    const failed = failedAt(s);
    if (onBlue) ticks.push({ second, slot: "blue", ok: onBlue, failed: 0 });
    if (rate - onBlue > 0) ticks.push({ second, slot: "green", ok: rate - onBlue - failed, failed });
  }
  return ticks;
}

const answered = (timeline: Tick[], slot: string): number =>
  timeline.filter((tick) => tick.slot === slot).reduce((all, { ok, failed }) => all + ok + failed, 0);

const share = (total: number, failed: number, part: number): { total: number; failed: number } => ({
  total: Math.round(total * part),
  failed,
});
