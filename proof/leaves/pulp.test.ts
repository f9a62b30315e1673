import { describe } from "vitest";
import { backing } from "./pulp/backing.ts";
import { processLeaves } from "./pulp/processes.ts";
import { secrets } from "./pulp/secrets.ts";
import { top } from "./pulp/top.ts";
import { web } from "./pulp/web.ts";
import { pulpLine } from "./pulp-line.ts";
import { everyLeafOf } from "./suite.ts";

describe("Pulp", () => {
  everyLeafOf(pulpLine, { ...top, ...processLeaves, ...web, ...backing, ...secrets });
});
