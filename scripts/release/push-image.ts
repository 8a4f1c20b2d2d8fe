import { appendFileSync } from 'node:fs'
import { runProgram } from '../run-tool.ts'
import { imagePush } from './image-push.ts'

// `npm run release:push-image -- functions|engine`: what `release:images` built goes to the registry under IMAGE with the tag VERSION
// (and `latest` when STABLE), is signed without keys, and gets its bill of materials attached. Needs docker, cosign and syft, and
// a login; for a workflow's step it gives out the digest.

const [name = ''] = process.argv.slice(2)
for (const { program, args, output } of imagePush(name, process.env)) {
  const { code, stdout, output: all } = await runProgram(program, args)
  if (code !== 0) throw new Error(`${program} ${args[0] ?? ''} failed\n${all}`)
  if (output !== undefined && process.env.GITHUB_OUTPUT !== undefined) {
    appendFileSync(process.env.GITHUB_OUTPUT, `${output}=${stdout.trim().split('@').at(-1) ?? ''}\n`)
  }
  process.stdout.write(`ok ${program} ${args.join(' ')}\n`)
}
