import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT, readManifest } from '../workspace.ts'
import { RUN_COMMANDS } from './run-commands.ts'
import { readWorkflow, readWorkflows } from './workflow-files.ts'
import { checkWorkflows } from './workflow-rules.ts'

const rules = (text: string) => {
  const findings = checkWorkflows([readWorkflow('x.yml', text)])
  return findings.map(({ rule }) => rule).filter((rule) => rule !== 'unused-command')
}

describe('our workflows', () => {
  const workflows = readWorkflows(ROOT)

  it('keep to the rules', () => {
    expect(workflows.length).toBeGreaterThan(4)
    expect(checkWorkflows(workflows)).toEqual([])
  })

  it('run scripts that exist', () => {
    const scripts = Object.keys((readManifest(ROOT).scripts ?? {}) as Record<string, string>)
    for (const command of Object.keys(RUN_COMMANDS)) {
      const script = /^npm (?:run )?(\S+)/.exec(command)?.[1]
      if (script !== undefined && script !== 'ci') expect(scripts, command).toContain(script)
    }
  })

  it('keep a cache that every pinned release of the real parts is in', () => {
    const key = workflows.find(({ file }) => file.endsWith('setup/action.yml'))?.text ?? ''
    const patterns = [...key.matchAll(/'(packages\/gate\/[^']+)'/g)].map(([, pattern]) => pattern!)
    for (const pattern of patterns) expect(globSync(pattern, { cwd: ROOT }), pattern).not.toEqual([])
    const inKey = patterns.flatMap((pattern) => globSync(pattern, { cwd: ROOT }))
    const pinning = globSync('packages/gate/src/**/*.ts', { cwd: ROOT })
      // What a cluster runs is pulled by it.
      .filter((file) => !/\.test\.ts$|topology\/kind/.test(file))
      .filter((file) => /^[^*\n]*'\d+\.\d+\.\d+'/m.test(readFileSync(join(ROOT, file), 'utf8')))
    expect(pinning).toContain(join('packages', 'gate', 'src', 'localstack', 'kinesis-back-end.ts'))
    expect(inKey).toEqual(expect.arrayContaining(pinning))
  })

  it('hold the gate before anything is published', () => {
    const jobs = workflows.find(({ file }) => file.endsWith('/release.yml'))?.jobs as Record<
      string,
      { needs?: readonly string[]; uses?: string }
    >
    expect(jobs.gate?.uses).toBe('./.github/workflows/e2e-test.yml')
    for (const job of ['npm', 'image-builds', 'images']) expect(jobs[job]?.needs, job).toContain('gate')
    expect(jobs['github-release']?.needs).toEqual(expect.arrayContaining(['npm', 'images']))
  })
})

describe('the rules', () => {
  it('find an action that can change', () => {
    const text = (uses: string) =>
      `permissions: {}\njobs:\n  a:\n    permissions: {}\n    timeout-minutes: 1\n    steps:\n      - uses: ${uses}\n`
    expect(rules(text('actions/checkout@v4'))).toEqual(['unpinned-action'])
    expect(rules(text(`actions/checkout@${'a'.repeat(40)}`))).toEqual(['unpinned-action'])
    expect(rules(text(`actions/checkout@${'a'.repeat(40)} # v4.0.0`))).toEqual([])
    expect(rules(text('./.github/actions/setup'))).toEqual([])
  })

  it('find permissions for all, a job without limit, and logic in the YAML', () => {
    const text =
      'permissions: write-all\njobs:\n  a:\n    steps:\n      - run: |\n          npm ci\n          if true; then echo; fi\n'
    expect(rules(text)).toEqual(['workflow-permissions', 'job-permissions', 'job-time', 'unknown-command'])
  })
})
