#!/usr/bin/env -S MALLOC_ARENA_MAX=1 node --max-semi-space-size=8 --heap-growing-percent=50
// The first line keeps memory small: messages die young, and a heap that grows generously holds three times the memory for
// the same work (npm run bench -- throughput); one that hardly grows is collected all the time where many instances live
// (npm run bench -- scale). glibc would keep what sockets and files free in as many arenas as there are threads.
import { enableCompileCache } from 'node:module'
import { exitWith, processIo } from './process-io.ts'

// Compiled code is kept between runs: it halves the start. Only modules that are loaded after this call profit.
enableCompileCache()
const args = process.argv.slice(2)
const { runProgram } = args[0] === 'run' ? await import('./run-program.ts') : await import('./program.ts')

exitWith(await runProgram(args, processIo(import.meta.filename)))
