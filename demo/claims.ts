/** Something that the story says, and whether it was so. */
export interface Claim {
  claim: string;
  ok: boolean;
  seen: string;
}

/** The story's claims, in order. All of them must hold. */
export class Claims {
  readonly all: Claim[] = [];

  check(claim: string, ok: boolean, seen: string): void {
    this.all.push({ claim, ok, seen });
    process.stdout.write(`  ${ok ? "holds" : "FAILS"}  ${claim}\n         ${seen}\n`);
  }

  get hold(): boolean {
    return this.all.length > 0 && this.all.every(({ ok }) => ok);
  }
}

/** The chapters' headings, with how long it took so far. */
export function chapter(number: number, title: string): void {
  process.stdout.write(`\n${number}. ${title}\n${"-".repeat(title.length + 3)}\n`);
}

export const say = (...lines: string[]): void =>
  void process.stdout.write(lines.map((line) => `  ${line}\n`).join(""));
