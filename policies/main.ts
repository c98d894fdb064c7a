import { PolicyPack } from "@pulumi/policy";
import { packArguments } from "./pack";

// The only file that starts the pack: one process can hold one, so tests import pack.ts instead.
new PolicyPack("hitless", packArguments());
