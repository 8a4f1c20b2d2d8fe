import { defineConfig } from '@statefun/cli'
import { counter } from './counter.ts'

/** What `statefun run` starts for this bench; the service comes from the bench. */
export const config = defineConfig({ app: 'bench-kinesis', module: './module.yaml', functions: [counter] })
