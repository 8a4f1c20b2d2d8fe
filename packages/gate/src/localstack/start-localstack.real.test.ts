import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { startLocalStack } from './start-localstack.ts'
import { uncheckedSignature } from './unchecked-signature.ts'

const START_MS = 300_000

interface Answer {
  readonly Shards?: readonly { readonly ShardId: string }[]
  readonly StreamNames?: readonly string[]
}

async function kinesis(
  endpoint: string,
  action: string,
  input: object,
  region = 'us-east-1',
): Promise<Answer> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `Kinesis_20131202.${action}`,
      authorization: uncheckedSignature('test', region, 'kinesis'),
    },
    body: JSON.stringify(input),
  })
  const text = await response.text()
  return (text === '' ? {} : JSON.parse(text)) as Answer
}

test(
  'Kinesis is there with the start, and streams are active once they are made',
  async () => {
    await using aws = await startLocalStack({ services: ['kinesis'] })
    await aws.createStream('orders', { shards: 3 })
    const { Shards: shards } = await kinesis(aws.endpoint, 'ListShards', { StreamName: 'orders' })
    expect(shards).toHaveLength(3)
    await aws.createStream('orders')
    await expect(aws.createStream('no such name!')).rejects.toMatchObject({
      code: 'SF_GATE_LOCALSTACK',
      message: expect.stringContaining('no such name!'),
    })
    expect(await kinesis(aws.endpoint, 'ListStreams', {}, 'eu-west-1')).toMatchObject({ StreamNames: [] })
    const pid = aws.pid ?? 0
    const backEnds = childrenOf(pid)
    expect(backEnds).toHaveLength(1)
    await aws.stop()
    for (const each of [pid, ...backEnds]) await expect.poll(() => isAlive(each)).toBe(false)
  },
  START_MS,
)

test(
  'a stream that was just deleted is made anew, and stays',
  async () => {
    await using aws = await startLocalStack({ services: ['kinesis'] })
    for (let round = 0; round < 3; round++) {
      await aws.createStream('orders', { shards: 2 })
      await kinesis(aws.endpoint, 'DeleteStream', { StreamName: 'orders' })
      await aws.createStream('orders', { shards: 3 })
      const { Shards: shards } = await kinesis(aws.endpoint, 'ListShards', { StreamName: 'orders' })
      expect(shards).toHaveLength(3)
      await kinesis(aws.endpoint, 'DeleteStream', { StreamName: 'orders' })
    }
  },
  START_MS,
)

test(
  'its processes and its folder go when the one that started it is killed',
  async () => {
    const script = `
      import { startLocalStack } from ${JSON.stringify(new URL('./start-localstack.ts', import.meta.url).href)}
      const aws = await startLocalStack({ services: ['kinesis'] })
      process.stdout.write(JSON.stringify({ pid: aws.pid, logPath: aws.logPath }))
      setInterval(() => {}, 1e6)`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [said] = await once(parent.stdout, 'data')
    const { pid, logPath } = JSON.parse(String(said)) as { pid: number; logPath: string }
    const backEnds = childrenOf(pid)
    expect(backEnds).toHaveLength(1)
    parent.kill('SIGKILL')
    for (const each of [pid, ...backEnds]) await expect.poll(() => isAlive(each)).toBe(false)
    await expect.poll(() => existsSync(dirname(logPath))).toBe(false)
  },
  START_MS,
)

function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([child = 0, parent]) => (parent === pid ? [child] : []))
}

function isAlive(pid: number): boolean {
  // An orphan that nobody has collected yet still has a pid: ps tells it as a zombie.
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout.trim() !== '' && !stdout.startsWith('Z')
}
