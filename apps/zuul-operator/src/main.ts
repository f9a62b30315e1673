#!/usr/bin/env -S node --conditions=@zuul-pulp/source
/** `zuul-operator`: the operator itself and its command line. */
import process from "node:process";
import { runCli } from "@zuul-pulp/k8s-core/cli";
import { zuulOperator } from "./operator.ts";

process.exitCode = await runCli(zuulOperator, process.argv.slice(2));
