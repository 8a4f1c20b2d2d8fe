const PATHS = ['/overview', '/taskmanagers', '/jobs/overview'] as const
const PATHS_OF_JOB = ['', '/checkpoints', '/exceptions', '/config'] as const

/**
 * What Flink's REST API tells of its cluster and its jobs, as one JSON object by path. A path that does not answer has its
 * error there.
 *
 * @throws when the API does not answer at all
 */
export async function flinkRest(restUrl: string, signal: AbortSignal): Promise<string> {
  const { jobs } = (await get('/jobs')) as { readonly jobs: readonly { readonly id: string }[] }
  const paths = [...PATHS, ...jobs.flatMap(({ id }) => PATHS_OF_JOB.map((path) => `/jobs/${id}${path}`))]
  const answers = await Promise.all(
    paths.map(async (path) => [path, await get(path).catch((error: unknown) => ({ error: String(error) }))]),
  )
  return `${JSON.stringify(Object.fromEntries(answers), null, 2)}\n`

  async function get(path: string): Promise<unknown> {
    const response = await fetch(restUrl + path, { signal })
    if (!response.ok) throw new Error(`HTTP ${response.status}`)
    return await response.json()
  }
}
