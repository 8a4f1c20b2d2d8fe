import { spawn } from 'node:child_process'

/** `docker` or `podman`, the first whose daemon answers; undefined when none does. */
export async function containerEngine(): Promise<string | undefined> {
  for (const program of ['docker', 'podman']) {
    const answers = await new Promise<boolean>((resolve) => {
      const child = spawn(program, ['version'], { stdio: 'ignore' })
      child.once('error', () => resolve(false))
      child.once('close', (code) => resolve(code === 0))
    })
    if (answers) return program
  }
  return undefined
}
