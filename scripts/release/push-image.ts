import { appendFileSync } from 'node:fs'
import { runProgram } from '../run-tool.ts'
import { DIGEST, imagePush } from './image-push.ts'

// `npm run release:push-image -- functions|engine`: what `release:images` built goes to the registry under IMAGE with the tag VERSION
// (and `latest` when STABLE), is signed without keys, and gets its bill of materials attached. Needs docker, cosign and syft, and
// a login; for a workflow's step it gives out the digest.

const [name = ''] = process.argv.slice(2)
let digest = ''
for (const { program, args: planned, tells } of imagePush(name, process.env)) {
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
