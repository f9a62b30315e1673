import { tested } from "./tested.ts";

export const suite = tested({
  name: "rights",
  meaning: "from the audit log, in each watch scope: no right unused, no request denied",
  argv: ["--project", "api", "products", "installed", "operator"],
});
