import { defineConfig, type StatefunConfig } from '@statefun/cli'
import { functions } from '../../../e2e/app/functions.ts'

/** The gate's own app with another counter in the place of its own. */
export function planted(counter: NonNullable<StatefunConfig['functions']>[number]): StatefunConfig {
  return defineConfig({
    app: 'planted',
    module: '../../../e2e/app/module.yaml',
    functions: functions.map((fn) => (fn.typename === counter.typename ? counter : fn)),
  })
}
