import { spawn } from 'node:child_process'
import { ROOT } from '../workspace.ts'

const ACTIONLINT = 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12'

/** What actionlint finds in the workflows; empty when nothing. @throws Error without Go, with how to get it */
export async function actionlint(files: readonly string[]): Promise<string> {
  const { code, output } = await new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    const child = spawn('go', ['run', ACTIONLINT, '-no-color', '-shellcheck=', '-pyflakes=', ...files], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const chunks: Buffer[] = []
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.once('error', (cause) =>
      reject(
        new Error('actionlint needs Go (Debian, Ubuntu: apt install golang; macOS: brew install go)', {
          cause,
        }),
      ),
    )
    child.once('close', (exit) => resolve({ code: exit, output: Buffer.concat(chunks).toString() }))
  })
  if (code === 0) return ''
  return output.trim() === '' ? `actionlint ended with ${code}` : output
}
