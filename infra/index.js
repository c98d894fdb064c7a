"use strict";
module.exports = require("../tools/bundle.js").load("infra/main.ts").default;
