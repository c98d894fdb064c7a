import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import type { z } from "zod";
import { unusable } from "../../shared/errors";
import { renderHtml } from "./html";
import { type Receipt, type ReceiptInput, receiptSchema } from "./receipt";

export interface ReceiptFiles {
  json: string;
  html: string;
}

export interface WriteOptions {
  /** Whether `latest.json` becomes this receipt too. Default false. */
  latest?: boolean;
}

/**
 * Writes a receipt as `<time>.json` and `<time>.html` into `dir`, secrets replaced. A reader never sees half a file,
 * and no earlier receipt is overwritten: two of the same millisecond get names of their own.
 * @throws HitlessError (exit 2) when the receipt itself is not valid.
 */
export function writeReceipt(
  dir: string,
  input: ReceiptInput,
  { latest = false }: WriteOptions = {},
): ReceiptFiles & { receipt: Receipt } {
  const receipt = clean(input, "a receipt to be written");
  const { json, html } = contents(receipt);
  fs.mkdirSync(dir, { recursive: true });
  const name = receipt.finishedAt.replace(/[:.]/g, "-");
  for (let copy = 1; ; copy++) {
    // "_" sorts behind ".", so that copies come after the first.
    const base = path.join(dir, copy === 1 ? name : `${name}_${String(copy).padStart(3, "0")}`);
    const files = { json: `${base}.json`, html: `${base}.html` };
    if (!create(files.html, html)) continue;
    if (!create(files.json, json)) {
      fs.rmSync(files.html);
      continue;
    }
    if (latest) replace(path.join(dir, "latest.json"), json);
    return { ...files, receipt };
  }
}

/** Completes a receipt that was written before, in place: the negative control, for example, which runs after it. */
export function amendReceipt(
  file: string,
  changes: Partial<ReceiptInput>,
  { latest = false }: WriteOptions = {},
): ReceiptFiles & { receipt: Receipt } {
  const receipt = clean({ ...readReceipt(file), ...changes }, file);
  const { json, html } = contents(receipt);
  const files = { json: file, html: file.replace(/\.json$/, ".html") };
  replace(files.html, html);
  replace(files.json, json);
  if (latest) replace(path.join(path.dirname(file), "latest.json"), json);
  return { ...files, receipt };
}

/** @throws HitlessError (exit 2) when there is no such file, or it is not a receipt: with every problem it has. */
export function readReceipt(file: string): Receipt {
  let parsed: unknown;
  try {
    parsed = JSON.parse(fs.readFileSync(file, "utf8"));
  } catch (cause) {
    throw unusable(
      "The receipt cannot be read",
      [{ where: file, what: cause instanceof Error ? cause.message : String(cause) }],
      { cause },
    );
  }
  return clean(parsed, file);
}

function clean(value: unknown, where: string): Receipt {
  const result = receiptSchema.safeParse(value);
  if (!result.success) throw unusable("This is not a receipt", problems(result.error, where));
  return result.data;
}

const problems = (error: z.ZodError, where: string) =>
  error.issues.map((issue) => ({ where, what: `${issue.path.join(".") || "the whole"}: ${issue.message}` }));

const contents = (receipt: Receipt): { json: string; html: string } => ({
  json: `${JSON.stringify(receipt, null, 2)}\n`,
  html: renderHtml(receipt),
});

/** Puts a new file in place whole. False if there is one already. */
function create(file: string, text: string): boolean {
  const aside = write(file, text);
  try {
    fs.linkSync(aside, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  } finally {
    fs.rmSync(aside, { force: true });
  }
}

/** Puts a file in place whole, instead of the one that may be there. */
const replace = (file: string, text: string): void => fs.renameSync(write(file, text), file);

function write(file: string, text: string): string {
  const aside = path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString("hex")}`);
  fs.writeFileSync(aside, text, { flag: "wx", flush: true });
  return aside;
}
