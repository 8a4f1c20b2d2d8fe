import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadModule, type ModuleDefinition } from '@statefun/engine'

/** The app's module for the bench's own side: the egress writes its input, the ingress reads `topic`. */
export function driverModule(bootstrap: string, topic: string): ModuleDefinition {
  const file = join(import.meta.dirname, 'module.yaml')
  return loadModule(readFileSync(file, 'utf8'), { file, env: { BENCH_KAFKA: bootstrap, BENCH_TOPIC: topic } })
}
