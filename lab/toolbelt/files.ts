import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

/** Writes a shell script of one line, unless it is there already. */
export function script(at: string, line: string): void {
  const text = `#!/bin/sh\n${line}\n`;
  if (readOr(() => fs.readFileSync(at, "utf8")) === text) return;
  inPlace(at, (scratch) => fs.writeFileSync(scratch, text, { mode: 0o755 }));
}

/** A word as the shell reads it back unchanged. */
export const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

export function symlink(target: string, at: string): void {
  if (readOr(() => fs.readlinkSync(at)) === target) return;
  inPlace(at, (scratch) => fs.symlinkSync(target, scratch));
}

/** The same file under another name; a copy where that is on another file system. */
export function hardLink(target: string, at: string): void {
  const [want, have] = [fs.statSync(target), readOr(() => fs.lstatSync(at))];
  // A copy keeps the time.
  if (have?.isFile() && (have.ino === want.ino || (have.size === want.size && +have.mtime === +want.mtime)))
    return;
  inPlace(at, (scratch) => {
    try {
      fs.linkSync(target, scratch);
    } catch {
      fs.copyFileSync(target, scratch, fs.constants.COPYFILE_FICLONE);
      fs.chmodSync(scratch, 0o755);
      fs.utimesSync(scratch, want.atime, want.mtime);
    }
  });
}

/** Makes a file aside and moves it into place, so that nobody meets half of it. */
function inPlace(at: string, make: (scratch: string) => void): void {
  fs.mkdirSync(path.dirname(at), { recursive: true });
  const scratch = `${at}.${process.pid}-${randomBytes(4).toString("hex")}`;
  make(scratch);
  fs.renameSync(scratch, at);
}

function readOr<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
