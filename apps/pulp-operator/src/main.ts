#!/usr/bin/env -S node --conditions=@zuul-pulp/source
/** `pulp-operator`: the operator itself and its command line. */
import process from "node:process";
import { runCli } from "@zuul-pulp/k8s-core/cli";
import { pulpOperator } from "./operator.ts";

process.exitCode = await runCli(pulpOperator, process.argv.slice(2));
