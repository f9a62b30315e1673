#!/usr/bin/env -S node --conditions=@zuul-pulp/source
process.stdout.write("starting\n");
