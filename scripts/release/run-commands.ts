/** Where a command of a workflow's `run:` is carried out before it is relied on. */
export type Rehearsal =
  /** By `npm run release:rehearse`, as it stands in the workflow. */
  | { readonly by: 'rehearsal'; readonly step: string }
  /** By whoever hands in a change: it is one of the five commands of CONTRIBUTING.md, or installs them. */
  | { readonly by: 'contributor' }
  /** Nowhere but in the hosted service, for the reason given. */
  | { readonly by: 'service'; readonly why: string }

/** Every command that a workflow may run. The workflows hold no logic of their own: a command is a script of package.json. */
export const RUN_COMMANDS: Readonly<Record<string, Rehearsal>> = {
  'npm ci --no-audit --no-fund': { by: 'contributor' },
  'npm run check': { by: 'contributor' },
  'npm test': { by: 'contributor' },
  'node scripts/test.ts fast': { by: 'contributor' },
  'npm run release:rehearse -- workflows packages': { by: 'contributor' },
  'npm run release:plan': { by: 'rehearsal', step: 'plan' },
  'npm run release:pack -- release-packages': { by: 'rehearsal', step: 'packages' },
  'npm run release:try -- release-packages': { by: 'rehearsal', step: 'packages' },
  'npm run docs:test': { by: 'rehearsal', step: 'site' },
  'npm run docs:build': { by: 'rehearsal', step: 'site' },
  'npm run release:images': { by: 'rehearsal', step: 'images' },
  'npm run e2e -- --topology process --engine both --report e2e-report': {
    by: 'rehearsal',
    step: 'gate',
  },
  'npm run e2e -- --topology kind --keep --report e2e-report': {
    by: 'service',
    why: 'needs an image registry; .ci/run has the same topology with images made on the machine',
  },
  'npm test -- kind': {
    by: 'service',
    why: 'takes the cluster that the gate kept; .ci/run does so as well',
  },
  'npm run e2e -- --stop': { by: 'service', why: 'ends what the gate kept; .ci/run does so as well' },
  'kind delete cluster --name statefun-e2e': {
    by: 'service',
    why: 'deletes what the gate kept for planted faults, or what a cancelled job left running',
  },
  'npm run release:publish -- release-packages': {
    by: 'service',
    why: 'uploads to npm as the workflow; release:try uploads the same files with the same script to a local registry',
  },
  'npm run release:push-image -- ${{ matrix.image }}': {
    by: 'service',
    why: 'uploads and signs as the workflow',
  },
  'npm run release:join-images -- ${{ matrix.image }}': {
    by: 'service',
    why: 'uploads and signs as the workflow',
  },
  'npm run release:github -- release-packages': { by: 'service', why: 'makes the release on GitHub' },
}
