import { engineEnvironment, insideLab } from "../cli/target";
import { createStoryProject } from "../demo/project";
import { openEnvironment, reread } from "../release/context";
import { upEnvironment } from "../release/up";
import { lineProgress } from "../shared/progress";
import { benchCutover } from "./cutover";
import { benchSelectorSwitch } from "./selector-switch";

/** On the lab's network: brings up an environment, and runs one benchmark on it. */
async function main([name, count]: string[]): Promise<boolean> {
  insideLab();
  const progress = lineProgress();
  const project = createStoryProject("bench");
  const env = await engineEnvironment(project, {}, progress);
  const context = openEnvironment({
    project,
    environment: "dev",
    env,
    progress: { ...progress, start: () => ({ update() {}, done() {}, fail() {} }) },
  });
  await upEnvironment(context);
  const times = count === undefined ? undefined : Number(count);
  return name === "cutover"
    ? benchCutover(reread(context), times)
    : benchSelectorSwitch(reread(context), times);
}

main(process.argv.slice(2)).then(
  (ok) => process.exit(ok ? 0 : 1),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
