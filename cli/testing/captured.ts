/** What a piece of work wrote, and what it returned. */
export interface Captured<T> {
  value: T;
  stdout: string;
  stderr: string;
}

/** Runs `work` with this process's output kept back. For work that ends by itself, and soon. */
export async function captured<T>(work: () => T | Promise<T>): Promise<Captured<T>> {
  const said = { stdout: "", stderr: "" };
  const restore = (["stdout", "stderr"] as const).map((name) => {
    const stream = process[name];
    const write = stream.write.bind(stream);
    stream.write = (text: string | Uint8Array) => {
      said[name] += text.toString();
      return true;
    };
    return () => (stream.write = write);
  });
  try {
    const value = await work();
    return { value, ...said };
  } finally {
    restore.forEach((undo) => undo());
  }
}
