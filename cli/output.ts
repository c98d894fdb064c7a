import { HitlessError, renderProblem } from "../shared/errors";
import { lineProgress, type Progress } from "../shared/progress";

/** Where a command's words go: with `--json` one document on stdout, everything else on stderr. */
export interface Output {
  json: boolean;
  progress: Progress;
  /** The command's result: lines for people, or the document. */
  result(lines: string[], document: unknown): void;
}

export function createOutput(json: boolean): Output {
  return {
    json,
    progress: lineProgress(process.stderr),
    result: (lines, document) =>
      process.stdout.write(`${json ? JSON.stringify(document, null, 2) : lines.join("\n")}\n`),
  };
}

/** Ends the command: what went wrong on stderr (and as the document with `--json`), and the exit code. */
export function reportFailure(error: unknown, json: boolean): number {
  if (!(error instanceof HitlessError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`hitless failed in a way it does not know:\n${text}\n`);
    if (json)
      process.stdout.write(
        `${JSON.stringify({ error: { code: 2, message: String(error), problems: [] } }, null, 2)}\n`,
      );
    return 2;
  }
  const { code, title, problems } = error;
  process.stderr.write(`${[title, ...problems.map(renderProblem)].join("\n")}\n`);
  if (json)
    process.stdout.write(`${JSON.stringify({ error: { code, message: title, problems } }, null, 2)}\n`);
  return code;
}
