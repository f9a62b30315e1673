#!/usr/bin/env -S node --conditions=@zuul-pulp/source
/** `board-operator`: the operator itself and its command line. */
import process from "node:process";
import { runCli } from "@zuul-pulp/k8s-core/cli";
import { boardOperator } from "./operator.ts";

process.exitCode = await runCli(boardOperator, process.argv.slice(2));
