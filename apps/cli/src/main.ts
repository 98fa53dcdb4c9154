#!/usr/bin/env node
process.stdout.write('tidemark: there is nothing to start yet\n')
