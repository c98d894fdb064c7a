export { amendReceipt, readReceipt, writeReceipt, type ReceiptFiles, type WriteOptions } from "./files";
export { renderHtml } from "./html";
export {
  measured,
  type Receipt,
  type ReceiptInput,
  receiptSchema,
  type ReceiptStep,
  redact,
  type Requests,
} from "./receipt";
export { renderReceipt } from "./terminal";
export { verdictOf, type Verdict } from "./verdict";
