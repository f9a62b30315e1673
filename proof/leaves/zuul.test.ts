import { describe } from "vitest";
import { everyLeafOf } from "./suite.ts";
import { backing } from "./zuul/backing.ts";
import { executor } from "./zuul/executor.ts";
import { fingergw } from "./zuul/fingergw.ts";
import { merger } from "./zuul/merger.ts";
import { nodepool } from "./zuul/nodepool.ts";
import { scheduler } from "./zuul/scheduler.ts";
import { sections } from "./zuul/sections.ts";
import { top } from "./zuul/top.ts";
import { web } from "./zuul/web.ts";
import { zuulLine } from "./zuul-line.ts";

describe("Zuul", () => {
  everyLeafOf(zuulLine, {
    ...top,
    ...scheduler,
    ...executor,
    ...merger,
    ...web,
    ...fingergw,
    ...nodepool,
    ...backing,
    ...sections,
  });
});
