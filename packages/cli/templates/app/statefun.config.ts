import { defineConfig } from '@statefun/cli'
import { greeter } from './functions.ts'

export const config = defineConfig({
  app: 'my-app',
  module: './module.yaml',
  functions: [greeter],
})
