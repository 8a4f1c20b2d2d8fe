import { defineConfig } from '@statefun/cli'

// The app of the published engine image: its functions are served elsewhere, over HTTP, and module.yaml is mounted.
export const config = defineConfig({
  app: process.env.STATEFUN_APP ?? 'statefun',
  module: process.env.STATEFUN_MODULE ?? '/etc/statefun/module.yaml',
  checkpoint: { place: process.env.STATEFUN_CHECKPOINT_PLACE ?? '/var/lib/statefun' },
})
