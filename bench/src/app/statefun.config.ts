import { defineConfig } from '@statefun/cli'
import { counter } from './counter.ts'

/** What `statefun run` starts for a bench; folder, broker and way to the function come from the bench. */
export const config = defineConfig({
  app: process.env.BENCH_APP ?? 'bench',
  functions: process.env.BENCH_FUNCTION_URL === undefined ? [counter] : [],
})
