import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { artifactPath, type MavenArtifact } from './artifact.ts'
import { type FetchProgress, fetchArtifacts } from './fetch-artifacts.ts'
import { httpRepository } from './http-repository.ts'
import { mavenClient } from './maven-client.ts'

const contentOf = (name: string) => `the jar of ${name}`
const pinned = (coordinate: string, content = contentOf(coordinate)): MavenArtifact => ({
  coordinate,
  sha256: createHash('sha256').update(content).digest('hex'),
})
const ARTIFACTS = Array.from({ length: 12 }, (_, index) =>
  pinned(`org.example.group:part-${index}:1.${index}`),
)
const [FIRST = pinned('none:none:0')] = ARTIFACTS

let cache: string
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'statefun-fetch-test-'))
})
afterEach(() => rmSync(cache, { recursive: true, force: true }))

describe('from a repository over HTTP', () => {
  let server: Server
  let url: string
  let requests: string[] = []
  let failing = 0
  const contents = new Map(
    ARTIFACTS.map(({ coordinate }) => [`/repo/${artifactPath(coordinate)}`, contentOf(coordinate)]),
  )

  beforeAll(async () => {
    server = createServer((request, response) => {
      requests.push(request.url ?? '')
      const content = contents.get(request.url ?? '')
      if (failing > 0) {
        failing -= 1
        response.writeHead(503).end()
      } else if (content === undefined) response.writeHead(404).end()
      else response.end(content)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/repo/`
  })
  afterAll(() => server.close())
  beforeEach(() => {
    requests = []
    failing = 0
  })

  const fetchAll = (artifacts: readonly MavenArtifact[], onProgress?: (progress: FetchProgress) => void) =>
    fetchArtifacts(artifacts, {
      cacheDir: cache,
      repository: httpRepository(url),
      ...(onProgress === undefined ? {} : { onProgress }),
    })

  test('each file is fetched once, in the order asked for, with progress', async () => {
    const progress: FetchProgress[] = []
    const paths = await fetchAll(ARTIFACTS, (step) => progress.push(step))
    expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(
      ARTIFACTS.map(({ coordinate }) => contentOf(coordinate)),
    )
    expect(progress.map(({ done, total }) => [done, total])).toEqual(
      ARTIFACTS.map((_, index) => [index + 1, 12]),
    )
    expect(await fetchAll(ARTIFACTS)).toEqual(paths)
    expect(requests).toHaveLength(12)
  })

  test('a damaged file in the cache is fetched again', async () => {
    const [path = ''] = await fetchAll([FIRST])
    writeFileSync(path, 'half a j')
    await fetchAll([FIRST])
    expect(readFileSync(path, 'utf8')).toBe(contentOf(FIRST.coordinate))
    expect(requests).toHaveLength(2)
  })

  test('two at the same time both end well and leave nothing half done', async () => {
    await Promise.all([fetchAll(ARTIFACTS), fetchAll(ARTIFACTS)])
    expect(readdirSync(cache)).toEqual(['maven'])
  })

  test('a failing answer is tried again', async () => {
    failing = 2
    await fetchAll([FIRST])
    expect(requests).toHaveLength(3)
  })

  test('a file with other content is refused and does not enter the cache', async () => {
    const other = { ...FIRST, sha256: pinned(FIRST.coordinate, 'other').sha256 }
    await expect(fetchAll([other])).rejects.toMatchObject({
      code: 'SF_GATE_CHECKSUM',
      message: expect.stringContaining(FIRST.coordinate),
      excerpt: expect.stringContaining(FIRST.sha256),
    })
    expect(readdirSync(cache)).toEqual([])
  })

  test('a missing file is an error with its URL', async () => {
    await expect(fetchAll([...ARTIFACTS, pinned('org.example:missing:1')])).rejects.toMatchObject({
      code: 'SF_GATE_FETCH_FAILED',
      where: expect.stringContaining('/repo/org/example/missing/1/missing-1.jar'),
    })
  })
})

describe('through Maven', () => {
  const fakeMaven = (script: string) => {
    const path = join(cache, 'mvn')
    writeFileSync(path, `#!/bin/sh\n${script}`, { mode: 0o755 })
    return mavenClient(path)
  }
  const fetchWith = (repository: ReturnType<typeof mavenClient>) =>
    fetchArtifacts([FIRST], { cacheDir: join(cache, 'cache'), repository })

  test('the pom names every artifact and the file to copy it to', async () => {
    const repository = fakeMaven(`
      pom=$4; grep -q '<groupId>org.example.group</groupId><artifactId>part-0</artifactId><version>1.0</version>' "$pom" || exit 1
      printf '%s' '${contentOf(FIRST.coordinate)}' > "$(dirname "$pom")/0.jar"`)
    const [path = ''] = await fetchWith(repository)
    expect(readFileSync(path, 'utf8')).toBe(contentOf(FIRST.coordinate))
  })

  test('a failure shows what Maven said', async () => {
    await expect(fetchWith(fakeMaven('echo "[ERROR] no route to host"; exit 1'))).rejects.toMatchObject({
      code: 'SF_GATE_FETCH_FAILED',
      excerpt: '[ERROR] no route to host',
    })
  })

  test('without Maven the error says what else will do', async () => {
    await expect(fetchWith(mavenClient(join(cache, 'no-mvn')))).rejects.toMatchObject({
      code: 'SF_GATE_NO_MAVEN',
      hint: expect.stringContaining('STATEFUN_MAVEN_REPOSITORY'),
    })
  })
})
