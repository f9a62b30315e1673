import { expect, test } from "vitest";
import { daemons } from "./daemons.ts";
import { serviceSections } from "./sections.ts";
import {
  executorOptions,
  fingergwOptions,
  mergerOptions,
  schedulerOptions,
  webOptions,
} from "./spec/services.ts";

const fields = {
  scheduler: schedulerOptions,
  executor: executorOptions,
  merger: mergerOptions,
  web: webOptions,
  fingergw: fingergwOptions,
};

test.each(daemons)(
  "no option of %s is told twice: as a field, as a row, or as the operator's own",
  (daemon) => {
    const { options, owned } = serviceSections[daemon];
    const told = [...Object.keys(fields[daemon]), ...Object.keys(options), ...owned];
    expect(told.filter((name, at) => told.indexOf(name) !== at)).toEqual([]);
  },
);
