/** `npm run proof`: disturbs both operators in every way that the folders here know, and says what they survived. */
import process from "node:process";
import { parseArgs } from "node:util";
import { known, orRefuse, UsageError } from "../tools/command-line.ts";
import { noteInLedger, summaryLine } from "../tools/count.ts";
import { allFaults } from "./faults/fault.ts";
import { openLab } from "./lab/lab.ts";
import { openLedger } from "./ledger.ts";
import { allOracles } from "./oracles/oracle.ts";
import { found } from "./plans/found.ts";
import { enumerate, openRooms, record as recorded, runPlans, type Verdict } from "./plans/driver.ts";
import { groups, type Plan, sampled } from "./plans/plan.ts";
import { short } from "./plans/short.ts";
import { allScenarios } from "./scenarios/scenario.ts";
import { writeScoreCard } from "./scorecard.ts";
import { type Amounts, allSuites, type Suite } from "./suites/suite.ts";

const usage = `Usage: npm run proof -- [crash|error|watch|network …] [options]
       npm run proof -- [SUITE …]        checks that are no plan
       npm run proof -- card             writes docs/scorecard.md from the results so far

  --operator zuul|pulp   only this one
  --scenario NAME        only this scenario; may be given more than once
  --fault NAME           only this fault; may be given more than once
  --plan ID              this one plan again, as a failure prints it
  --short                a few plans of each group and some of each suite, under four minutes
  --sample               of each fault and scenario at most 10 crash, 3 error, 2 watch and 2 network plans
  --missing              leave out what this ledger has as survived
  --count N              resources of suite scale (default 1000) and soak (default 10)
  --minutes N            how long suite soak takes (default 60)
  --rooms N              operators side by side (default 3)
  --cluster NAME         use the cluster of this name and leave it running
  --list                 print the plans, run none

Exit codes: 0 all survived, 1 one did not, 2 wrong usage
`;

const { values, positionals } = orRefuse("proof", () =>
  parseArgs({
    allowPositionals: true,
    options: {
      operator: { type: "string" },
      scenario: { type: "string", multiple: true },
      fault: { type: "string", multiple: true },
      plan: { type: "string" },
      short: { type: "boolean", default: false },
      sample: { type: "boolean", default: false },
      missing: { type: "boolean", default: false },
      rooms: { type: "string", default: "3" },
      count: { type: "string" },
      minutes: { type: "string" },
      cluster: { type: "string" },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  }),
);

const given = (one: string | undefined): readonly string[] | undefined =>
  one === undefined ? undefined : [one];
function amount(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9][0-9]*$/.test(text))
    throw new UsageError(`${flag} is a whole number of at least 1, not "${text}"`);
  return Number(text);
}

