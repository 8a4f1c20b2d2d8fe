import { defineConfig } from '@statefun/cli'
import { functions } from './functions.ts'

export const config = defineConfig({ app: 'statefun-e2e', module: './module.yaml', functions })
