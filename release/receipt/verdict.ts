import { count, percentAtMost, plural, took } from "./format";
import type { Receipt } from "./receipt";

/** What a receipt amounts to, in words. */
export interface Verdict {
  /** `good` only for a finished release with requests made and none failed, and no control that speaks against the probe. */
  tone: "good" | "bad" | "unknown";
  headline: string;
  /** What belongs to it: the bound, the reason, the control, who is left. Whole sentences. */
  details: string[];
}

/** The verdict on a release. Never calls a release clean that was not measured, or whose probe proves nothing. */
export function verdictOf(receipt: Receipt): Verdict {
  return { tone: tone(receipt), headline: headline(receipt), details: details(receipt) };
}

function tone({ outcome, requests, negativeControl }: Receipt): Verdict["tone"] {
  if (outcome !== "done" || (requests?.failed ?? 0) > 0) return "bad";
  if (!requests?.total || (negativeControl && negativeControl.failed === 0)) return "unknown";
  return "good";
}

function headline({ outcome, requests }: Receipt): string {
  const seen = requests?.total
    ? `${count(requests.failed)} of ${plural(requests.total, "request")} failed`
    : undefined;
  const unseen = requests ? "no request was made" : "requests were not measured";
  switch (outcome) {
    case "done":
      return seen ?? `Finished, but ${unseen}`;
    case "rolled-back":
      return `Rolled back; ${seen ?? unseen}`;
    case "refused":
      return seen ? `Refused; ${seen} meanwhile` : "Refused";
    case "failed":
      return `The release failed; ${seen ?? unseen}`;
  }
}

function details(receipt: Receipt): string[] {
  const { outcome, reason, requests, notMeasured, exposure, clientsLeft, from } = receipt;
  const lines: string[] = [];
  if (reason) lines.push(`Why: ${sentence(reason)}`);
  if (outcome === "failed") {
    const step = receipt.steps.find(({ ok }) => !ok);
    if (step) lines.push(`It stopped at the step "${step.title}".`);
  }
  if (requests?.total)
    lines.push(`With 95 % confidence the failure rate is below ${percentAtMost(requests.upperBound95)}.`);
  else if (requests) lines.push("Whether requests would have failed is not known.");
  else if (notMeasured) lines.push(`Not measured: ${sentence(notMeasured)}`);
  if (requests?.skipped)
    lines.push(
      `${plural(requests.skipped, "request")} could not be made: too many were waiting for an answer.`,
    );
  if (exposure)
    lines.push(
      `The broken release was exposed to ${plural(exposure.requests, "request")}, for ${took(exposure.seconds * 1000)}.`,
    );
  if (requests?.total) lines.push(control(receipt.negativeControl));
  if (clientsLeft)
    lines.push(
      `${plural(clientsLeft, "client")} ${clientsLeft === 1 ? "was" : "were"} still connected to ${from}.`,
    );
  return lines;
}

function control(negative: Receipt["negativeControl"]): string {
  if (!negative) return "No negative control ran beside it.";
  const seen = `${count(negative.failed)} of ${plural(negative.total, "request")} failed`;
  return negative.failed > 0
    ? `The same probe sees drops: in the negative control ${seen}.`
    : `This proves nothing: in the negative control, which must drop requests, ${seen}.`;
}

const sentence = (text: string): string => (/[.!?]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);
