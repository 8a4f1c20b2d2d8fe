import { appendFileSync } from 'node:fs'
import { runProgram } from '../run-tool.ts'
import { DIGEST, type PushCommand } from './image-push.ts'

/**
 * Runs the commands of a push one after another; the digest that one of them tells is put into those after it, and into
 * `GITHUB_OUTPUT` as `digest` where there is one.
 *
 * @returns the digest
 * @throws Error when a command fails, or tells no digest
 */
export async function runPush(commands: readonly PushCommand[]): Promise<string> {
  let digest = ''
  for (const { program, args: planned, tells } of commands) {
    const args = planned.map((arg) => arg.replace(DIGEST, digest))
    const { code, stdout, output } = await runProgram(program, args)
    if (code !== 0) throw new Error(`${program} ${args[0] ?? ''} failed\n${output}`)
    if (tells === 'digest') {
      digest = /sha256:[0-9a-f]{64}$/.exec(stdout.trim())?.[0] ?? ''
      if (digest === '') throw new Error(`${program} tells no digest: ${stdout}`)
      if (process.env.GITHUB_OUTPUT !== undefined)
        appendFileSync(process.env.GITHUB_OUTPUT, `digest=${digest}\n`)
    }
    process.stdout.write(`ok ${program} ${args.join(' ')}\n`)
  }
  return digest
}
