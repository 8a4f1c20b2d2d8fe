import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { readJob } from './rest.ts'

/** Answers by path, as Flink's REST API gives them. */
let answers: Record<string, unknown> = {}
let server: Server
let url: string
beforeAll(async () => {
  server = createServer((request, response) => {
    const answer = answers[request.url ?? '']
    response.writeHead(answer === undefined ? 404 : 200).end(JSON.stringify(answer ?? {}))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
})
afterAll(() => server.close())
beforeEach(() => {
  answers = {
    '/jobs': { jobs: [{ id: 'j1', status: 'RUNNING' }] },
    '/jobs/j1': job('RUNNING', 'RUNNING', 'RUNNING'),
    '/jobs/j1/checkpoints': { counts: { completed: 3, restored: 1 } },
    '/jobs/j1/metrics?get=numRestarts': [{ id: 'numRestarts', value: '2' }],
  }
})

const job = (state: string, ...tasks: string[]) => ({
  state,
  timestamps: { RUNNING: 17 },
  vertices: tasks.map((status) => ({ status })),
})

test('a job is running once all its tasks are', async () => {
  expect(await readJob(url)).toEqual({
    id: 'j1',
    state: 'RUNNING',
    tasksRunning: true,
    runningSince: 17,
    completedCheckpoints: 3,
    restored: 1,
    restarts: 2,
  })
  for (const other of [job('RUNNING', 'RUNNING', 'DEPLOYING'), job('RESTARTING', 'RUNNING', 'RUNNING')]) {
    answers['/jobs/j1'] = other
    expect(await readJob(url)).toMatchObject({ tasksRunning: false })
  }
})

test('no job, and an answer that is an error, have a code', async () => {
  answers['/jobs'] = { jobs: [] }
  await expect(readJob(url)).rejects.toMatchObject({
    code: 'SF_GATE_FLINK_REST',
    message: 'Flink has no job',
  })
  answers = {}
  await expect(readJob(url)).rejects.toMatchObject({
    code: 'SF_GATE_FLINK_REST',
    message: expect.stringContaining('/jobs'),
  })
})
