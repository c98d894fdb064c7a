import { Command } from "commander";
import * as lab from "../../lab";
import { inspect, renderFindings } from "../../lab/toolbelt";
import { createOutput } from "../output";
import type { GlobalOptions } from "../program";
import { engineEnvironment } from "../target";

const output = (command: Command) => createOutput(command.optsWithGlobals<GlobalOptions>().json ?? false);

/** `hitless lab`: a whole Kubernetes on this machine, for trying things. */
export function labCommand(): Command {
  const command = new Command("lab")
    .description("a real Kubernetes on this machine (Linux, root), in namespaces of its own")
    .addHelpText("after", "\nExample:\n  hitless lab up");
  command
    .command("up")
    .description("bring it up; what a killed run left is cleaned first")
    .addHelpText("after", "\nExample:\n  hitless lab up")
    .action(async (_options: unknown, self: Command) => {
      const out = output(self);
      await lab.up({ progress: out.progress });
      const status = await lab.status();
      out.result(lab.renderStatus(status), status);
    });
  command
    .command("down")
    .description("take it down and leave the machine as it was")
    .addHelpText("after", "\nExample:\n  hitless lab down")
    .action(async (_options: unknown, self: Command) => {
      const out = output(self);
      await lab.down({ progress: out.progress });
      const status = await lab.status();
      out.result(lab.renderStatus(status), status);
    });
  command
    .command("status")
    .description("what there is of it")
    .addHelpText("after", "\nExample:\n  hitless lab status --json")
    .action(async (_options: unknown, self: Command) => {
      const status = await lab.status();
      output(self).result(lab.renderStatus(status), status);
    });
  command
    .command("exec")
    .description(
      "run a command on the lab's network, with its kubeconfig and kubectl; passes on the exit code",
    )
    .argument("<command...>")
    .addHelpText("after", "\nExample:\n  hitless lab exec -- kubectl get nodes")
    .action(async (argv: string[]) => {
      await lab.requireUp();
      // The engine as releases run it, so that a plain `pulumi up` in here works on the same stacks.
      const { progress } = createOutput(false);
      const env = await engineEnvironment(undefined, {}, progress);
      process.exitCode = await lab.execInLab(argv, { env });
    });
  command
    .command("doctor")
    .description("which tools were found, in which version, from where; changes nothing")
    .addHelpText("after", "\nExample:\n  hitless lab doctor")
    .action(async (_options: unknown, self: Command) => {
      const findings = await inspect();
      output(self).result(renderFindings(findings), findings);
    });
  return command;
}
