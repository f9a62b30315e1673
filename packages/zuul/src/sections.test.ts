import { expect, test } from "vitest";
import { daemons } from "./daemons.ts";
import { serviceSections } from "./sections.ts";
import { fieldsOf } from "./user-sections.ts";

test.each(daemons)(
  "no option of %s is told twice: as a field, as a row, or as the operator's own",
  (daemon) => {
    const { options, owned } = serviceSections[daemon];
    const told = [...fieldsOf[daemon], ...Object.keys(options), ...owned];
    expect(told.filter((name, at) => told.indexOf(name) !== at)).toEqual([]);
  },
);
