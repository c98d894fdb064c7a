/** The kinds of client that behave differently when traffic moves. */
export const CLIENT_KINDS = ["new-connection", "keep-alive", "slow", "post", "websocket"] as const;
export type ClientKind = (typeof CLIENT_KINDS)[number];

/**
 * How a request can fail; each fails in exactly one way.
 * - refused: no connection could be made
 * - reset: the connection ended before the whole answer was there, or a WebSocket without a goodbye (1000 or 1001)
 * - timeout: no whole answer in time
 * - status: an answer with a code that is not expected
 * - duplicate: a POST was taken more than once, or a WebSocket message was answered twice
 * - lost: a POST was answered as if it were another, or a WebSocket message was sent and never answered
 */
export const FAILURE_KINDS = ["refused", "reset", "timeout", "status", "duplicate", "lost"] as const;
export type FailureKind = (typeof FAILURE_KINDS)[number];

/** Where the clients that need more than a GET of the URL go: paths on its host. */
export interface ProbePaths {
  /** A GET that takes `{ms}` milliseconds. @default "/slow?ms={ms}" */
  slow: string;
  /** Takes `{"id": ID}` and answers `{"id": ID, "seen": N}`, N being how often it came. @default "/orders" */
  post: string;
  /** A WebSocket that echoes text. @default "/ws" */
  websocket: string;
}

export interface ProbeOptions {
  /** Where the requests go. Only GETs of this URL are made unless `clients` names more. */
  url: string;
  /** Requests a second of all clients together, above 0, at most 5000. @default 100 */
  rate?: number;
  /** @default new-connection and keep-alive: what any URL can take. The others need an app that has `paths` */
  clients?: readonly ClientKind[];
  /** @default those of the sample app */
  paths?: Partial<ProbePaths>;
  /** How long a slow request takes, in milliseconds. Less than the app's longest request. @default 4000 */
  slowMs?: number;
  /** After this many milliseconds without a whole answer a request has failed; a slow one `slowMs` later. @default 10000 */
  timeoutMs?: number;
  /** No more requests than these are begun. @default 1,000,000 */
  maxRequests?: number;
  /** Codes that are good answers. @default 200 to 399 */
  expectStatus?: readonly number[];
}

export interface FailureSample {
  /** ISO time. */
  at: string;
  client: ClientKind;
  kind: FailureKind;
  detail: string;
}

/** When a slot was met, in milliseconds since 1970. */
export interface SlotTimes {
  /** Its first and last answer. */
  firstSeen: number;
  lastSeen: number;
  /** When the first and the last connection that it answered was begun, of any client; null if none. */
  firstNewConnection: number | null;
  lastNewConnection: number | null;
}

/** Plain JSON. `total` counts requests that ended, well or not. */
export interface ProbeResult {
  /** ISO times. */
  startedAt: string;
  finishedAt: string;
  total: number;
  failed: number;
  /** Each kind that was asked for. */
  byClient: Record<string, { total: number; failed: number }>;
  /** Answered requests by the slot that the answer names (`x-hitless-slot`). */
  bySlot: Record<string, number>;
  /** By `x-hitless-version`. */
  byVersion: Record<string, number>;
  failures: Partial<Record<FailureKind, number>>;
  /** With 95 % confidence the failure rate is below this fraction; 1 when nothing was asked. */
  upperBound95: number;
  /**
   * By the second (since 1970) in which requests ended; slot "" where no answer named one. In a very long run, ticks
   * of 2, 4, ... seconds.
   */
  timeline: { second: number; slot: string; ok: number; failed: number }[];
  /** The first 20 failures. */
  samples: FailureSample[];
  slots: Record<string, SlotTimes>;
  /** By kind of client, the slot that answered last on each connection that is open (at `stop`: was open then). */
  lastSlotOf: Record<string, string[]>;
  /** Milliseconds, of requests that went well, without those that are slow on purpose. */
  latency: { p50: number; p95: number; p99: number; max: number };
  /** Requests that were due and not made, because too many waited for an answer. */
  skipped: number;
}

export interface RunningProbe {
  snapshot(): Promise<ProbeResult>;
  /** Makes no more requests, waits for the answers that are due, and returns the result. */
  stop(): Promise<ProbeResult>;
  /** Resolves when that many requests have failed, or the probe ends. */
  untilFailures(count: number): Promise<void>;
  /** Calls `listener` for each failure from now on. @returns what ends that */
  onFailure(listener: (failure: FailureSample) => void): () => void;
  /** Resolves when it has made all the requests it may and they ended, or it was stopped. */
  ended: Promise<void>;
}
