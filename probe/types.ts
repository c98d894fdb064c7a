/** The kinds of client that behave differently when traffic moves. */
export const CLIENT_KINDS = ["new-connection", "keep-alive", "slow", "post", "websocket"] as const;
export type ClientKind = (typeof CLIENT_KINDS)[number];

/** How a request can fail; each fails in exactly one way. */
export const FAILURE_KINDS = ["refused", "reset", "timeout", "status", "duplicate", "lost"] as const;
export type FailureKind = (typeof FAILURE_KINDS)[number];

export interface ProbeOptions {
  /** Where the requests go. Only GETs of this URL are made unless `clients` names more. */
  url: string;
  /** Requests a second of all clients together, the slow ones apart. @default 60 */
  rate?: number;
  /** @default new-connection and keep-alive: what any URL can take */
  clients?: ClientKind[];
  /** How long a slow request takes, in milliseconds. @default 4000 */
  slowMs?: number;
  /** After this many milliseconds without an answer a request has failed. @default 15000 */
  timeoutMs?: number;
  /** No more requests than these are made. @default 1,000,000 */
  maxRequests?: number;
}

export interface FailureSample {
  /** ISO time. */
  at: string;
  client: ClientKind;
  kind: FailureKind;
  detail: string;
}

/** When a slot answered, in milliseconds since 1970. */
export interface SlotTimes {
  firstSeen: number;
  lastSeen: number;
  firstNewConnection: number | null;
  lastNewConnection: number | null;
}

export interface ProbeResult {
  startedAt: string;
  finishedAt: string;
  total: number;
  failed: number;
  byClient: Record<string, { total: number; failed: number }>;
  /** Answered requests by the slot that the answer names; "" where it names none. */
  bySlot: Record<string, number>;
  byVersion: Record<string, number>;
  failures: Partial<Record<FailureKind, number>>;
  /** With 95 % confidence the failure rate is below this. */
  upperBound95: number;
  timeline: { second: number; slot: string; ok: number; failed: number }[];
  /** The first failures, with what was said. */
  samples: FailureSample[];
  slots: Record<string, SlotTimes>;
  /** The slot that answered last on each connection that is still open, by client kind. */
  lastSlotOf: Record<string, string[]>;
  /** Milliseconds. */
  latency: { p50: number; p95: number; p99: number; max: number };
  /** Requests that were not made because too many were waiting for an answer. */
  skipped: number;
}

export interface RunningProbe {
  snapshot(): Promise<ProbeResult>;
  /** Makes no more requests, waits for the answers that are due, and returns the result. */
  stop(): Promise<ProbeResult>;
  /** Resolves when that many requests have failed, or the probe ends. */
  untilFailures(count: number): Promise<void>;
}
