import type { ChildProcess } from "node:child_process";
import type { ServerWritableStream } from "@grpc/grpc-js";

/** Ties a child to a streaming call: what it prints goes out, and it ends when the caller goes away. */
export function relay(
  call: ServerWritableStream<unknown, unknown>,
  child: ChildProcess,
  to: { stdout(chunk: Buffer): void; stderr(chunk: Buffer): void; ended(code: number): void },
): void {
  let over = false;
  child.stdout?.on("data", (chunk: Buffer) => over || to.stdout(chunk));
  child.stderr?.on("data", (chunk: Buffer) => over || to.stderr(chunk));
  child.once("error", (error) => {
    over = true;
    call.destroy(error);
  });
  child.once("close", (code) => {
    if (!over) to.ended(code ?? 1);
  });
  call.on("cancelled", () => {
    over = true;
    child.kill("SIGKILL");
  });
}
