import { defineConfig } from '@statefun/cli'
import { functions } from './functions.ts'

export const config = defineConfig({
  app: 'statefun-e2e',
  module: './module.yaml',
  functions,
  // Of several engines that share two cores and an S3 in Python.
  checkpoint: { interval: '250 ms' },
})
