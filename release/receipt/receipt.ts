import { z } from "zod";
import type { ProbeResult } from "../../probe";

/** The form of the file, raised when a reader of the old form would misread the new one. */
export const RECEIPT_SCHEMA = 1;

const SECRET = "[secret]";
/** Keys of a stack file that hold key material; of no use to a reader. */
const DROPPED = new Set(["encryptionsalt", "encryptedkey", "secretsprovider"]);

/**
 * Config without its secrets. Knows both of Pulumi's forms: `{ secure: "..." }` of a stack file and
 * `{ value, secret: true }` of the Automation API. A secret shows as "[secret]".
 */
export function redact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redact);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value);
  const fields = value as Record<string, unknown>;
  if (entries.length === 1 && typeof fields.secure === "string") return SECRET;
  if (fields.secret === true && "value" in fields) return SECRET;
  return Object.fromEntries(
    entries.filter(([key]) => !DROPPED.has(key.toLowerCase())).map(([key, inner]) => [key, redact(inner)]),
  );
}

const count = z.number().int().min(0);
const time = z.iso.datetime();
const counts = z.record(z.string(), count);
const share = z.strictObject({ total: count, failed: count });

/** What the probe saw while the release ran. */
export const requestsSchema = z
  .object({
    total: count,
    failed: count,
    byClient: z.record(z.string(), share),
    /** Requests answered by each slot. */
    bySlot: counts,
    /** Requests answered by each version. */
    byVersion: counts.default({}),
    /** How many failed in which way: refused, reset, timeout, status, duplicate, lost. */
    failures: counts,
    /** With 95 % confidence the failure rate is below this (a fraction, 0 to 1; 1 when nothing was asked). */
    upperBound95: z.number().min(0).max(1),
    /** Requests that were due and not made, because too many waited for an answer. */
    skipped: count.default(0),
    /** Milliseconds. */
    latency: z.object({ p50: z.number(), p95: z.number(), p99: z.number(), max: z.number() }).optional(),
  })
  .refine(({ total, failed }) => failed <= total, "more requests failed than were made");

const stepSchema = z.object({
  title: z.string(),
  startedAt: time,
  durationMs: z.number().min(0),
  ok: z.boolean(),
});

const tickSchema = z.object({
  /** Seconds since 1970. */
  second: count,
  /** The slot that answered; empty where none did. */
  slot: z.string(),
  ok: count,
  failed: count,
});

const sampleSchema = z.object({ at: time, client: z.string(), kind: z.string(), detail: z.string() });

/** The evidence that one release leaves. `receipts/*.json` hold this. */
export const receiptSchema = z.object({
  schema: z.literal(RECEIPT_SCHEMA).default(RECEIPT_SCHEMA),
  /** The UID of the cluster's kube-system namespace: which cluster it was, whatever it is called. */
  cluster: z.string(),
  environment: z.string(),
  /** The slot, or with a rolling strategy the revision, that served before. */
  from: z.string(),
  to: z.string(),
  outcome: z.enum(["done", "rolled-back", "refused", "failed"]),
  /** Why it did not end as `done`. */
  reason: z.string().nullable().default(null),
  startedAt: time,
  finishedAt: time,
  /** Null when no probe ran; `notMeasured` then says why. */
  requests: requestsSchema.nullable(),
  notMeasured: z.string().nullable().default(null),
  /** The same load over an update that is known to drop requests. Null when none ran beside this release. */
  negativeControl: share.nullable(),
  /** Requests to a release that turned out broken, and for how long it got any. Null when none did. */
  exposure: z
    .object({ requests: count, seconds: z.number().min(0) })
    .nullable()
    .default(null),
  /** Clients still connected to the old slot at the end; null when the app does not say. */
  clientsLeft: count.nullable().default(null),
  steps: z.array(stepSchema),
  /** Requests a second; empty when not measured. */
  timeline: z.array(tickSchema).default([]),
  /** The first failures, with what was said. */
  samples: z.array(sampleSchema).default([]),
  /** The traffic stack's config. What goes in with secrets comes out without: no receipt in memory holds one. */
  config: z.object({ before: z.unknown().transform(redact), after: z.unknown().transform(redact) }),
  policy: z.object({
    pack: z.string(),
    version: z.string(),
    /** How many violations the pack reported. */
    violations: count,
  }),
  versions: z.object({ pulumi: z.string(), kubernetes: z.string() }),
});

export type Receipt = z.output<typeof receiptSchema>;
export type Requests = z.output<typeof requestsSchema>;
export type ReceiptStep = z.output<typeof stepSchema>;
export type Tick = z.output<typeof tickSchema>;
/** What a caller must say; the rest has defaults. */
export type ReceiptInput = z.input<typeof receiptSchema>;

/** The part of a receipt that a probe's result fills. Pass null when none ran, with the reason. */
export function measured(
  result: ProbeResult | null,
  whyNot = "no probe was asked for",
): Pick<Receipt, "requests" | "timeline" | "samples" | "notMeasured"> {
  if (!result) return { requests: null, timeline: [], samples: [], notMeasured: whyNot };
  const {
    total,
    failed,
    byClient,
    bySlot,
    byVersion,
    failures,
    upperBound95,
    latency,
    skipped,
    timeline,
    samples,
  } = result;
  return {
    requests: {
      total,
      failed,
      byClient: Object.fromEntries(
        Object.entries(byClient).map(([kind, of]) => [kind, { total: of.total, failed: of.failed }]),
      ),
      bySlot,
      byVersion,
      failures: Object.fromEntries(Object.entries(failures).filter(([, times]) => times)),
      upperBound95,
      latency,
      skipped,
    },
    timeline,
    samples,
    notMeasured: null,
  };
}
