import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { ROOT } from "../shared/paths";
import { configPage } from "./docs";

writeFileSync(path.join(ROOT, "docs", "config.md"), configPage());