const { amounts, rooms: roomCount } = orRefuse("proof", () => {
  known("--operator", given(values.operator), ["zuul", "pulp"]);
  return {
    amounts: { count: amount("--count", values.count), minutes: amount("--minutes", values.minutes) },
    rooms: amount("--rooms", values.rooms) ?? 3,
  };
});
const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(): Promise<number> {
  const suites = await allSuites();
  if (values.help) {
    const lines = suites.map(({ name, meaning }) => `  ${name.padEnd(21)}  ${meaning}\n`);
    process.stdout.write(`${usage}\nSuites:\n${lines.join("")}`);
    return 0;
  }
  const ledger = openLedger();
  if (positionals[0] === "card") {
    writeScoreCard(ledger.read());
    return 0;
  }
  const [everyFault, everyScenario] = [await allFaults(), await allScenarios()];
  const byPlan = values.plan?.split("/");
  orRefuse("proof", () => {
    const faultNames = everyFault.map(({ name }) => name);
    const scenarioNames = everyScenario.map(({ name }) => name);
    known("group or suite", positionals, [...groups, ...suites.map(({ name }) => name)]);
    known("--fault", values.fault, faultNames);
    known("--scenario", values.scenario, scenarioNames);
    known("--plan", given(byPlan?.[0]), ["zuul", "pulp"]);
    known("--plan", given(byPlan?.[1]), scenarioNames);
    known("--plan", given(byPlan?.[2]), faultNames);
  });
  const isWanted = (name: string, wanted: readonly string[] | undefined): boolean =>
    wanted === undefined || wanted.includes(name);
  const faults = everyFault.filter(
    ({ group, name }) =>
      (positionals.length === 0 || positionals.includes(group)) &&
      isWanted(name, values.fault) &&
      (byPlan === undefined || byPlan[2] === name),
  );
  const scenarios = everyScenario.filter(
    ({ operator, name }) =>
      (values.operator === undefined || values.operator === operator) &&
      isWanted(name, values.scenario) &&
      (byPlan === undefined || (byPlan[0] === operator && byPlan[1] === name)) &&
      (!values.short || short.scenarios.includes(`${operator}/${name}`)),
  );
  const oracles = await allOracles();
  const survived = new Set(
    values.missing ? ledger.read().flatMap(({ id, verdict }) => (verdict === "survived" ? [id] : [])) : [],
  );
  const count = { passed: 0, failures: [] as string[], skipped: 0 };
  let isStopped = false;
  const take = ({ record, ...verdict }: Verdict, suite = "plans"): void => {
    // What an interruption breaks off is no verdict.
    if (isStopped) return;
    // The card is of whole suites.
    if (!values.short || suite === "plans") ledger.write({ suite, ...verdict });
    if (record !== undefined) say(`its log and calls: ${ledger.keep(verdict.id, record)}`);
    if (verdict.verdict === "survived") count.passed += 1;
    else count.failures.push([verdict.id, ...verdict.problems].join("\n"));
    say(`${verdict.verdict.padEnd(8)} ${String(verdict.ms).padStart(6)} ms  ${verdict.id}`);
    for (const problem of verdict.problems) say(`           ${problem}`);
  };

  await using lab = await openLab({
    log: say,
    ...(values.cluster === undefined ? {} : { name: values.cluster }),
  });
  const stop = (): void => {
    isStopped = true;
    void Promise.resolve(lab[Symbol.asyncDispose]()).finally(() => process.exit(130));
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const operators = (["zuul", "pulp"] as const).filter((one) => isWanted(one, given(values.operator)));
  const isAll = positionals.length === 0 && !values.short && values.plan === undefined && !values.list;
  const runSuite = (suite: Suite, amounts: Amounts): Promise<void> =>
    suite.run(
      lab,
      ({ id, problems, ms, figure }) => {
        const verdict = problems.length === 0 ? "survived" : "failed";
        take(
          {
            id: `${suite.name}/${id}`,
            scenario: suite.name,
            group: suite.name,
            fault: "",
            verdict,
            problems,
            ms,
            ...(figure === undefined ? {} : { figure }),
          },
          suite.name,
        );
      },
      operators,
      amounts,
    );
  for (const suite of suites.filter(({ name }) => isAll || positionals.includes(name)))
    await runSuite(suite, amounts);
  // Most of their time they wait, and the plans use it.
  const aside = suites.flatMap((suite) =>
    values.short && suite.short !== undefined ? [runSuite(suite, suite.short)] : [],
  );
  const isPlans =
    positionals.length === 0 || positionals.some((word) => groups.some((group) => group === word));
  await Promise.all([
    ...aside,
    ...operators
      .filter(() => isPlans)
      .map(async (operator) => {
        const own = scenarios.filter((scenario) => scenario.operator === operator);
        if (own.length === 0) return;
        const rooms = await openRooms(lab, operator, values.short ? 2 : roomCount);
        for (const scenario of own) {
          const startedMs = performance.now();
          const reference = await recorded(rooms, scenario, oracles).catch((error: unknown) => String(error));
          const isRecorded = typeof reference !== "string";
          const problems = isRecorded ? reference.problems : [reference];
          take({
            id: `${operator}/${scenario.name}/undisturbed`,
            scenario: `${operator}/${scenario.name}`,
            group: "undisturbed",
            fault: "none",
            verdict: problems.length === 0 ? "survived" : "failed",
            problems,
            ms: Math.round(performance.now() - startedMs),
            ...(isRecorded && reference.record !== undefined ? { record: reference.record } : {}),
          });
          if (!isRecorded) continue;
          const all = enumerate(reference, faults);
          const chosen = values.sample ? sampled(all, { crash: 10, error: 3, watch: 2, network: 2 }) : all;
          const plans = chosen
            .filter(({ id }) => (values.plan === undefined || id === values.plan) && !survived.has(id))
            .filter((plan: Plan) => !values.short || short.isMeant(plan, all));
          const once = values.short ? found.map(({ id }) => id) : (given(values.plan) ?? []);
          const isHere = (id: string): boolean => id.startsWith(`${operator}/${scenario.name}/`);
          for (const id of once.filter((one) => isHere(one) && !all.some((plan) => plan.id === one)))
            take({
              id,
              scenario: "",
              group: "",
              fault: "",
              verdict: "missed",
              problems: ["no such call"],
              ms: 0,
            });
          say(`${operator}/${scenario.name}: ${plans.length} plans of ${all.length}`);
          if (values.list) for (const { id } of plans) process.stdout.write(`${id}\n`);
          else await runPlans(rooms, reference, plans, oracles, take);
        }
      }),
  ]);
  process.off("SIGINT", stop).off("SIGTERM", stop);
  process.stdout.write(`\n${summaryLine(count)}\n`);
  noteInLedger(count);
  return count.failures.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`proof: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
}
