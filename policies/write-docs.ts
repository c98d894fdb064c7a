import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { ROOT } from "../shared/paths";
import { policiesPage } from "./docs";

writeFileSync(path.join(ROOT, "docs", "policies.md"), policiesPage());
