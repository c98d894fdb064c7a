require("../tools/bundle.js").load("policies/main.ts");
