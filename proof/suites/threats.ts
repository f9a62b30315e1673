import { tested } from "./tested.ts";

export const suite = tested({
  name: "threats",
  meaning: "each threat of docs/threat-model.md",
  argv: ["--project", "proof", "threats"],
});
