import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { MemoryTopics, serveTopics } from '@statefun/engine'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { buildReport } from '../report/build-report.ts'
import { RunEvents } from '../run/run-events.ts'
import type { DeploymentAccess } from '../topology/deployment-access.ts'
import { Evidence } from './evidence.ts'

let folder: string
let server: Server
let url: string
let answering: boolean
const topics = new MemoryTopics({ partitions: 2 })

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'statefun-evidence-'))
  mkdirSync(join(folder, 'logs'))
  writeFileSync(join(folder, 'module.yaml'), 'kind: x\nspec:\n  secretAccessKey: hunter2\n')
  writeFileSync(join(folder, 'statefun.config.ts'), 'export const config = {}\n')
  answering = true
  server = createServer(async (request, response) => {
    if (!answering) return
    const path = request.url?.replace('/embedded', '') ?? ''
    request.url = path
    if (request.headers.authorization !== 'Bearer t0ken') response.writeHead(401).end('no token')
    else if (path === '/apps/counter/metrics') response.end('engine_restarts 1\n')
    else if (path === '/apps/counter/status') response.writeHead(400).end('{"code":"SF_GATE_UNKNOWN"}')
    else if (!(await serveTopics(topics, request, response)))
      response.writeHead(404).end('{"code":"SF_GATE_CONTROL_PATH"}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/embedded`
})
afterEach(() => {
  server.close()
  server.closeAllConnections()
  rmSync(folder, { recursive: true })
})

function access(): DeploymentAccess {
  return {
    name: 'embedded',
    topology: 'embedded',
    engine: 'embedded',
    engineTitle: 'the embedded engine',
    capabilities: [],
    app: 'counter',
    kafka: { kind: 'in-process' },
    control: { url, token: 't0ken' },
  }
}

function begin() {
  const events = new RunEvents()
  const app = {
    name: 'counter',
    folder,
    module: join(folder, 'module.yaml'),
    config: join(folder, 'statefun.config.ts'),
  }
  const evidence = new Evidence(folder, app, 1000)
  events.subscribe(evidence.observe)
  return { events, evidence }
}

function ready({ events, evidence }: ReturnType<typeof begin>): void {
  events.emit({
    type: 'deployment-ready',
    deployment: 'embedded',
    engine: 'embedded',
    engineTitle: 'the embedded engine',
    parts: [
      { name: 'worker', title: 'engine', logPath: join(folder, 'logs', 'engine-counter.log') },
      { name: 'functions', title: 'functions' },
    ],
  })
  evidence.deployed(access())
}

const failedTest = {
  type: 'test-end',
  test: { deployment: 'embedded', engine: 'embedded', file: 'e2e/a.e2e.ts', test: 'adds', tags: [] },
  verdict: 'failed',
  seconds: 0.1,
  failures: [{ message: 'expected 2 to be 1' }],
} as const

test('a failure is kept with what each part said and what the topics held at that moment', async () => {
  const run = begin()
  const { events, evidence } = run
  topics.produce('counter.results', { key: 'a', value: '{"total":1}', headers: [{ key: 'h', value: null }] })
  ready(run)
  writeFileSync(join(folder, 'logs', 'engine-counter.log'), 'info  taken\nwarn  again\n')
  writeFileSync(join(folder, 'logs', 'host.log'), 'a function prints\n')
  events.emit(failedTest)
  await evidence.collect()
  topics.produce('counter.results', { key: 'a', value: '{"total":2}' })
  await evidence.collect()
  await evidence.finish()
  const report = buildReport([{ ...failedTest, at: Date.now() }], 'npm run e2e', evidence)
  expect(report.tests[0]?.said).toMatchObject([
    {
      part: 'worker',
      log: 'logs/engine-counter.log',
      lines: [{ text: 'info  taken' }, { text: 'warn  again' }],
    },
    { part: 'host', lines: [{ text: 'a function prints' }] },
  ])
  const at = [
    ...readFileSync(join(folder, 'timeline.json'), 'utf8').matchAll(/"time":"([^"]*)","type":"test-end"/g),
  ]
  const moment = Date.parse(at[0]?.[1] ?? '')
  expect(evidence.tails('embedded', moment)).toMatchObject([
    {
      name: 'topic counter.results',
      total: 1,
      records: [{ key: 'a', value: '{"total":1}', headers: 'h=null' }],
    },
  ])
  expect(evidence.tails('embedded')[0]).toMatchObject({ total: 2, file: 'embedded/records.json' })
})

