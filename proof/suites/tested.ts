/** Suites of vitest, which `npm test` runs whole, as suites of the proof: for the score card. */
import { runStep } from "../../tools/step.ts";
import { check, type Suite } from "./suite.ts";

export interface Tested {
  readonly name: string;
  readonly meaning: string;
  /** What vitest is told: a project, and parts of file names or of test names. */
  readonly argv: readonly string[];
  /** What the tests went through, in words; the number of tests is added. */
  readonly figure?: string;
}

export function tested({ name, meaning, argv, figure }: Tested): Suite {
  return {
    name,
    meaning,
    run: async (_lab, report) => {
      await check(report, meaning, async () => {
        const { passed, failures, skipped } = await runStep({
          name,
          argv: ["vitest", "run", ...argv],
          counts: "vitest",
        });
        const tests = `${passed} tests${skipped === 0 ? "" : `, ${skipped} skipped`}`;
        return { problems: failures, figure: figure === undefined ? tests : `${figure}; ${tests}` };
      });
    },
  };
}