test('the folder has metrics, records, configurations without secrets and a timeline', async () => {
  const run = begin()
  ready(run)
  await run.evidence.collect()
  await run.evidence.finish()
  expect(readdirSync(join(folder, 'embedded')).sort()).toEqual([
    'deployment.json',
    'metrics.txt',
    'module.yaml',
    'records.json',
    'statefun.config.txt',
  ])
  expect(readFileSync(join(folder, 'embedded', 'module.yaml'), 'utf8')).not.toContain('hunter2')
  expect(readFileSync(join(folder, 'embedded', 'deployment.json'), 'utf8')).not.toContain('t0ken')
  expect(JSON.parse(readFileSync(join(folder, 'timeline.json'), 'utf8'))).toMatchObject([
    { type: 'deployment-ready', deployment: 'embedded' },
  ])
  expect(run.evidence.links.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['embedded/records.json', 'timeline.json']),
  )
  expect(run.evidence.logOf('embedded', 'worker')).toBe('logs/engine-counter.log')
})

test('what cannot be had is named, and nothing is thrown', async () => {
  const run = begin()
  ready(run)
  server.close()
  server.closeAllConnections()
  run.events.emit(failedTest)
  await run.evidence.collect()
  await run.evidence.finish()
  await run.evidence.tidy()
  const texts = run.evidence.gaps.map(({ text }) => text)
  expect(texts).toEqual(
    expect.arrayContaining([
      expect.stringMatching(
        /^no evidence: Metrics, embedded: SF_GATE_CONTROL_GONE the process .* does not answer/,
      ),
      expect.stringMatching(/^no evidence: records of embedded: /),
      expect.stringMatching(/^no evidence: Log of functions, embedded: /),
    ]),
  )
  const report = buildReport([{ ...failedTest, at: Date.now() }], 'npm run e2e', run.evidence)
  expect(report).toMatchObject({ verdict: 'failed', totals: { failed: 1 } })
  expect(report.notes.map(({ text }) => text)).toEqual(expect.arrayContaining(texts))
})

test('what parts were started from keeps no secrets, and what was there before stays as it was', async () => {
  const run = begin()
  ready(run)
  const old = join(folder, 'embedded', 'old.yaml')
  const notStarted = join(folder, 'flink', 'app.yaml')
  const mine = [join(folder, 'embedded', 'app.yaml'), notStarted, join(folder, 'kubernetes', 'objects.yaml')]
  for (const path of [old, ...mine]) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, 'password: hunter2\n')
  }
  utimesSync(old, 1000, 1000)
  await run.evidence.tidy()
  expect(readFileSync(old, 'utf8')).toContain('hunter2')
  for (const path of mine) expect(readFileSync(path, 'utf8'), path).not.toContain('hunter2')
})

test('what parts said is shown without secrets, and at the end their logs have none', async () => {
  const run = begin()
  ready(run)
  const log = join(folder, 'logs', 'engine-counter.log')
  const from = Date.now() - 1
  writeFileSync(log, 'started with password=hunter2 on topic counter\n')
  await run.evidence.finish()
  const said = run.evidence.said('embedded', from, Date.now() + 1)
  expect(JSON.stringify(said)).toContain('on topic counter')
  expect(JSON.stringify(said)).not.toContain('hunter2')
  await run.evidence.tidy()
  expect(readFileSync(log, 'utf8')).toBe('started with password=‹redacted› on topic counter\n')
})

test('logs that are too long are cut when all is read', async () => {
  const run = begin()
  ready(run)
  writeFileSync(join(folder, 'logs', 'engine-counter.log'), 'x'.repeat(9000))
  await run.evidence.finish()
  await run.evidence.tidy()
  expect(readFileSync(join(folder, 'logs', 'engine-counter.log'), 'utf8').length).toBeLessThan(1100)
})
